"""Gibbs' inequality: a KL divergence is never negative, and zero only between equal densities.

Sources: 000 eq. 11; 002 question 3 (d), hint; 003 "KL is always greater than zero"; 004 properties 1.
"""

from vaemath.derive import *


@derivation(
    "gibbs",
    title="Gibbs' inequality",
    sources=("000 eq. 11", "001 eq. 12", "002 3(d)", "003 ELBO", "004 properties of KL"),
)
def gibbs(d):
    q, p = d.densities("q p")
    (z,) = d.points("z")
    one_q = total_probability(q)
    one_p = assuming(Normalised(p))

    tangent = rules.log_tangent(term=pdf(p, z) / pdf(q, z))
    expected = rules.monotone(tangent, density=q, variable=z)
    d.start(-KL(q, p))
    d.to(-E(q, lambda z: log(pdf(q, z)) - log(pdf(p, z))), definition, "KL is the expected log-ratio")
    d.to(E(q, lambda z: log(pdf(p, z) / pdf(q, z))), multiplied_out, "turn the ratio around")
    d.at_most(E(q, lambda z: pdf(p, z) / pdf(q, z) - 1), expected, "log u <= u - 1, under the expectation")
    d.to(E(q, lambda z: pdf(p, z) / pdf(q, z)) - E(q, lambda z: 1), linearity, "the expectation is linear")
    d.to(Int(lambda z: pdf(p, z), POINT) - 1, (one_q, unfolding("E")), "q (p/q) = p, and q integrates to one")
    d.to(1 - 1, one_p, "p integrates to one")
    d.to(0, algebra, "cancel")
    negated = d.qed("negated", "minus KL is at most zero")
    d.record(
        "main",
        rules.rearrange(negated, statement=le(0, KL(q, p)), factors=(Rational(1),)),
        title="KL is nonnegative",
        reason="move KL to the other side",
    )

    # equality: the nonnegative function u - 1 - log u, u = p/q, has expectation zero
    gap = pdf(p, z) / pdf(q, z) - 1 - log(pdf(p, z) / pdf(q, z))
    zero_kl = assuming(eq(KL(q, p), 0))
    d.start(E(q, lambda z: pdf(p, z) / pdf(q, z) - 1 - log(pdf(p, z) / pdf(q, z))))
    d.to(
        E(q, lambda z: pdf(p, z) / pdf(q, z))
        - E(q, lambda z: 1)
        + E(q, lambda z: log(pdf(q, z)) - log(pdf(p, z))),
        (linearity, multiplied_out),
        "the expectation is linear",
    )
    d.to(
        Int(lambda z: pdf(p, z), POINT) - 1 + KL(q, p),
        (definition, multiplied_out, one_q, rule_everywhere(rules.definition, ("E",))),
        "q (p/q) = p; q integrates to one; KL is the expected log-ratio",
    )
    d.to(1 - 1 + KL(q, p), one_p, "p integrates to one")
    d.to(0, zero_kl, "KL is zero")
    vanishing = d.qed("gap", "when KL is zero, so is the expected gap")
    nonnegative = rules.rearrange(tangent, statement=le(0, gap), factors=(Rational(1),))
    almost = rules.vanish(vanishing, nonnegative, variable=z)
    at_z = assuming(eq(gap, 0))
    touching = rules.rearrange(
        at_z,
        statement=eq(log(pdf(p, z) / pdf(q, z)), pdf(p, z) / pdf(q, z) - 1),
        factors=(Rational(-1),),
    )
    ratio_one = rules.log_tangent_equality(touching)
    equal = rules.rearrange(ratio_one, statement=eq(pdf(p, z), pdf(q, z)), factors=(pdf(q, z),))
    d.record(
        "equality",
        rules.almost_everywhere(almost, equal, variable=z),
        title="if KL is zero the densities agree almost everywhere",
        reason="a nonnegative function of expectation zero vanishes; log u = u - 1 only at u = 1",
    )

    d.start(KL(q, q))
    d.to(E(q, lambda z: log(pdf(q, z)) - log(pdf(q, z))), definition, "KL is the expected log-ratio")
    d.to(0, multiplied_out, "the logarithms cancel")
    d.qed("self", "the KL divergence of a density to itself is zero")
