"""The logarithm of a positive number."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="log",
    arguments=("x",),
    outputs=("log",),
    pullback="""
        d_x = g_log / x
    """,
)
