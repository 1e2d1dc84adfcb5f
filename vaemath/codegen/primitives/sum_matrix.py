"""The sum over the last two axes."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="sum_matrix",
    arguments=("m",),
    outputs=("sum",),
    adds_axes=-2,
    linear=0,
    pullback="""
        d_m = expand(column(column(g_sum)), m)
    """,
)
