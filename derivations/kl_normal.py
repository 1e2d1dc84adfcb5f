"""The KL divergence between two univariate normals.

Sources: 000 eq. 15-22 and 001 eq. 16-23 (against the standard normal); 003 "Analytical KL divergence";
Kingma & Welling (2013), appendix B.
"""

from vaemath.derive import *


@derivation(
    "kl-normal",
    title="KL divergence between two normal distributions",
    sources=("000 eq. 15-22", "001 eq. 16-23", "003 analytical KL", "Kingma & Welling (2013), appendix B"),
)
def kl_normal(d):
    mu_1, mu_2 = d.reals("mu_1 mu_2")
    sigma_1, sigma_2 = d.positives("sigma_1 sigma_2")
    p, q = Normal(mu_1, sigma_1), Normal(mu_2, sigma_2)
    moments = theorems("gaussian-moments", "total", "mean", "main")

    d.start(KL(p, q))
    d.to(E(p, lambda x: log(pdf(p, x)) - log(pdf(q, x))), definition, "KL is the expected log-ratio")
    d.to(
        E(
            p,
            lambda x: (
                log(sigma_2 / sigma_1)
                + (x - mu_2) ** 2 / (2 * sigma_2**2)
                - (x - mu_1) ** 2 / (2 * sigma_1**2)
            ),
        ),
        log_density,
        "the densities of p and q",
    )
    d.to(
        log(sigma_2 / sigma_1) * E(p, lambda x: 1)
        + E(p, lambda x: (x - mu_2) ** 2) / (2 * sigma_2**2)
        - E(p, lambda x: (x - mu_1) ** 2) / (2 * sigma_1**2),
        linearity,
        "the expectation is linear",
    )
    d.to(
        log(sigma_2 / sigma_1)
        + (sigma_1**2 + (mu_1 - mu_2) ** 2) / (2 * sigma_2**2)
        - sigma_1**2 / (2 * sigma_1**2),
        (multiplied_out, *moments),
        "the first two moments of p",
    )
    d.to(
        log(sigma_2 / sigma_1) + (sigma_1**2 + (mu_1 - mu_2) ** 2) / (2 * sigma_2**2) - half,
        algebra,
        "cancel",
    )
    d.qed("main")
