# ruff: noqa: F403, F405
from vaemath.derive import *


@derivation("homework-kl", title="KL between a normal and the standard normal")
def homework(d):
    (mu,), (sigma,) = d.reals("mu"), d.positives("sigma")
    p, q = Normal(mu, sigma), Normal(0, 1)
    total, second, variance = theorems("gaussian-moments", "total", "main", "variance")

    d.start(KL(p, q))
    d.to(E(p, lambda x: log(pdf(p, x)) - log(pdf(q, x))), definition, "KL is the expected log-ratio")
    d.to(
        E(p, lambda x: -log(sigma) - (x - mu) ** 2 / (2 * sigma**2) - x**2 / 2),
        log_density,
        "the densities of p and q",
    )
    d.to(
        -log(sigma) * E(p, lambda x: 1)
        - E(p, lambda x: (x - mu) ** 2) / (2 * sigma**2)
        - E(p, lambda x: x**2) / 2,
        linearity,
        "the expectation is linear",
    )
    d.to(
        -log(sigma) - sigma / 2 - E(p, lambda x: x**2) / 2,
        (total, variance),
        "total probability and variance",
    )
    d.to(-log(sigma) - sigma / 2 - mu**2 / 2, second, "the second moment of p")
    d.qed("main")
