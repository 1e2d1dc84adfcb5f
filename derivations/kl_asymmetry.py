"""The KL divergence is not symmetric: (1/2, 1/2) against (1/10, 9/10), in both directions.

Sources: 002 question 1 (a); 004 properties of KL, 2.
"""

from vaemath.derive import *


@derivation(
    "kl-asymmetry",
    title="The KL divergence is not symmetric",
    sources=("002 1(a)", "004 properties of KL"),
)
def kl_asymmetry(d):
    p, q = (half, half), (Rational(1, 10), Rational(9, 10))
    divergence = lambda p, q: add(*(a * log(a / b) for a, b in zip(p, q, strict=True)))

    d.start(divergence(p, q))
    d.to(half * log(5) + half * log(Rational(5, 9)), algebra, "the ratios of the probabilities")
    d.to(log(Rational(5, 3)), algebra, "log 9 = 2 log 3")
    d.qed("forward", "KL(p || q) = log(5/3)")

    d.start(divergence(q, p))
    d.to(Rational(1, 10) * log(Rational(1, 5)) + Rational(9, 10) * log(Rational(9, 5)), algebra, "the ratios")
    d.qed("backward", "KL(q || p)")

    # KL(p || q) - KL(q || p) = (10 log 5 - 14 log 3) / 5, and 3^14 < 5^10
    ratio = Rational(3**14, 5**10)
    tangent = rules.log_tangent(term=ratio)
    rest = rules.signed(term=Rational(5**10 - 3**14, 5**10))
    d.record(
        "main",
        rules.rearrange(
            tangent,
            rest,
            statement=lt(divergence(q, p), divergence(p, q)),
            factors=(Rational(1, 5), Rational(1, 5)),
        ),
        title="KL(q || p) is smaller than KL(p || q)",
        reason="log u <= u - 1 < 0 at u = 3^14 / 5^10",
    )
