"""a^2/2 + b."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="half_square_plus",
    arguments=("a", "b"),
    outputs=("sum",),
    pullback="""
        d_a = g_sum * a
        d_b = g_sum
    """,
)
