"""The per-sample negative ELBO of a VAE with a Gaussian decoder of fixed scale."""

from __future__ import annotations

from vaemath.codegen.errors import Errors
from vaemath.codegen.program import Argument, Program

LOSS_GAUSSIAN = Program(
    name="loss_gaussian",
    theorem="loss-gaussian",
    block="main",
    symbols={"x": "x", "mean": "mean", "mu": "loc", "logvar": "logvar", "s": "scale"},
    summary="-log N(x; mean, scale^2 I) + KL(N(loc, exp(logvar)) || N(0, I)) in nats",
    arguments=(
        Argument(name="x", event="D", data=True),
        Argument(name="mean", event="D"),
        Argument(name="loc", event="d"),
        Argument(name="logvar", event="d"),
    ),
    options=(("scale", 1.0),),
    note="Constants are included, so the loss of perfect reconstructions may be negative.",
    errors=Errors(
        float32=(2.0, 2.0),
        float64=(2.0, 2.0),
        of="one coordinate and one latent; sums of more than 64 in float64",
    ),
    steps="""
        precision = 1.0 / (scale * scale)
        gap, rise = half_expm1_parts(logvar)
        log_norm = length(x) * (log(scale) + HALF_LOG_TWO_PI)
        divergence = half_square_plus(loc, gap)
        value = total(precision * half_square_distance(mean, x), sum_event(divergence), log_norm)
    """,
)
