"""a b + c."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="product_plus",
    arguments=("a", "b", "c"),
    outputs=("sum",),
    pullback="""
        d_a = g_sum * b
        d_b = g_sum * a
        d_c = g_sum
    """,
)
