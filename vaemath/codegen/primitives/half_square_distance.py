"""Half the square of the distance of two vectors; residual + slip is a - b to twice the digits."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="half_square_distance",
    arguments=("a", "b"),
    outputs=("distance",),
    steps="""
        residual, slip = difference_parts(a, b)
        half_square = 0.5 * residual * residual + residual * slip
        distance = sum_event(half_square)
    """,
    pullback="""
        along = column(g_distance) * residual
        d_a = along
        d_b = -along
    """,
    passes="""
        residual = a - b
        distance = half_square_sum(residual)
    """,
)
