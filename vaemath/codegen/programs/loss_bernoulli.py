"""The per-sample negative ELBO of a VAE with a Bernoulli decoder given by logits.

-log p(x) = (1 - x) max(l, 0) + x max(-l, 0) + log(1 + e^-|l|): every term is at least zero.
"""

from __future__ import annotations

from vaemath.codegen.errors import Errors
from vaemath.codegen.program import Argument, Program

LOSS_BERNOULLI = Program(
    name="loss_bernoulli",
    theorem="loss-bernoulli",
    block="main",
    symbols={"x": "x", "l": "logits", "mu": "loc", "logvar": "logvar"},
    summary="-log Bernoulli(x; logits) + KL(N(loc, exp(logvar)) || N(0, I)) in nats",
    arguments=(
        Argument(name="x", event="D", needs="unit", data=True),
        Argument(name="logits", event="D"),
        Argument(name="loc", event="d"),
        Argument(name="logvar", event="d"),
    ),
    note="x may lie anywhere in [0, 1]; -log p(x) is then linear in x, as usual.",
    errors=Errors(
        float32=(2.0, 3.0),
        float64=(2.0, 3.0),
        largest_term=("d_logits",),
        of="one coordinate and one latent; sums of more than 64 in float64",
    ),
    steps="""
        tail, high, low = logistic_parts(logits)
        wrong = (1.0 - x) * positive_part(logits) + x * positive_part(-logits)
        half_square = 0.5 * loc * loc
        gap, rise = half_expm1_parts(logvar)
        value = total(sum_event(wrong), sum_event(tail), sum_event(half_square), sum_event(gap))
        d_x = -logits
        d_logits = (1.0 - x) * high - x * low
        d_loc = loc
        d_logvar = rise
    """,
    # with h = 1 for l > 0 and 0 elsewhere, e = e^-|l|:
    #     (1 - x) max(l, 0) + x max(-l, 0) = (h - x) l
    #     (1 - x) s(l) - x s(-l) = (h - x + (1 - h - x) e)/(1 + e)
    passes="""
        small, tail, positive = logistic_steps(logits)
        missed = positive - x
        gap, rise = half_expm1_parts(logvar)
        value = sum_event(product_plus(missed, logits, tail)) + sum_event(half_square_plus(loc, gap))
        d_x = -logits
        d_logits = product_plus(small, 1.0 - (positive + x), missed) / (1.0 + small)
        d_loc = loc
        d_logvar = rise
    """,
)
