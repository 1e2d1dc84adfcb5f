"""Two routes to the ELBO, the gap of Jensen's inequality, the bound for a data set, and steps that are sure.

Sources: 000 eq. 8-13; 001 eq. 8-14; 003 "Evidence Lower Bound"; 004 "Derivation of loss function".
"""

from vaemath.derive import *


@derivation(
    "elbo-routes",
    title="Two routes to the ELBO, and what follows",
    sources=("000 eq. 8-13", "001 eq. 8-14", "003 ELBO", "004 derivation of the loss function"),
)
def elbo_routes(d):
    decomposition, bound = theorem("elbo-decomposition"), theorem("elbo-bound")
    names = {s.data[0]: s for s in bound.statement.free | decomposition.statement.free}
    x, prior, evidence = names["x"], names["prior"], names["evidence"]
    likelihood, q, posterior = names["likelihood"], names["q"], names["posterior"]
    evidence_is = theorem("elbo-decomposition", "evidence")
    joint = lambda z: pdf(likelihood(z), x) * pdf(prior, z)
    elbo = lambda q: E(q(x), lambda z: log(pdf(likelihood(z), x))) - KL(q(x), prior)
    weighted = E(q(x), lambda z: log(joint(z) / pdf(q(x), z)))

    # route one: Jensen's inequality on log E_q[p(x, z) / q]
    jensen = instance(theorem("jensen-log"), q=q(x), f=lam(lambda z: joint(z) / pdf(q(x), z), POINT))
    d.start(log(pdf(evidence, x)))
    d.to(log(Int(joint, POINT)), evidence_is, "the marginal of the joint density")
    d.to(log(E(q(x), lambda z: joint(z) / pdf(q(x), z))), unfolding("E"), "multiply and divide by q")
    ratio = lambda z: joint(z) / pdf(q(x), z)
    positive = rules.transitivity(rules.signed(term=pdf(evidence, x)), evidence_is)
    same_integral = rules.algebra(left=Int(joint, POINT), right=Int(lambda z: pdf(q(x), z) * ratio(z), POINT))
    positive_ratio = rules.transitivity(positive, same_integral)
    as_mean = flip(rules.definition(term=E(q(x), ratio)))
    known = [positive, positive_ratio, rules.transitivity(positive_ratio, as_mean)]
    inside = d.qed("weighted", "log p(x) is the logarithm of an expectation under q", using=known)
    d.record(
        "jensen",
        rules.rearrange(
            jensen, inside, statement=le(weighted, log(pdf(evidence, x))), factors=(Rational(1), Rational(-1))
        ),
        title="E log is at most log E: the first route to the bound",
        reason="Jensen's inequality",
        using=known,
    )

    # route two: KL(q || p(z|x)) taken apart; both give the same bound
    d.start(weighted)
    d.to(
        E(q(x), lambda z: log(pdf(likelihood(z), x)) - (log(pdf(q(x), z)) - log(pdf(prior, z)))),
        algebra,
        "the logarithm of a product",
    )
    d.to(elbo(q), (definition, multiplied_out), "the expectation is linear")
    same = d.qed("same", "both routes give the same bound")
    d.record(
        "gap",
        rules.rearrange(
            decomposition,
            same,
            statement=eq(log(pdf(evidence, x)) - weighted, KL(q(x), posterior(x))),
            factors=(Rational(1), Rational(-1)),
        ),
        title="the gap that Jensen's inequality leaves is KL(q || p(z|x))",
        reason="the decomposition of log p(x)",
    )

    # two densities q compared: the ELBO rises exactly as the gap falls
    (other,) = d.conditionals("r")
    second = instance(decomposition, q=other)
    better = assuming(le(elbo(q), elbo(other)))
    d.record(
        "smaller-gap",
        rules.rearrange(
            better,
            decomposition,
            second,
            statement=le(KL(other(x), posterior(x)), KL(q(x), posterior(x))),
            factors=(Rational(1), Rational(1), Rational(-1)),
        ),
        title="the density with the greater ELBO has the smaller gap",
        reason="log p(x) does not depend on it",
    )

    data_set(d, bound, names)


def data_set(d, bound, names):
    """The amortised bound for a data set of n samples."""
    n = d.dimension("n")
    (data,) = d.functions("data", of=NAT, to=POINT)
    i = symbol("i", NAT)
    prior, evidence = names["prior"], names["evidence"]
    likelihood, q = names["likelihood"], names["q"]
    elbo = lambda i: E(q(data[i]), lambda z: log(pdf(likelihood(z), data[i]))) - KL(q(data[i]), prior)
    uniform = Categorical(n, lambda i: 1 / n)
    one_sample = instance(bound, x=data[i])
    on_average = rules.monotone(one_sample, density=uniform, variable=i)
    d.start(E(uniform, elbo))
    d.to(Sum(1, n, elbo) / n, (as_integral_of_uniform, linear_sums), "a mean over the samples")
    left = d.qed("mean-elbo", "the mean of the bounds")
    d.start(E(uniform, lambda i: log(pdf(evidence, data[i]))))
    d.to(
        Sum(1, n, lambda i: log(pdf(evidence, data[i]))) / n,
        (as_integral_of_uniform, linear_sums),
        "a mean over the samples",
    )
    right = d.qed("mean-evidence", "the mean of the log-evidences")
    d.record(
        "data-set",
        rules.rearrange(
            on_average,
            left,
            right,
            statement=le(Sum(1, n, elbo), Sum(1, n, lambda i: log(pdf(evidence, data[i])))),
            factors=(n, -n, n),
        ),
        title="the amortised bound for a data set",
        reason="the bound for each sample, added up",
    )


def as_integral_of_uniform(t):
    """Only the expectation over the index is written as a sum."""
    from vaemath.proof.tactics import everywhere

    def local(t):
        if t.head == "E" and t.args[0].head == "categorical":
            return rules.definition(term=t)
        return rules.definition(term=t) if t.head == "pdf" and t.args[0].head == "categorical" else None

    return everywhere(local)(t)
