"""The integral I_2: the expected log-density of N(0, I) under d independent normals.

Sources: 000 eq. 17-20; 001 eq. 18-21.
"""

from vaemath.derive import *


@derivation(
    "normal-cross-entropy",
    title="Cross-entropy of d independent normals against the standard normal",
    sources=("000 eq. 20", "001 eq. 21"),
)
def normal_cross_entropy(d):
    n = d.dimension("d")
    (mu,), (sigma,) = d.families("mu"), d.positive_families("sigma")
    q = Indep(n, lambda j: Normal(mu[j], sigma[j]))
    p = Indep(n, lambda j: Normal(0, 1))
    normalised = theorem("gaussian-moments", "normalised")
    total, second = theorems("gaussian-moments", "total", "main")

    d.start(E(q, lambda z: log(pdf(p, z))))
    d.to(
        E(q, lambda z: Sum(1, n, lambda j: -half * log(2 * pi) - z[j] ** 2 / 2)),
        log_density,
        "the density is a product, its logarithm a sum",
    )
    d.to(
        Sum(1, n, lambda j: E(Normal(mu[j], sigma[j]), lambda y: -half * log(2 * pi) - y**2 / 2)),
        independence,
        "the coordinates are independent",
    )
    d.to(
        Sum(1, n, lambda j: -half * log(2 * pi) - (sigma[j] ** 2 + mu[j] ** 2) / 2),
        (multiplied_out, second, total, multiplied_out),
        "the expectation is linear; the second moment of each coordinate",
    )
    d.to(
        -n / 2 * log(2 * pi) - half * Sum(1, n, lambda j: sigma[j] ** 2 + mu[j] ** 2),
        multiplied_out,
        "the sum is linear",
    )
    i_2 = d.qed("main", "I_2, the expected log-density", using=[normalised])

    d.start(CE(q, p))
    d.to(E(q, lambda z: -log(pdf(p, z))), definition, "cross-entropy is the expected negative log-density")
    d.to(-E(q, lambda z: log(pdf(p, z))), linearity, "the expectation is linear")
    d.to(
        n / 2 * log(2 * pi) + half * Sum(1, n, lambda j: sigma[j] ** 2 + mu[j] ** 2),
        i_2,
        "the value of I_2",
    )
    d.qed("cross-entropy", "the cross-entropy")
