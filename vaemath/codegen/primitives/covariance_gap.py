"""tr(Q^-1 P) - d - log det(Q^-1 P) for covariances P, Q: the Bregman divergence of -log det.

Near pairs (|B|_F < 1/2, B = L_q^-1 (P - Q) L_q^-T) use the Cholesky factor C of I + B, whose
pivots 1 + u_k give sum_k (u_k - log(1 + u_k)) + sum_{j<k} c_kj^2 with no difference of logarithms;
other pairs use the factors of the two covariances. The slopes are Q^-1 - P^-1 = P^-1 (P - Q) Q^-1
and -Q^-1 (P - Q) Q^-1, in which nothing cancels.
"""

from __future__ import annotations

from vaemath.codegen.primitive import Primitive

PRIMITIVE = Primitive(
    name="covariance_gap",
    arguments=("p", "q"),
    outputs=("gap",),
    adds_axes=-2,
    steps="""
        l_p = cholesky(p)
        l_q = cholesky(q)
        a = solve_lower(l_q, p - q)
        b = solve_lower(l_q, transpose(a))
        near = below(sum_matrix(b * b), 0.25)
        b_near = where(column(column(near)), b, 0.0)
        c = cholesky(identity_like(b) + b_near)
        c_below = strict_tril(c)
        squares = c_below * c_below
        u = diagonal(b_near) - sum_event(squares)
        logs_near = sum_event(log_gap(u, 0.0, 1.0 + u, 1.0 + 0.0 * u))
        gap_near = sum_matrix(squares) + logs_near
        n = solve_lower(l_q, l_p - l_q)
        diagonal_p = diagonal(l_p)
        diagonal_q = diagonal(l_q)
        logs_far = sum_event(ratio_gap(diagonal_p, diagonal_q))
        gap_far = sum_matrix(n * n) + 2.0 * logs_far
        gap = where(near, gap_near, gap_far)
    """,
    pullback="""
        x = transpose(solve_lower_transposed(l_q, a))
        over = column(column(g_gap))
        d_p = over * solve_lower_transposed(l_p, solve_lower(l_p, x))
        d_q = -(over * solve_lower_transposed(l_q, solve_lower(l_q, x)))
    """,
)
