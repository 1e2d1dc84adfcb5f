"""The per-sample negative ELBO with a Bernoulli decoder given by logits.

Sources: Kingma & Welling (2013), appendix C.1; the regulariser as 000 eq. 22.
"""

from vaemath.derive import *


@derivation(
    "loss-bernoulli",
    title="Negative ELBO with a Bernoulli decoder",
    sources=("Kingma & Welling (2013), appendix C.1", "000 eq. 22"),
)
def loss_bernoulli(d):
    n, m = d.dimension("d"), d.dimension("D")
    mu, v, logit = d.families("mu logvar l")
    (x,) = d.functions("x", of=NAT, to=BIT)
    (u,) = d.reals("u")
    decoder = Indep(m, lambda k: Bernoulli(special("sigmoid", logit[k])))
    q = Indep(n, lambda j: Normal(mu[j], exp(v[j] / 2)))
    prior = Indep(n, lambda j: Normal(0, 1))

    d.start(special("sigmoid", u))
    d.to(exp(u - special("softplus", u)), functions, "both are e^u / (1 + e^u)")
    success = d.qed("success", "the probability of one")
    d.start(1 - special("sigmoid", u))
    d.to(exp(-special("softplus", u)), functions, "both are 1 / (1 + e^u)")
    failure = d.qed("failure", "the probability of zero")
    possible = rules.transitivity(rules.signed(term=exp(-special("softplus", u))), rules.symmetry(failure))

    d.start(-log(pdf(decoder, x)))
    d.to(
        -log(
            Prod(
                1,
                m,
                lambda k: exp(
                    x[k] * log(special("sigmoid", logit[k]))
                    + (1 - x[k]) * log(1 - special("sigmoid", logit[k]))
                ),
            )
        ),
        log_density,
        "the pixels are independent",
    )
    d.to(
        -log(
            Prod(
                1,
                m,
                lambda k: exp(
                    x[k] * log(exp(logit[k] - special("softplus", logit[k])))
                    + (1 - x[k]) * log(exp(-special("softplus", logit[k])))
                ),
            )
        ),
        (failure, success),
        "both probabilities through softplus",
    )
    d.to(
        Sum(1, m, lambda k: special("softplus", logit[k]) - x[k] * logit[k]),
        linear_sums,
        "the logarithm of the product is a sum",
    )
    reconstruction = d.qed("reconstruction", "the negative log-likelihood, in logits", using=[possible])

    d.start(-log(pdf(decoder, x)) + KL(q, prior))
    d.to(
        Sum(1, m, lambda k: special("softplus", logit[k]) - x[k] * logit[k]) + KL(q, prior),
        reconstruction,
        "the Bernoulli decoder",
    )
    d.to(
        Sum(1, m, lambda k: special("softplus", logit[k]) - x[k] * logit[k])
        + Sum(1, n, lambda j: half * (exp(v[j]) - 1 - v[j] + mu[j] ** 2)),
        theorem("kl-normal-diag-standard", "logvar"),
        "the KL divergence to the prior, in log-variance",
    )
    d.qed("main", using=[possible])
