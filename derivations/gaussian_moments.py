"""The first moments of a univariate normal, by real integration.

Sources: 000 eq. 19 (the J_1 split), 001 eq. 20, 003 "the third expectation".
"""

from vaemath.derive import *


@derivation(
    "gaussian-moments",
    title="Moments of the normal distribution",
    sources=("000 eq. 19", "001 eq. 20", "003 third expectation"),
)
def gaussian_moments(d):
    (mu,), (sigma,) = d.reals("mu"), d.positives("sigma")
    q = Normal(mu, sigma)

    d.start(Int(lambda z: pdf(q, z)))
    d.to(
        Int(lambda z: exp(-((z - mu) ** 2) / (2 * sigma**2)) / (sqrt(2 * pi) * sigma)),
        log_density,
        "the density of N(mu, sigma^2)",
    )
    d.to(1, integration, "the Gaussian integral")
    normalised = d.qed("normalised", "the density integrates to one")

    d.start(E(q, lambda z: 1))
    d.to(Int(lambda z: pdf(q, z)), unfolding("E"), "an expectation is an integral against the density")
    d.to(1, normalised, "the density integrates to one")
    total = d.qed("total", "the expectation of one")

    d.start(E(q, lambda z: z))
    d.to(Int(lambda z: pdf(q, z) * z), unfolding("E"), "an expectation is an integral against the density")
    d.to(mu, integration, "integrate")
    mean = d.qed("mean", "the mean")

    d.start(E(q, lambda z: (z - mu) ** 2))
    d.to(
        Int(lambda z: pdf(q, z) * (z - mu) ** 2),
        unfolding("E"),
        "an expectation is an integral against the density",
    )
    d.to(sigma**2, integration, "integrate")
    variance = d.qed("variance", "the variance")

    d.start(E(q, lambda z: z**2))
    d.to(E(q, lambda z: (z - mu) ** 2 + 2 * mu * z - mu**2), algebra, "z^2 = (z - mu)^2 + 2 mu z - mu^2")
    d.to(
        E(q, lambda z: (z - mu) ** 2) + 2 * mu * E(q, lambda z: z) - mu**2 * E(q, lambda z: 1),
        linearity,
        "the expectation is linear",
    )
    d.to(sigma**2 + 2 * mu * mu - mu**2 * 1, (variance, mean, total), "variance, mean and total probability")
    d.to(sigma**2 + mu**2, algebra, "collect")
    d.qed("main", "the second moment")
