"""KL between two multivariate normals from covariances.

Near pairs (|B|_F < 1/2, B = L_q^-1 (S_p - S_q) L_q^-T) use the Cholesky factor C of I + B, whose
pivots 1 + u_k give KL = sum_k (u_k - log(1 + u_k))/2 + sum_{j<k} c_kj^2 / 2 + |y|^2 / 2 with no
difference of logarithms; other pairs use the factors of the two covariances.
"""

from __future__ import annotations

from vaemath.codegen.errors import Errors
from vaemath.codegen.program import Argument, Program

KL_MVN_COVARIANCE = Program(
    name="kl_mvn_covariance",
    theorem="kl-mvn",
    block="main",
    symbols={
        "mu_1": "loc_p",
        "Sigma_1": "covariance_p",
        "mu_2": "loc_q",
        "Sigma_2": "covariance_q",
    },
    summary="KL(N(loc_p, covariance_p) || N(loc_q, covariance_q)) in nats",
    arguments=(
        Argument(name="loc_p", event="d"),
        Argument(name="covariance_p", event="dd", needs="covariance"),
        Argument(name="loc_q", event="d"),
        Argument(name="covariance_q", event="dd", needs="covariance"),
    ),
    note="Gradients by a covariance are symmetric.",
    errors=Errors(
        float32=(1e-7, None),
        float64=(1e-10, None),
        unit="relative",
        of="condition numbers up to 1e6 (float64) and 1e3 (float32), near pairs included",
    ),
    steps="""
        l_p = cholesky(covariance_p)
        l_q = cholesky(covariance_q)
        difference = covariance_p - covariance_q
        y = solve_lower(l_q, column(loc_p - loc_q))
        a = solve_lower(l_q, difference)
        b = solve_lower(l_q, transpose(a))
        near = below(sum_matrix(b * b), 0.25)
        one = identity_like(b)
        b_near = where(column(column(near)), b, 0.0)
        c = cholesky(one + b_near)
        c_below = strict_tril(c)
        squares = c_below * c_below
        u = diagonal(b_near) - sum_event(squares)
        logs_near = sum_event(log_gap(u, 0.0, 1.0 + u, 1.0 + 0.0 * u))
        gap_near = sum_matrix(squares) + logs_near
        n = solve_lower(l_q, l_p - l_q)
        diagonal_p = diagonal(l_p)
        diagonal_q = diagonal(l_q)
        t = (diagonal_p - diagonal_q) / diagonal_q
        logs_far = sum_event(log_gap(t, 0.0, diagonal_p, diagonal_q))
        gap_far = sum_matrix(n * n) + 2.0 * logs_far
        value = 0.5 * where(near, gap_near, gap_far) + 0.5 * sum_matrix(y * y)
        v = solve_lower_transposed(l_q, y)
        d_loc_p = flat(v)
        d_loc_q = -d_loc_p
        x = transpose(solve_lower_transposed(l_q, a))
        g_p = solve_lower_transposed(l_p, solve_lower(l_p, x))
        g_q = solve_lower_transposed(l_q, solve_lower(l_q, x))
        d_covariance_p = 0.25 * (g_p + transpose(g_p))
        d_covariance_q = product_plus(-0.5 * v, transpose(v), -0.25 * (g_q + transpose(g_q)))
    """,
)
