"""t^2/2 + t - log(1 + t) for t = (a - b)/b and a, b > 0: twice the KL of two scales.

Its slopes, t (t + 2)/a and -t (t + 2)/b, keep their digits where those of its summands cancel.
"""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="spread_gap",
    arguments=("a", "b"),
    outputs=("gap",),
    steps="""
        t, slip = standardised_parts(a, b, b)
        gap = half_square_plus(t, log_gap(t, slip, a, b))
    """,
    pullback="""
        sum_over_b = t + 2.0
        d_a = g_gap * (t / a * sum_over_b)
        d_b = -(g_gap * (t / b * sum_over_b))
    """,
    passes="""
        t = (a - b) / b
        gap = half_square_plus(t, log_gap(t, 0.0, a, b))
    """,
)
