"""Means over independent draws are unbiased: of the marginal, of a minibatch, of a gradient.

Sources: 000 eq. 1, 24-25; 001 eq. 1, 25-26; 002 question 2.
"""

from vaemath.derive import *


@derivation(
    "monte-carlo",
    title="Monte Carlo estimates are unbiased",
    sources=("000 eq. 1, 24", "001 eq. 1, 25", "002 question 2"),
)
def monte_carlo(d):
    m, n = d.dimension("m"), d.dimension("n")
    (prior,) = d.densities("prior")
    (likelihood,) = d.conditionals("likelihood")
    (x,) = d.points("x")

    draws = Indep(m, lambda i: prior)
    mean = E(prior, lambda z: pdf(likelihood(z), x))
    d.start(E(draws, lambda z: Sum(1, m, lambda i: pdf(likelihood(z[i]), x) / m)))
    d.to(
        Sum(1, m, lambda i: E(prior, lambda z: pdf(likelihood(z), x) / m)),
        independence,
        "the draws are independent",
    )
    d.to(Sum(1, m, lambda i: mean / m), linearity, "the expectation is linear")
    d.to(mean, algebra, "m equal summands")
    marginal = d.qed("expected", "the mean over m draws from the prior, on average")
    d.start(E(draws, lambda z: Sum(1, m, lambda i: pdf(likelihood(z[i]), x) / m)))
    d.to(mean, marginal, "unbiased")
    d.to(
        Int(lambda z: pdf(likelihood(z), x) * pdf(prior, z), POINT),
        unfolding("E"),
        "the expectation as an integral",
    )
    d.qed("main", "the Monte Carlo marginal is unbiased")

    (g,) = d.families("g")
    batch = Indep(m, lambda b: Categorical(n, lambda i: 1 / n))
    each = E(Categorical(n, lambda i: 1 / n), lambda i: g[i])
    d.start(E(batch, lambda i: Sum(1, m, lambda b: n / m * g[i[b]])))
    d.to(
        Sum(1, m, lambda b: E(Categorical(n, lambda i: 1 / n), lambda i: n / m * g[i])),
        independence,
        "the indices are independent",
    )
    d.to(Sum(1, m, lambda b: n / m * each), linearity, "the expectation is linear")
    d.to(n * each, algebra, "m equal summands")
    d.to(Sum(1, n, lambda i: g[i]), (as_integral, linear_sums), "each index has probability 1/n")
    minibatch = d.qed("minibatch", "n/m times the sum over a batch is, on average, the sum over all")

    (loss,) = d.functions("L", of=NAT, to=("fun", REAL, REAL))
    (t,) = d.reals("theta")
    slope = lambda i: D(lambda t: loss(i)(t), t)
    d.start(E(batch, lambda i: Sum(1, m, lambda b: n / m * slope(i[b]))))
    d.to(Sum(1, n, slope), instance(minibatch, g=lam(slope, NAT)), "the same with gradients")
    d.to(D(lambda t: Sum(1, n, lambda i: loss(i)(t)), t), differentiation, "the derivative of a sum")
    d.qed(
        "minibatch-gradient",
        "the scaled gradient of a batch is, on average, the gradient of the sum over all",
    )
