"""The diagonal matrix of the last axis."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="diagonal_matrix",
    arguments=("v",),
    outputs=("m",),
    adds_axes=1,
    linear=0,
    pullback="""
        d_v = diagonal(g_m)
    """,
)
