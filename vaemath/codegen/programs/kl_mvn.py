"""KL between two multivariate normals from Cholesky factors, as a sum of squares and positive gaps.

With N = L_q^-1 (L_p - L_q) and y = L_q^-1 (loc_p - loc_q):
    KL = |N|_F^2 / 2 + sum_i (n_ii - log(1 + n_ii)) + |y|^2 / 2.
In float64 the solutions are refined, or a factor of condition 1e7 would cost two digits.
"""

from __future__ import annotations

from vaemath.codegen.errors import Errors
from vaemath.codegen.program import Argument, Program

KL_MVN = Program(
    name="kl_mvn",
    theorem="kl-mvn",
    block="main",
    symbols={
        "mu_1": "loc_p",
        "Sigma_1": "scale_tril_p",
        "mu_2": "loc_q",
        "Sigma_2": "scale_tril_q",
    },
    summary="KL(N(loc_p, L_p L_p') || N(loc_q, L_q L_q')) in nats, L = scale_tril",
    arguments=(
        Argument(name="loc_p", event="d"),
        Argument(name="scale_tril_p", event="dd", needs="factor"),
        Argument(name="loc_q", event="d"),
        Argument(name="scale_tril_q", event="dd", needs="factor"),
    ),
    note="Gradients by scale_tril are lower triangular.",
    errors=Errors(
        float32=(1e-7, None),
        float64=(2e-15, None),
        unit="relative",
        of="condition numbers of L L' up to 1e14",
    ),
    steps="""
        n = solve_lower_refined(scale_tril_q, scale_tril_p - scale_tril_q)
        y = solve_lower_refined(scale_tril_q, column(loc_p - loc_q))
        diagonal_p = diagonal(scale_tril_p)
        diagonal_q = diagonal(scale_tril_q)
        gap = sum_event(ratio_gap(diagonal_p, diagonal_q))
        value = half_squares(n) + gap + half_squares(y)
    """,
)
