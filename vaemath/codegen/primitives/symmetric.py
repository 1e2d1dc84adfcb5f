"""The mean of a matrix and its transpose."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="symmetric",
    arguments=("m",),
    outputs=("even",),
    linear=0,
    projection=True,
    steps="""
        even = 0.5 * (m + transpose(m))
    """,
    pullback="""
        d_m = symmetric(g_even)
    """,
)
