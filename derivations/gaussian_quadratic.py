"""The trace trick: the expectation of a quadratic form under a multivariate normal.

Sources: 004 "Trace" and "Trace and Expectation trick" a)-d).
"""

from vaemath.derive import *


@derivation(
    "gaussian-quadratic",
    title="Expectation of a quadratic form under a multivariate normal",
    sources=("004 trace and expectation trick",),
)
def gaussian_quadratic(d):
    n = d.dimension("n")
    (mu,), (a,), (sigma,) = d.vectors("mu", n), d.matrices("A", n), d.covariances("Sigma", n)
    p = MvNormal(mu, sigma)

    standard = Indep(n, lambda j: Normal(0, 1))
    factor = chol(sigma)
    z_vector = lambda z: vec(n, lambda j: z[j])
    normalised = theorem("gaussian-moments", "normalised")
    mean_zero = instance(theorem("gaussian-moments", "mean"), mu=0, sigma=1)
    square_one = instance(theorem("gaussian-moments", "main"), mu=0, sigma=1)

    d.start(E(p, lambda x: 1))
    d.to(E(standard, lambda z: 1), whitening, "x = mu + L z with L L' = Sigma and z standard normal")
    d.to(1, independence, "each coordinate's density integrates to one")
    total = d.qed("total", "the expectation of one", using=[normalised])

    d.start(Int(lambda x: pdf(p, x), p.sort[1]))
    d.to(E(p, lambda x: 1), unfolding("E"), "an expectation is an integral against the density")
    d.to(1, total, "the expectation of one")
    d.qed("normalised", "the density integrates to one")

    d.start(E(p, lambda x: x))
    d.to(E(standard, lambda z: mu + factor @ z_vector(z)), whitening, "x = mu + L z")
    d.to(
        E(standard, lambda z: 1) * mu + factor @ E(standard, lambda z: z_vector(z)),
        linearity,
        "the expectation is linear, and passes constant matrices",
    )
    d.to(
        mu + factor @ vec(n, lambda j: E(Normal(0, 1), lambda y: y)),
        independence,
        "coordinate by coordinate",
    )
    d.to(mu, mean_zero, "a standard normal has mean zero")
    d.qed("mean", "the mean", using=[normalised])

    d.start(E(p, lambda x: (x - mu) @ (x - mu).T))
    d.to(E(standard, lambda z: factor @ z_vector(z) @ z_vector(z).T @ factor.T), whitening, "x - mu = L z")
    d.to(
        factor @ E(standard, lambda z: z_vector(z) @ z_vector(z).T) @ factor.T,
        linearity,
        "the expectation passes constant matrices",
    )
    d.to(
        factor @ diagm(n, lambda j: E(Normal(0, 1), lambda y: y**2)) @ factor.T,
        uncorrelated(mean_zero),
        "E[z_i z_j] = E[z_i] E[z_j] = 0 off the diagonal",
    )
    d.to(factor @ factor.T, square_one, "a standard normal has second moment one")
    d.to(sigma, algebra, "L L' = Sigma")
    covariance = d.qed("covariance", "the covariance", using=[normalised])

    d.start(E(p, lambda x: quad(x - mu, a)))
    d.to(E(p, lambda x: tr((x - mu).T @ a @ (x - mu))), algebra, "a number is the trace of itself")
    d.to(E(p, lambda x: tr(a @ (x - mu) @ (x - mu).T)), algebra, "the trace is cyclic: tr(BC) = tr(CB)")
    d.to(
        tr(a @ E(p, lambda x: (x - mu) @ (x - mu).T)),
        linearity,
        "the trace, and A, are linear: E passes inside",
    )
    d.to(tr(a @ sigma), covariance, "E[(x - mu)(x - mu)'] is the covariance matrix")
    d.qed("main")
