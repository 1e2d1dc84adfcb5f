"""e^-|l|, log(1 + e^-|l|), and 1 for l > 0, else 0."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="logistic_steps",
    arguments=("logits",),
    outputs=("small", "tail", "positive"),
    pullback="""
        side = 1.0 - 2.0 * positive
        d_logits = g_small * (side * small) + g_tail * (side * (small / (1.0 + small)))
    """,
)
