"""t - log(1 + t) for t = (a - b)/b and a, b > 0: the Bregman divergence of -log, at least zero."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="ratio_gap",
    arguments=("a", "b"),
    outputs=("gap",),
    steps="""
        t = (a - b) / b
        gap = log_gap(t, 0.0, a, b)
    """,
    pullback="""
        d_a = g_gap * (t / a)
        d_b = -(g_gap * (t / b))
    """,
)
