"""The unit matrix of the size of a matrix."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="identity_like",
    arguments=("m",),
    outputs=("unit",),
)
