"""The lower triangular factor of a symmetric positive definite matrix.

Its derivative is symmetric: with M = factor' g, lower triangular and its diagonal halved,
the symmetric part of factor^-T M factor^-1.
"""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="cholesky",
    arguments=("matrix",),
    outputs=("factor",),
    pullback="""
        full = transpose(factor) @ g_factor
        half = tril(full) - diagonal_matrix(0.5 * diagonal(full))
        left = solve_lower_transposed(factor, half)
        d_matrix = symmetric(transpose(solve_lower_transposed(factor, transpose(left))))
    """,
)
