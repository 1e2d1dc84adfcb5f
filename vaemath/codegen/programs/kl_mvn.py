"""KL between two multivariate normals from Cholesky factors, as a sum of squares and positive gaps.

With N = L_q^-1 (L_p - L_q) and y = L_q^-1 (loc_p - loc_q):
    KL = |N|_F^2 / 2 + sum_i (n_ii - log(1 + n_ii)) + |y|^2 / 2.
In float64 the solutions are refined, or a factor of condition 1e7 would cost two digits.
"""

from __future__ import annotations

from vaemath.codegen.errors import Errors
from vaemath.codegen.program import Argument, Program

_STEPS = """
        n = {solve}(scale_tril_q, scale_tril_p - scale_tril_q)
        y = {solve}(scale_tril_q, column(loc_p - loc_q))
        diagonal_p = diagonal(scale_tril_p)
        diagonal_q = diagonal(scale_tril_q)
        t = (diagonal_p - diagonal_q) / diagonal_q
        gap = sum_event(log_gap(t, 0.0, diagonal_p, diagonal_q))
        value = 0.5 * sum_matrix(n * n) + gap + 0.5 * sum_matrix(y * y)
        w = solve_lower_transposed(scale_tril_q, n)
        u = solve_lower_transposed(scale_tril_q, y)
        d_loc_p = flat(u)
        d_scale_tril_p = tril(w) + diagonal_matrix(t / diagonal_p)
        d_loc_q = -d_loc_p
        both = tril(product_plus(u, transpose(y), w @ transpose(n) + w))
        d_scale_tril_q = diagonal_matrix(-t / diagonal_q) - both
"""

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
    steps=_STEPS.format(solve="solve_lower_refined"),
    passes=_STEPS.format(solve="solve_lower"),
)
