"""The sum of any number of terms, rounded once."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="total",
    arguments=("each",),
    outputs=("sum",),
    variadic=True,
    pullback="""
        d_each = g_sum
    """,
)
