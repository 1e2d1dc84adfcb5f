"""The lower triangle of a matrix, zeros above."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="tril",
    arguments=("m",),
    outputs=("lower",),
    linear=0,
    projection=True,
    pullback="""
        d_m = tril(g_lower)
    """,
)
