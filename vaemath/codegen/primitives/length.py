"""The length of the last axis."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="length",
    arguments=("x",),
    outputs=("n",),
    number=True,
)
