"""Half the sum of the squares of a matrix."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="half_squares",
    arguments=("m",),
    outputs=("sum",),
    adds_axes=-2,
    steps="""
        sum = 0.5 * sum_matrix(m * m)
    """,
    pullback="""
        d_m = column(column(g_sum)) * m
    """,
)
