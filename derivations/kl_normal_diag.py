"""The KL divergence between d independent normals, from the density of the product, for symbolic d.

Sources: 000 eq. 15-22, 001 eq. 16-23.
"""

from vaemath.derive import *


@derivation(
    "kl-normal-diag",
    title="KL divergence between diagonal normal distributions",
    sources=("000 eq. 15-22", "001 eq. 16-23"),
)
def kl_normal_diag(d):
    n = d.dimension("d")
    mu_1, mu_2 = d.families("mu_1 mu_2")
    sigma_1, sigma_2 = d.positive_families("sigma_1 sigma_2")
    p = Indep(n, lambda j: Normal(mu_1[j], sigma_1[j]))
    q = Indep(n, lambda j: Normal(mu_2[j], sigma_2[j]))
    normalised = theorem("gaussian-moments", "normalised")

    def log_ratio(x, j):
        return (
            log(sigma_2[j] / sigma_1[j])
            + (x - mu_2[j]) ** 2 / (2 * sigma_2[j] ** 2)
            - (x - mu_1[j]) ** 2 / (2 * sigma_1[j] ** 2)
        )

    d.start(KL(p, q))
    d.to(E(p, lambda z: log(pdf(p, z)) - log(pdf(q, z))), definition, "KL is the expected log-ratio")
    d.to(
        E(p, lambda z: Sum(1, n, lambda j: log_ratio(z[j], j))),
        (log_density, linear_sums),
        "the densities are products, their logarithms sums",
    )
    d.to(
        Sum(1, n, lambda j: E(Normal(mu_1[j], sigma_1[j]), lambda x: log_ratio(x, j))),
        independence,
        "the coordinates are independent",
    )
    d.to(
        Sum(1, n, lambda j: KL(Normal(mu_1[j], sigma_1[j]), Normal(mu_2[j], sigma_2[j]))),
        (definition, log_density),
        "each summand is the KL divergence of one coordinate",
    )
    d.to(
        Sum(
            1,
            n,
            lambda j: (
                log(sigma_2[j] / sigma_1[j])
                + (sigma_1[j] ** 2 + (mu_1[j] - mu_2[j]) ** 2) / (2 * sigma_2[j] ** 2)
                - half
            ),
        ),
        theorem("kl-normal"),
        "the univariate formula, coordinate by coordinate",
    )
    d.qed("main", using=[normalised])
