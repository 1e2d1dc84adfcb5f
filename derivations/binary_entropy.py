"""The entropy of a variable with two outcomes: its derivative, its one stationary point, its maximum.

Sources: 000 eq. 28-29; 001 eq. 30-31.
"""

from vaemath.derive import *


@derivation(
    "binary-entropy",
    title="The entropy of two outcomes",
    sources=("000 eq. 28-29", "001 eq. 30-31"),
)
def binary_entropy(d):
    p, b = d.positives("p b")
    entropy = lambda p: -p * log(p) - (1 - p) * log(1 - p)

    d.start(D(lambda p: entropy(p), p))
    d.to(-(log(p) - log(1 - p)), differentiation, "the product rule; p/p = 1")
    slope = d.qed("derivative", "the derivative by p")

    d.start(-half * log(half) - half * log(half))
    d.to(log(2), algebra, "log(1/2) = -log 2")
    d.qed("value", "at p = 1/2 the entropy is log 2")
    d.start(-(log(half) - log(half)))
    d.to(0, algebra, "both logarithms are log(1/2)")
    d.qed("stationary", "the derivative vanishes at p = 1/2")

    flat = assuming(eq(D(lambda p: entropy(p), p), 0))
    equal = rules.rearrange(
        flat, slope, statement=eq(log(p), log(1 - p)), factors=(Rational(-1), Rational(1))
    )
    exponential = rules.congruence(equal, term=exp(log(p)), path=(0,), names=())
    same = rules.transitivity(
        rules.transitivity(rules.algebra(left=p, right=exp(log(p))), exponential),
        rules.algebra(left=exp(log(1 - p)), right=1 - p),
    )
    d.record(
        "only",
        rules.rearrange(same, statement=eq(p, half), factors=(half,)),
        title="the derivative vanishes only at p = 1/2",
        reason="log p = log(1 - p), so p = 1 - p",
    )

    # with a + b = 1 both tangents at 1 add up
    add_up = assuming(eq(p + b, 1))
    first, second = (rules.log_tangent(term=1 / (2 * t)) for t in (p, b))
    top = rules.rearrange(
        first,
        second,
        add_up,
        statement=le(-p * log(p) - b * log(b), log(2)),
        factors=(p, b, log(2) - 1),
    )
    d.record(
        "maximum",
        top,
        title="log 2 is the greatest value",
        reason="log u <= u - 1 at u = 1/(2p) and at u = 1/(2(1-p)), weighted by p and 1 - p",
    )

    # the end points: H lies between 0 and 2 sqrt(p) - p
    surprise = [rules.log_tangent(term=t) for t in (p, b)]
    d.record(
        "nonnegative",
        rules.rearrange(
            *surprise,
            add_up,
            rules.signed(term=p * b),
            statement=le(0, -p * log(p) - b * log(b)),
            factors=(p, b, p + b, Rational(2)),
        ),
        title="it is nonnegative",
        reason="log p <= p - 1 and p (1 - p) >= 0",
    )
    roots = rules.log_tangent(term=1 / sqrt(p))
    d.record(
        "end",
        rules.rearrange(
            roots,
            rules.log_tangent(term=1 / b),
            add_up,
            statement=le(-p * log(p) - b * log(b), 2 * sqrt(p) - p),
            factors=(2 * p, b, Rational(-1)),
        ),
        title="it goes to 0 with p: it is at most 2 sqrt(p) - p",
        reason="log u <= u - 1 at u = 1/sqrt(p) and at u = 1/(1 - p)",
    )
