"""t - log(1 + t) for t = (a - b)/b, given with what rounding took from t."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="log_gap",
    arguments=("t", "slip", "a", "b"),
    outputs=("gap",),
    pullback="""
        d_t = g_gap * (t / (1.0 + t))
    """,
)
