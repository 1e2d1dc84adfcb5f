"""The ELBO is a lower bound of log p(x), tight exactly at the posterior.

Sources: 000 eq. 11, definition 1; 001 eq. 12; 002 question 3 (d); 003 "Evidence Lower Bound".
"""

from vaemath.derive import *


@derivation(
    "elbo-bound",
    title="The evidence lower bound",
    sources=("000 eq. 11", "001 eq. 12", "002 3(d)", "003 ELBO"),
)
def elbo_bound(d):
    decomposition = theorem("elbo-decomposition")
    posterior_normalised = theorem("elbo-decomposition", "posterior-normalised")
    names = {s.data[0]: s for s in decomposition.statement.free}
    x, prior, evidence = names["x"], names["prior"], names["evidence"]
    likelihood, q, posterior = names["likelihood"], names["q"], names["posterior"]
    elbo = lambda q: E(q(x), lambda z: log(pdf(likelihood(z), x))) - KL(q(x), prior)

    nonnegative = instance(theorem("gibbs"), q=q(x), p=posterior(x))
    bound = rules.rearrange(
        nonnegative, statement=le(elbo(q), elbo(q) + KL(q(x), posterior(x))), factors=(Rational(1),)
    )
    d.start(elbo(q))
    d.at_most(elbo(q) + KL(q(x), posterior(x)), bound, "a KL divergence is nonnegative")
    d.to(log(pdf(evidence, x)), flip(decomposition), "the decomposition of log p(x)")
    d.qed("main", using=[posterior_normalised])

    d.start(elbo(posterior))
    d.to(
        elbo(posterior) + KL(posterior(x), posterior(x)),
        instance(theorem("gibbs", "self"), q=posterior(x)),
        "KL(p || p) = 0",
    )
    d.to(
        log(pdf(evidence, x)),
        flip(instance(decomposition, q=posterior)),
        "the decomposition at q = the posterior",
    )
    d.qed("tight", "it is tight when q is the posterior", using=[posterior_normalised])

    equal = assuming(eq(elbo(q), log(pdf(evidence, x))))
    no_gap = rules.rearrange(
        equal,
        decomposition,
        statement=eq(KL(q(x), posterior(x)), 0),
        factors=(Rational(-1), Rational(-1)),
    )
    agreement = instance(theorem("gibbs", "equality"), q=q(x), p=posterior(x))
    d.record(
        "only-posterior",
        rules.cut(agreement, no_gap, names=()),
        title="it is tight only when q is the posterior, almost everywhere",
        reason="the gap is KL(q || p(z|x)), which vanishes only there",
        using=[posterior_normalised],
    )
