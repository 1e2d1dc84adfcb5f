"""Surprise, entropy, cross-entropy and KL divergence of distributions on 1..k, as sums.

Sources: 000 eq. 27, 30; 001 eq. 29, 32; 002 question 1; 004 "KL-Divergence".
"""

from vaemath.derive import *


@derivation(
    "finite-kl",
    title="Entropy, cross-entropy and KL divergence of finite distributions",
    sources=("000 eq. 27, 30", "001 eq. 29, 32", "002 question 1", "004 KL divergence"),
)
def finite_kl(d):
    k = d.dimension("k")
    p, q = d.positive_families("p q")
    first, second = Categorical(k, lambda j: p[j]), Categorical(k, lambda j: q[j])
    j = symbol("j", NAT)
    as_sum = unfolding("E", "pdf", "KL", "CE", "H")

    d.start(H(first))
    d.to(-Sum(1, k, lambda j: p[j] * log(p[j])), (as_sum, linear_sums), "the expected surprise, as a sum")
    d.qed("entropy", "the entropy")
    d.start(CE(first, second))
    d.to(
        Sum(1, k, lambda j: p[j] * log(1 / q[j])),
        (as_sum, linear_sums),
        "the expected surprise under q, as a sum",
    )
    d.qed("cross-entropy", "the cross-entropy")
    d.start(KL(first, second))
    d.to(Sum(1, k, lambda j: p[j] * log(p[j] / q[j])), as_sum, "the expected log-ratio, as a sum")
    kl = d.qed("main", "the KL divergence")

    d.start(KL(first, second))
    d.to(
        Sum(1, k, lambda j: p[j] * log(p[j])) - Sum(1, k, lambda j: p[j] * log(q[j])),
        (kl, linear_sums),
        "the logarithm of a ratio",
    )
    d.to(-H(first) + CE(first, second), (as_sum, linear_sums), "the two sums are -H(p) and H(p, q)")
    d.qed("difference", "KL is the cross-entropy minus the entropy")

    one_p = assuming(eq(Sum(1, k, lambda j: p[j]), 1))
    one_q = assuming(eq(Sum(1, k, lambda j: q[j]), 1))
    tangent = rules.monotone(rules.log_tangent(term=q[j] / p[j]), density=first, variable=j)
    d.start(-KL(first, second))
    d.to(E(first, lambda j: log(q[j] / p[j])), (as_sum, linear_sums), "turn the ratio around")
    d.at_most(E(first, lambda j: q[j] / p[j] - 1), tangent, "log u <= u - 1, under the expectation")
    d.to(Sum(1, k, lambda j: q[j]) - Sum(1, k, lambda j: p[j]), (as_sum, linear_sums), "p (q/p) = q")
    d.to(1 - 1, (one_p, one_q), "both add up to one")
    d.to(0, algebra, "cancel")
    negated = d.qed("negated", "minus KL is at most zero")
    gibbs = d.record(
        "nonnegative",
        rules.rearrange(negated, statement=le(0, KL(first, second)), factors=(Rational(1),)),
        title="KL is nonnegative",
        reason="move KL to the other side",
    )

    d.start(KL(first, first))
    d.to(0, as_sum, "log 1 = 0")
    d.qed("self", "the KL divergence of a distribution to itself is zero")

    uniform = Categorical(k, lambda j: 1 / k)
    d.start(KL(first, uniform))
    d.to(
        Sum(1, k, lambda j: p[j] * log(p[j])) + log(k) * Sum(1, k, lambda j: p[j]),
        (as_sum, linear_sums),
        "log(1/k) is constant",
    )
    d.to(-H(first) + log(k), (one_p, as_sum, linear_sums), "p adds up to one")
    gap = d.qed("uniform", "the KL divergence to the uniform distribution")
    bound = instance(gibbs, q=lam(lambda j: 1 / k, NAT))
    d.record(
        "maximum-entropy",
        rules.rearrange(bound, gap, statement=le(H(first), log(k)), factors=(Rational(1), Rational(1))),
        title="no distribution on k outcomes has more entropy than the uniform one",
        reason="log k - H(p) is a KL divergence",
        using=[rules.algebra(left=Sum(1, k, lambda j: 1 / k), right=Rational(1))],
    )
