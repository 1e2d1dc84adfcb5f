"""(a - b)/scale for scale > 0, rounded once."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="standardised",
    arguments=("a", "b", "scale"),
    outputs=("z",),
    pullback="""
        over = g_z / scale
        d_a = over
        d_b = -over
        d_scale = -(over * z)
    """,
    passes="""
        z = (a - b) / scale
    """,
)
