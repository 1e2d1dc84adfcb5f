"""What is below the diagonal of a matrix, zeros elsewhere."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="strict_tril",
    arguments=("m",),
    outputs=("lower",),
    linear=0,
    projection=True,
    pullback="""
        d_m = strict_tril(g_lower)
    """,
)
