"""The logarithm keeps the order of positive numbers, so that a maximum of log f is one of f.

Sources: 000 after eq. 3, eq. 5; 001 likewise; 002 question 1 (surprise).
"""

from vaemath.derive import *


@derivation(
    "log-order",
    title="The logarithm is increasing",
    sources=("000 after eq. 3", "000 eq. 5", "001 after eq. 3", "002 question 1"),
)
def log_order(d):
    a, b = d.positives("a b")

    smaller = assuming(le(a, b))
    tangent = rules.log_tangent(term=a / b)
    increasing = d.record(
        "main",
        rules.rearrange(tangent, smaller, statement=le(log(a), log(b)), factors=(Rational(1), 1 / b)),
        title="if a <= b then log a <= log b",
        reason="log(a/b) <= a/b - 1 <= 0",
    )

    lower = assuming(le(log(a), log(b)))
    tangent = rules.log_tangent(term=b / a)
    d.record(
        "converse",
        rules.rearrange(tangent, lower, statement=le(a, b), factors=(a, a)),
        title="if log a <= log b then a <= b",
        reason="0 <= log(b/a) <= b/a - 1",
    )

    at_most_one = assuming(le(a, 1))
    d.record(
        "surprise-nonnegative",
        rules.rearrange(
            rules.log_tangent(term=a),
            at_most_one,
            statement=le(0, -log(a)),
            factors=(Rational(1), Rational(1)),
        ),
        title="the surprise of a probability is nonnegative",
        reason="log a <= a - 1 <= 0",
    )
    d.record(
        "surprise-bound",
        rules.rearrange(
            rules.log_tangent(term=1 / a), statement=le(-log(a), 1 / a - 1), factors=(Rational(1),)
        ),
        title="the surprise is at most 1/p - 1, which goes to 0 with p to 1",
        reason="log u <= u - 1 at u = 1/p",
    )
    (m,) = d.reals("m")
    rare = instance(increasing, b=exp(-m))
    d.record(
        "surprise-grows",
        rules.rearrange(rare, statement=le(m, -log(a)), factors=(Rational(1),)),
        title="a probability of at most exp(-m) has a surprise of at least m",
        reason="the logarithm is increasing",
    )
