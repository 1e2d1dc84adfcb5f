"""Half the square of the Mahalanobis distance of two vectors."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="half_mahalanobis",
    arguments=("a", "b", "covariance"),
    outputs=("distance",),
    adds_axes=-2,
    steps="""
        l = cholesky(covariance)
        y = solve_lower(l, column(a - b))
        distance = half_squares(y)
    """,
    pullback="""
        v = solve_lower_transposed(l, y)
        along = column(g_distance) * flat(v)
        d_a = along
        d_b = -along
        d_covariance = -(0.5 * column(column(g_distance))) * (v * transpose(v))
    """,
)
