"""The per-sample negative ELBO of a VAE with a Bernoulli decoder given by logits."""

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
        gap, rise = half_expm1_parts(logvar)
        loss = binary_cross_entropy(x, logits)
        value = total(sum_event(loss), sum_event(half_square_plus(loc, gap)))
    """,
)
