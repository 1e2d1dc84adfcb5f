"""Whether a < b."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="below",
    arguments=("a", "b"),
    outputs=("holds",),
)
