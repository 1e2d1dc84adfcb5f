"""Jensen's inequality for the logarithm: E[log f] <= log E[f].

Sources: 000 eq. 6-8; 001 eq. 6-8.
"""

from vaemath.derive import *


@derivation(
    "jensen-log", title="Jensen's inequality for the logarithm", sources=("000 eq. 6-8", "001 eq. 6-8")
)
def jensen_log(d):
    (q,) = d.densities("q")
    (z,) = d.points("z")
    (f,) = d.functions("f", of=POINT, to=POSITIVE)
    (c,) = d.positives("c")
    one_q = total_probability(q)
    mean = E(q, lambda z: f(z))

    tangent = rules.monotone(rules.log_tangent(term=f(z) / c), density=q, variable=z)
    d.start(E(q, lambda z: log(f(z))) - log(c))
    d.to(E(q, lambda z: log(f(z))) - log(c) * E(q, lambda z: 1), one_q, "q integrates to one")
    d.to(E(q, lambda z: log(f(z) / c)), multiplied_out, "the expectation is linear")
    d.at_most(E(q, lambda z: f(z) / c - 1), tangent, "log u <= u - 1 at u = f / c, under the expectation")
    d.to(mean / c - E(q, lambda z: 1), linearity, "the expectation is linear")
    d.to(mean / c - 1, one_q, "q integrates to one")
    below = d.qed("tangent", "the tangent at c bounds the expected logarithm")
    d.record(
        "main",
        rules.rearrange(
            instance(below, c=mean),
            statement=le(E(q, lambda z: log(f(z))), log(mean)),
            factors=(Rational(1),),
        ),
        title="E log f <= log E f",
        reason="at c = E[f] the bound is log E[f]",
    )
