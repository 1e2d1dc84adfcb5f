"""(e^s - 1 - s)/2 and (e^s - 1)/2."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="half_expm1_parts",
    arguments=("s",),
    outputs=("gap", "rise"),
    pullback="""
        d_s = g_gap * rise + g_rise * (rise + 0.5)
    """,
)
