"""Bayes' rule and the theorem of total probability on finite spaces, from the table of joint probabilities.

Sources: 004 "Probability Concepts Required"; 003 "Let's look at the posterior term closer".
"""

from vaemath.derive import *


@derivation(
    "bayes",
    title="Bayes' rule and total probability",
    sources=("004 probability concepts", "003 Bayes"),
)
def bayes(d):
    rows, columns = d.dimension("M"), d.dimension("K")
    (joint,) = d.functions("joint", of=NAT, to=("fun", NAT, POSITIVE))
    i, j = (symbol(name, NAT) for name in "ij")
    p_x = lambda i: Sum(1, columns, lambda j: joint(i, j))
    p_y = lambda j: Sum(1, rows, lambda i: joint(i, j))
    x_given_y = lambda i, j: joint(i, j) / p_y(j)
    y_given_x = lambda i, j: joint(i, j) / p_x(i)

    d.start(p_x(i))
    d.to(Sum(1, columns, lambda j: x_given_y(i, j) * p_y(j)), algebra, "p(x, y) = p(x|y) p(y)")
    total = d.qed("total-probability", "the theorem of total probability")

    d.start(x_given_y(i, j))
    d.to(y_given_x(i, j) * p_x(i) / p_y(j), algebra, "both are p(x, y) / p(y)")
    d.qed("main", "Bayes' rule")

    d.start(y_given_x(i, j))
    d.to(x_given_y(i, j) * p_y(j) / p_x(i), algebra, "both are p(x, y) / p(x)")
    d.to(
        x_given_y(i, j) * p_y(j) / Sum(1, columns, lambda j: x_given_y(i, j) * p_y(j)),
        total,
        "the denominator by total probability",
    )
    d.qed("posterior", "the posterior probability")

    d.start(Sum(1, columns, lambda j: y_given_x(i, j)))
    d.to(Sum(1, columns, lambda j: joint(i, j)) / p_x(i), linear_sums, "p(x) does not depend on y")
    d.to(1, algebra, "cancel")
    d.qed("normalised", "the posterior probabilities add up to one")
