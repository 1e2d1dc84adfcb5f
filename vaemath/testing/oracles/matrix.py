"""The textbook KL divergence between multivariate normals, at whatever precision mpmath works in.

Matrices are mpmath matrices; results are in nats.
"""

from __future__ import annotations

from typing import Any

from mpmath import cholesky, log, matrix

__all__ = ["kl_mvn", "kl_mvn_covariance", "kl_mvn_covariance_grad", "kl_mvn_grad"]

Matrix = Any  # mpmath.matrix
Number = Any


def kl_mvn_covariance(loc_p: Matrix, covariance_p: Matrix, loc_q: Matrix, covariance_q: Matrix) -> Number:
    """KL = (tr(S_q^-1 S_p) + (m_p-m_q)' S_q^-1 (m_p-m_q) - d + log det S_q - log det S_p) / 2."""
    return kl_mvn(loc_p, cholesky(covariance_p), loc_q, cholesky(covariance_q))


def kl_mvn(loc_p: Matrix, scale_tril_p: Matrix, loc_q: Matrix, scale_tril_q: Matrix) -> Number:
    """The same divergence from Cholesky factors, S = L L'."""
    d = scale_tril_p.rows
    inverse_q = _inverse(scale_tril_q)
    ratio = inverse_q * scale_tril_p
    shift = inverse_q * (loc_p - loc_q)
    trace = sum(ratio[i, j] ** 2 for i in range(d) for j in range(d))
    quadratic = sum(shift[i] ** 2 for i in range(d))
    log_dets = 2 * sum(log(scale_tril_q[i, i]) - log(scale_tril_p[i, i]) for i in range(d))
    return (trace + quadratic - d + log_dets) / 2


def kl_mvn_grad(
    loc_p: Matrix, scale_tril_p: Matrix, loc_q: Matrix, scale_tril_q: Matrix
) -> tuple[Matrix, ...]:
    """The gradients of `kl_mvn`: by a factor, only its lower triangle (the upper one is not read)
    is not zero.
    """
    inverse_q, precision, by_loc = _common(loc_p, loc_q, scale_tril_q)
    second = _second_moment(loc_p, scale_tril_p, loc_q)
    by_tril_p = _lower(precision * scale_tril_p - _inverse(scale_tril_p).T)
    by_tril_q = _lower(inverse_q.T - precision * second * inverse_q.T)
    return by_loc, by_tril_p, -by_loc, by_tril_q


def kl_mvn_covariance_grad(
    loc_p: Matrix, covariance_p: Matrix, loc_q: Matrix, covariance_q: Matrix
) -> tuple[Matrix, ...]:
    """The gradients of `kl_mvn_covariance`, by the covariances as symmetric matrices: dKL = tr(G
    dS), G = G'.
    """
    tril_p, tril_q = cholesky(covariance_p), cholesky(covariance_q)
    _, precision, by_loc = _common(loc_p, loc_q, tril_q)
    inverse_p = _inverse(tril_p)
    second = _second_moment(loc_p, tril_p, loc_q)
    by_p = (precision - inverse_p.T * inverse_p) / 2
    by_q = (precision - precision * second * precision) / 2
    return by_loc, by_p, -by_loc, by_q


def _common(loc_p: Matrix, loc_q: Matrix, scale_tril_q: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    inverse_q = _inverse(scale_tril_q)
    precision = inverse_q.T * inverse_q
    return inverse_q, precision, precision * (loc_p - loc_q)


def _second_moment(loc_p: Matrix, scale_tril_p: Matrix, loc_q: Matrix) -> Matrix:
    difference = loc_p - loc_q
    return scale_tril_p * scale_tril_p.T + difference * difference.T


def _inverse(lower: Matrix) -> Matrix:
    """The inverse of a lower triangular matrix, by forward substitution."""
    n = lower.rows
    out = matrix(n, n)
    for j in range(n):
        for i in range(j, n):
            known = sum(lower[i, k] * out[k, j] for k in range(j, i))
            out[i, j] = ((1 if i == j else 0) - known) / lower[i, i]
    return out


def _lower(a: Matrix) -> Matrix:
    out = matrix(a.rows, a.cols)
    for i in range(a.rows):
        for j in range(i + 1):
            out[i, j] = a[i, j]
    return out
