"""(1 - x) max(l, 0) + x max(-l, 0) + log(1 + e^-|l|): -log Bernoulli(x; logits l), every term at least zero.

In few passes, with h = 1 for l > 0 and 0 elsewhere and e = e^-|l|:
    (1 - x) max(l, 0) + x max(-l, 0) = (h - x) l
    (1 - x) s(l) - x s(-l) = (h - x + (1 - h - x) e)/(1 + e)
"""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="binary_cross_entropy",
    arguments=("x", "logits"),
    outputs=("loss",),
    steps="""
        tail, high, low = logistic_parts(logits)
        against = -logits
        other = 1.0 - x
        loss = other * positive_part(logits) + x * positive_part(against) + tail
    """,
    pullback="""
        d_x = -(g_loss * logits)
        d_logits = g_loss * ((1.0 - x) * high - x * low)
    """,
    passes="""
        small, tail, positive = logistic_steps(logits)
        missed = positive - x
        loss = product_plus(missed, logits, tail)
    """,
    passes_pullback="""
        d_x = -(g_loss * logits)
        d_logits = g_loss * (product_plus(small, 1.0 - (positive + x), missed) / (1.0 + small))
    """,
)
