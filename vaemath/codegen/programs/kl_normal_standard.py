"""KL(N(loc, e^logvar) || N(0, 1)) = (e^v - 1 - v + m^2)/2, each half kept positive."""

from __future__ import annotations

from vaemath.codegen.errors import Errors
from vaemath.codegen.program import Argument, Program

KL_NORMAL_STANDARD = Program(
    name="kl_normal_standard",
    theorem="kl-normal-standard",
    block="logvar",
    symbols={"mu": "loc", "logvar": "logvar"},
    summary="KL(N(loc, exp(logvar)) || N(0, 1)) in nats, elementwise",
    arguments=(Argument(name="loc"), Argument(name="logvar")),
    errors=Errors(float32=(2.0, 2.0), float64=(2.0, 2.0)),
    steps="""
        gap, rise = half_expm1_parts(logvar)
        value = half_square_plus(loc, gap)
    """,
)
