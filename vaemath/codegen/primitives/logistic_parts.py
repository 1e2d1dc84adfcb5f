"""log(1 + e^-|l|), 1/(1 + e^-l) and 1/(1 + e^l)."""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="logistic_parts",
    arguments=("logits",),
    outputs=("tail", "high", "low"),
    pullback="""
        slope = high * low
        d_logits = g_tail * where(below(0.0, logits), -low, high) + (g_high * slope - g_low * slope)
    """,
)
