"""a - b, and what rounding took from it."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="difference_parts",
    arguments=("a", "b"),
    outputs=("difference", "slip"),
    pullback="""
        d_a = g_difference
        d_b = -g_difference
    """,
)
