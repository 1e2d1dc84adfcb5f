"""The evidence lower bound: how log p(x) splits for any density q.

Sources: 000 eq. 9-10; 001 eq. 9-11; 003 "Evidence Lower Bound"; 004 "Derivation of loss function".
"""

from vaemath.derive import *


@derivation(
    "elbo-decomposition",
    title="Decomposition of the log-evidence",
    sources=("000 eq. 9-10", "001 eq. 9-11", "003 ELBO", "004 derivation of the loss function"),
)
def elbo_decomposition(d):
    (prior,) = d.densities("prior")
    likelihood, q = d.conditionals("likelihood q")
    x, _ = d.points("x z")
    (evidence,) = d.densities("evidence")
    (posterior,) = d.conditionals("posterior")

    joint = lambda x, z: pdf(likelihood(z), x) * pdf(prior, z)
    marginal = Density(lambda x: Int(lambda z: joint(x, z), POINT))
    bayes = lam(lambda x: Density(lambda z: joint(x, z) / pdf(evidence, x)), POINT)
    marginal_is = meaning(evidence, marginal)
    posterior_is = meaning(posterior, bayes, x)
    one_q = total_probability(q(x))
    values = unfolding("pdf")

    d.start(pdf(evidence, x))
    d.to(Int(lambda z: joint(x, z), POINT), (marginal_is, values), "the marginal of the joint density")
    evidence_is = d.qed("evidence", "the evidence p(x)")

    d.start(Int(lambda z: pdf(posterior(x), z), POINT))
    d.to(
        Int(lambda z: joint(x, z) / pdf(evidence, x), POINT),
        (posterior_is, values),
        "the posterior, by Bayes' rule",
    )
    d.to(Int(lambda z: joint(x, z), POINT) / pdf(evidence, x), linearity, "p(x) does not depend on z")
    d.to(pdf(evidence, x) / pdf(evidence, x), flip(evidence_is), "p(x) is the integral of the joint density")
    d.to(1, algebra, "cancel")
    d.qed(
        "posterior-normalised",
        "the posterior integrates to one",
        using=[rewritten(posterior_is, evidence_is)],
    )

    elbo = E(q(x), lambda z: log(pdf(likelihood(z), x))) - KL(q(x), prior)
    d.start(log(pdf(evidence, x)))
    d.to(
        E(q(x), lambda z: log(pdf(evidence, x))),
        (linearity, one_q),
        "log p(x) is constant in z, and q integrates to one",
    )
    d.to(
        E(q(x), lambda z: log(joint(x, z) / pdf(posterior(x), z))),
        (posterior_is, values),
        "p(x) = p(x, z) / p(z|x)",
    )
    d.to(
        E(q(x), lambda z: log(joint(x, z) / pdf(q(x), z) * (pdf(q(x), z) / pdf(posterior(x), z)))),
        algebra,
        "multiply and divide by q",
    )
    d.to(
        E(
            q(x),
            lambda z: (
                log(pdf(likelihood(z), x))
                - (log(pdf(q(x), z)) - log(pdf(prior, z)))
                + (log(pdf(q(x), z)) - log(pdf(posterior(x), z)))
            ),
        ),
        algebra,
        "the logarithm of a product",
    )
    d.to(
        E(q(x), lambda z: log(pdf(likelihood(z), x)))
        - E(q(x), lambda z: log(pdf(q(x), z)) - log(pdf(prior, z)))
        + E(q(x), lambda z: log(pdf(q(x), z)) - log(pdf(posterior(x), z))),
        multiplied_out,
        "the expectation is linear",
    )
    d.to(elbo + KL(q(x), posterior(x)), definition, "each is a KL divergence")
    d.qed("main")
