"""The diagonal of the last two axes."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="diagonal",
    arguments=("m",),
    outputs=("entries",),
    adds_axes=-1,
    linear=0,
    pullback="""
        d_m = diagonal_matrix(g_entries)
    """,
)
