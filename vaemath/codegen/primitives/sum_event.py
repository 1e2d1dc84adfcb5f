"""The sum over the last axis."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="sum_event",
    arguments=("x",),
    outputs=("sum",),
    adds_axes=-1,
    linear=0,
    pullback="""
        d_x = expand(column(g_sum), x)
    """,
)
