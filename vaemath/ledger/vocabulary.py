"""The symbols that the documents share, and the densities built from them."""

from __future__ import annotations

from vaemath.core.terms import NAT, POINT, POSITIVE, REAL, Term, make
from vaemath.terms.build import (
    KL,
    Categorical,
    Density,
    E,
    Indep,
    Int,
    Normal,
    lam,
    log,
    pdf,
    symbol,
    symbols,
)

x, z = symbols("x z", POINT)
prior, evidence = symbols("prior evidence", ("dist", POINT))
likelihood, q, posterior = symbols("likelihood q posterior", ("fun", POINT, ("dist", POINT)))
d, n, m, k, dim = symbols("d n m k D", NAT)  # dim: the dimension of x
mu, logvar = symbols("mu logvar", ("fun", NAT, REAL))
sigma = symbol("sigma", ("fun", NAT, POSITIVE))


def joint(x: Term, z: Term) -> Term:
    """p(x, z) = p(x|z) p(z)."""
    return pdf(likelihood(z), x) * pdf(prior, z)


marginal = Density(lambda x: Int(lambda z: joint(x, z), POINT))
bayes = lam(lambda x: Density(lambda z: joint(x, z) / pdf(evidence, x)), POINT)
evidence_is = make("def", (evidence, marginal))
posterior_is = make("def", (posterior, bayes))
model = (evidence_is, posterior_is)  # what p(x) and p(z|x) mean, for evaluation


def elbo(q: Term = q, x: Term = x, likelihood: Term = likelihood) -> Term:
    """E_q log p(x|z) - KL(q(z|x) || p(z))."""
    return E(q(x), lambda z: log(pdf(likelihood(z), x))) - KL(q(x), prior)


encoder = Indep(d, lambda j: Normal(mu[j], sigma[j]))
standard = Indep(d, lambda j: Normal(0, 1))


def table(p: Term) -> Term:
    """The distribution on 1..k with probabilities p[1], ..., p[k]."""
    return Categorical(k, lambda j: p[j])
