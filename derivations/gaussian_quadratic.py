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

    d.start(Int(lambda x: pdf(p, x), p.sort[1]))
    d.to(1, mvn_moments, "the density integrates to one")
    normalised = d.qed("normalised", "the density integrates to one")
    d.start(E(p, lambda x: 1))
    d.to(
        Int(lambda x: pdf(p, x), p.sort[1]),
        unfolding("E"),
        "an expectation is an integral against the density",
    )
    d.to(1, normalised, "the density integrates to one")
    d.qed("total", "the expectation of one")
    d.start(E(p, lambda x: x))
    d.to(mu, mvn_moments, "the mean")
    d.qed("mean", "the mean")
    d.start(E(p, lambda x: (x - mu) @ (x - mu).T))
    d.to(sigma, mvn_moments, "the covariance")
    d.qed("covariance", "the covariance")

    d.start(E(p, lambda x: quad(x - mu, a)))
    d.to(E(p, lambda x: tr((x - mu).T @ a @ (x - mu))), algebra, "a number is the trace of itself")
    d.to(E(p, lambda x: tr(a @ (x - mu) @ (x - mu).T)), algebra, "the trace is cyclic: tr(BC) = tr(CB)")
    d.to(
        tr(a @ E(p, lambda x: (x - mu) @ (x - mu).T)),
        linearity,
        "the trace, and A, are linear: E passes inside",
    )
    d.to(tr(a @ sigma), mvn_moments, "E[(x - mu)(x - mu)'] is the covariance matrix")
    d.qed("main")
