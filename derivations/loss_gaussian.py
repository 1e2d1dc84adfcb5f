"""The per-sample negative ELBO with a Gaussian decoder, with its constants and its 1/(2 s^2).

Sources: 000 eq. 22-26 and the line after 25; 001 eq. 23-27; 004 "We get a square error".
"""

from vaemath.derive import *


@derivation(
    "loss-gaussian",
    title="Negative ELBO with a Gaussian decoder",
    sources=("000 eq. 22-26", "001 eq. 23-27", "004 square error"),
)
def loss_gaussian(d):
    n, m = d.dimension("d"), d.dimension("D")
    x, mean, mu, v = d.families("x mean mu logvar")
    (s,) = d.positives("s")
    decoder = Indep(m, lambda k: Normal(mean[k], s))
    q = Indep(n, lambda j: Normal(mu[j], exp(v[j] / 2)))
    prior = Indep(n, lambda j: Normal(0, 1))
    regulariser = Sum(1, n, lambda j: half * (exp(v[j]) - 1 - v[j] + mu[j] ** 2))

    d.start(-log(pdf(decoder, x)))
    d.to(
        Sum(1, m, lambda k: (x[k] - mean[k]) ** 2 / (2 * s**2) + half * log(2 * pi * s**2)),
        (log_density, linear_sums),
        "the density is a product, its logarithm a sum",
    )
    d.to(
        Sum(1, m, lambda k: (x[k] - mean[k]) ** 2) / (2 * s**2) + m / 2 * log(2 * pi * s**2),
        multiplied_out,
        "the sum is linear",
    )
    reconstruction = d.qed(
        "reconstruction", "the negative log-likelihood is a scaled squared error plus a constant"
    )

    d.start(-log(pdf(decoder, x)) + KL(q, prior))
    d.to(
        Sum(1, m, lambda k: (x[k] - mean[k]) ** 2) / (2 * s**2) + m / 2 * log(2 * pi * s**2) + KL(q, prior),
        reconstruction,
        "the Gaussian decoder",
    )
    d.to(
        Sum(1, m, lambda k: (x[k] - mean[k]) ** 2) / (2 * s**2) + m / 2 * log(2 * pi * s**2) + regulariser,
        theorem("kl-normal-diag-standard", "logvar"),
        "the KL divergence to the prior, in log-variance",
    )
    d.qed("main")

    negative_elbo(d)


def negative_elbo(d):
    """The expectation of the loss over z ~ q is the negative ELBO."""
    (prior,) = d.densities("prior")
    likelihood, q = d.conditionals("likelihood q")
    (x,) = d.points("x")
    one_q = total_probability(q(x))
    d.start(E(q(x), lambda z: -log(pdf(likelihood(z), x)) + KL(q(x), prior)))
    d.to(
        -E(q(x), lambda z: log(pdf(likelihood(z), x))) + KL(q(x), prior) * E(q(x), lambda z: 1),
        linearity,
        "the expectation is linear; KL does not depend on z",
    )
    d.to(-(E(q(x), lambda z: log(pdf(likelihood(z), x))) - KL(q(x), prior)), one_q, "q integrates to one")
    d.qed("expected", "over z from the encoder, the loss is the negative ELBO on average")
