"""A number or a sum with the axes of another, repeated along them."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="expand",
    arguments=("x", "like"),
    outputs=("wide",),
    linear=0,
)
