"""KL(N(loc, diag(e^logvar)) || N(0, I)) of a sample: the sum over the coordinates."""

from __future__ import annotations

from dataclasses import replace

from vaemath.codegen.program import Argument, Program
from vaemath.codegen.programs.kl_normal_standard import KL_NORMAL_STANDARD

KL_NORMAL_DIAG_STANDARD = Program(
    name="kl_normal_diag_standard",
    theorem="kl-normal-diag-standard",
    block="logvar",
    symbols={"mu": "loc", "logvar": "logvar"},
    summary="KL(N(loc, diag(exp(logvar))) || N(0, I)) in nats",
    arguments=(Argument(name="loc", event="d"), Argument(name="logvar", event="d")),
    errors=replace(KL_NORMAL_STANDARD.errors, of="each summand; sums of more than 64 in float64"),
    steps="""
        gap, rise = half_expm1_parts(logvar)
        value = sum_event(half_square_plus(loc, gap))
    """,
)
