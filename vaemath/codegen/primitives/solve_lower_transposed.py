"""factor^-T right for a lower triangular factor."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="solve_lower_transposed",
    arguments=("factor", "right"),
    outputs=("x",),
    linear=1,
    pullback="""
        back = solve_lower(factor, g_x)
        d_factor = -tril(x @ transpose(back))
        d_right = back
    """,
)
