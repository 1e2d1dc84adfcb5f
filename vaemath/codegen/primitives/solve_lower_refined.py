"""factor^-1 right for a lower triangular factor, its residual corrected once."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="solve_lower_refined",
    arguments=("factor", "right"),
    outputs=("x",),
    linear=1,
    pullback="""
        back = solve_lower_transposed(factor, g_x)
        d_factor = -tril(back @ transpose(x))
        d_right = back
    """,
    passes="""
        x = solve_lower(factor, right)
    """,
)
