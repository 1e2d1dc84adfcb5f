"""Without the last axis, which has length 1."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="flat",
    arguments=("x",),
    outputs=("entries",),
    adds_axes=-1,
    keeps_numbers=True,
    linear=0,
    pullback="""
        d_x = column(g_entries)
    """,
)
