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
        float32=(3.0, 2.0),
        float64=(3.0, 2.0),
        of="one coordinate and one latent; sums of more than 64 in float64",
    ),
    steps="""
        z = (x - mean) / scale
        gap, rise = half_expm1_parts(logvar)
        log_norm = log(scale) + HALF_LOG_TWO_PI
        value = sum_event(0.5 * z * z + log_norm) + sum_event(half_square_plus(loc, gap))
        d_x = z / scale
        d_mean = -d_x
        d_loc = loc
        d_logvar = rise
    """,
    passes="""
        z = (mean - x) / scale
        gap, rise = half_expm1_parts(logvar)
        log_norm = length(x) * (log(scale) + HALF_LOG_TWO_PI)
        value = sum_event(0.5 * z * z) + sum_event(half_square_plus(loc, gap)) + log_norm
        d_mean = z / scale
        d_x = -d_mean
        d_loc = loc
        d_logvar = rise
    """,
)
