"""KL between two normals with independent coordinates: the sum over the coordinates."""

from __future__ import annotations

from dataclasses import replace

from vaemath.codegen.program import Argument, Program
from vaemath.codegen.programs.kl_normal import KL_NORMAL

KL_NORMAL_DIAG = Program(
    name="kl_normal_diag",
    theorem="kl-normal-diag",
    block="main",
    symbols={"mu_1": "loc_p", "sigma_1": "scale_p", "mu_2": "loc_q", "sigma_2": "scale_q"},
    summary="KL(N(loc_p, diag(scale_p^2)) || N(loc_q, diag(scale_q^2))) in nats",
    arguments=(
        Argument(name="loc_p", event="d"),
        Argument(name="scale_p", event="d", needs="positive"),
        Argument(name="loc_q", event="d"),
        Argument(name="scale_q", event="d", needs="positive"),
    ),
    errors=replace(KL_NORMAL.errors, of="each summand; sums of more than 64 in float64"),
    steps="""
        z = standardised(loc_p, loc_q, scale_q)
        value = sum_event(half_square_plus(z, spread_gap(scale_p, scale_q)))
    """,
)
