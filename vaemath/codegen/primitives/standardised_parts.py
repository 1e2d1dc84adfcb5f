"""(a - b)/scale for scale > 0, and what rounding took from it."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="standardised_parts",
    arguments=("a", "b", "scale"),
    outputs=("z", "slip"),
    pullback="""
        over = g_z / scale
        d_a = over
        d_b = -over
        d_scale = -(over * z)
    """,
)
