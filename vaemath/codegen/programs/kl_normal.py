"""KL between two normals as t^2/2 + (t - log(1 + t)) + z^2/2, every term at least zero.

Here t = (scale_p - scale_q)/scale_q and z = (loc_p - loc_q)/scale_q.
"""

from __future__ import annotations

from vaemath.codegen.errors import Errors
from vaemath.codegen.program import Argument, Program

KL_NORMAL = Program(
    name="kl_normal",
    theorem="kl-normal",
    block="main",
    symbols={"mu_1": "loc_p", "sigma_1": "scale_p", "mu_2": "loc_q", "sigma_2": "scale_q"},
    summary="KL(N(loc_p, scale_p^2) || N(loc_q, scale_q^2)) in nats, elementwise",
    arguments=(
        Argument(name="loc_p"),
        Argument(name="scale_p", needs="positive"),
        Argument(name="loc_q"),
        Argument(name="scale_q", needs="positive"),
    ),
    errors=Errors(float32=(1.0, 1.0), float64=(4.0, 4.0), largest_term=("d_scale_q",)),
    steps="""
        z = standardised(loc_p, loc_q, scale_q)
        value = half_square_plus(z, spread_gap(scale_p, scale_q))
    """,
)
