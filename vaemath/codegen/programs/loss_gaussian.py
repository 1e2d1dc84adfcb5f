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
    # residual + slip is x - mean to twice the digits
    steps="""
        residual, slip = difference_parts(mean, x)
        precision = 1.0 / (scale * scale)
        squares = precision * (0.5 * residual * residual + residual * slip)
        half_square = 0.5 * loc * loc
        gap, rise = half_expm1_parts(logvar)
        log_norm = length(x) * (log(scale) + HALF_LOG_TWO_PI)
        value = total(sum_event(squares), sum_event(half_square), sum_event(gap), log_norm)
        d_mean = precision * residual
        d_x = -d_mean
        d_loc = loc
        d_logvar = rise
    """,
    passes="""
        residual = mean - x
        precision = 1.0 / (scale * scale)
        gap, rise = half_expm1_parts(logvar)
        log_norm = length(x) * (log(scale) + HALF_LOG_TWO_PI)
        value = precision * half_square_sum(residual) + sum_event(half_square_plus(loc, gap)) + log_norm
        d_mean = precision * residual
        d_x = -d_mean
        d_loc = loc
        d_logvar = rise
    """,
)
