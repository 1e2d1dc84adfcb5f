"""The larger of x and 0."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="positive_part",
    arguments=("x",),
    outputs=("part",),
    pullback="""
        d_x = where(below(0.0, x), g_part, 0.0)
    """,
)
