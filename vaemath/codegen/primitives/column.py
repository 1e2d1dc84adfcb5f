"""A new last axis of length 1."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="column",
    arguments=("x",),
    outputs=("wide",),
    adds_axes=1,
    keeps_numbers=True,
    linear=0,
    pullback="""
        d_x = flat(g_wide)
    """,
)
