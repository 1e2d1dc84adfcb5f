"""KL(N(loc, diag(e^logvar)) || N(0, I)) of a sample: the sum over the coordinates."""

from __future__ import annotations

from vaemath.codegen.program import Argument, Program

KL_NORMAL_DIAG_STANDARD = Program(
    name="kl_normal_diag_standard",
    theorem="kl-normal-diag-standard",
    block="logvar",
    symbols={"mu": "loc", "logvar": "logvar"},
    summary="KL(N(loc, diag(exp(logvar))) || N(0, I)) in nats",
    arguments=(Argument(name="loc", event="d"), Argument(name="logvar", event="d")),
    error="each summand <= 1 ULP (float32), <= 2 ULP (float64); sums in float64",
    steps="""
        gap, rise = half_expm1_parts(logvar)
        value = sum_event(half_square_plus(loc, gap))
        d_loc = loc
        d_logvar = rise
    """,
)
