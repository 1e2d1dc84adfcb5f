"""One of two, by a condition."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="where",
    arguments=("condition", "yes", "no"),
    outputs=("chosen",),
    pullback="""
        d_yes = where(condition, g_chosen, 0.0)
        d_no = where(condition, 0.0, g_chosen)
    """,
)
