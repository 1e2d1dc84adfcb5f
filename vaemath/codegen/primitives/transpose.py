"""The transpose of the last two axes."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="transpose",
    arguments=("m",),
    outputs=("t",),
    keeps_numbers=True,
    linear=0,
    pullback="""
        d_m = transpose(g_t)
    """,
)
