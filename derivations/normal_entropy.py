"""The integral I_1: the expected log-density of d independent normals under itself (minus the entropy).

Sources: 000 eq. 15, 21; 001 eq. 16, 22.
"""

from vaemath.derive import *


@derivation(
    "normal-entropy",
    title="Entropy of d independent normals",
    sources=("000 eq. 21", "001 eq. 22"),
)
def normal_entropy(d):
    n = d.dimension("d")
    (mu,), (sigma,) = d.families("mu"), d.positive_families("sigma")
    q = Indep(n, lambda j: Normal(mu[j], sigma[j]))
    normalised = theorem("gaussian-moments", "normalised")
    total, variance = theorems("gaussian-moments", "total", "variance")

    d.start(E(q, lambda z: log(pdf(q, z))))
    d.to(
        E(
            q,
            lambda z: Sum(
                1,
                n,
                lambda j: -half * log(2 * pi) - log(sigma[j]) - (z[j] - mu[j]) ** 2 / (2 * sigma[j] ** 2),
            ),
        ),
        log_density,
        "the density is a product, its logarithm a sum",
    )
    d.to(
        Sum(
            1,
            n,
            lambda j: E(
                Normal(mu[j], sigma[j]),
                lambda y: -half * log(2 * pi) - log(sigma[j]) - (y - mu[j]) ** 2 / (2 * sigma[j] ** 2),
            ),
        ),
        independence,
        "the coordinates are independent",
    )
    d.to(
        Sum(1, n, lambda j: -half * log(2 * pi) - log(sigma[j]) - half),
        (linearity, variance, total),
        "the expectation is linear; variance and total probability",
    )
    d.to(
        -n / 2 * log(2 * pi) - half * Sum(1, n, lambda j: 1 + log(sigma[j] ** 2)),
        multiplied_out,
        "the sum is linear; 2 log sigma = log sigma^2",
    )
    i_1 = d.qed("main", "I_1, the expected log-density", using=[normalised])

    d.start(H(q))
    d.to(E(q, lambda z: -log(pdf(q, z))), definition, "entropy is the expected negative log-density")
    d.to(-E(q, lambda z: log(pdf(q, z))), linearity, "the expectation is linear")
    d.to(
        n / 2 * log(2 * pi) + half * Sum(1, n, lambda j: 1 + log(sigma[j] ** 2)),
        i_1,
        "the value of I_1",
    )
    d.qed("entropy", "the entropy")
