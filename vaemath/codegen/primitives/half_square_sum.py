"""Half the sum of the squares over the last axis."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="half_square_sum",
    arguments=("x",),
    outputs=("sum",),
    adds_axes=-1,
    pullback="""
        d_x = column(g_sum) * x
    """,
)
