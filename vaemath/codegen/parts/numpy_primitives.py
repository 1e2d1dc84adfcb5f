"""The special functions of the NumPy kernels, each with its contract (float64 in, float64 out)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vaemath.codegen.approximation import ATANH_TAIL as _ATANH
from vaemath.codegen.approximation import EXPM1_TAIL as _EXPM1
from vaemath.codegen.coefficients import coefficients
from vaemath.codegen.constants import HALF_E

Array = npt.NDArray[np.float64]

EXPM1_TAIL = coefficients(_EXPM1)
ATANH_TAIL = coefficients(_ATANH)


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    """sum_k coefficients[k] x^k by Horner's rule."""
    total = np.full_like(x, coefficients[-1])
    for c in reversed(coefficients[:-1]):
        total = total * x + c
    return total


def _half_expm1_parts(s: Array) -> tuple[Array, Array]:
    """(e^s - 1 - s)/2 and (e^s - 1)/2, wherever these are finite."""
    near = (s > -1.25) & (s < 1.625)
    x = np.where(near, s, 0.0)
    square = x * x
    gap = 0.25 * square + 0.5 * square * (x * _polynomial(EXPM1_TAIL, x))
    # e^s overflows before e^s / 2 does: there, e^(s - 1) (e / 2)
    rise = np.where(s > 709.0, np.exp(s - 1.0) * HALF_E, 0.5 * np.expm1(s))
    return np.where(near, gap, rise - 0.5 * s), rise


def _log_gap(t: Array, a: Array, b: Array) -> Array:
    """t - log(a/b) for t = (a - b)/b and a, b > 0; never negative."""
    near = (t > -0.5) & (t < 1.0)
    x = np.where(near, t, 0.0)
    w = x / (2.0 + x)
    v = w * w
    gap = w * (x - 2.0 * (v * _polynomial(ATANH_TAIL, v)))
    ratio = a / b
    # a quotient below the normal numbers has lost its digits
    log_ratio = np.where(ratio > 1e-290, np.log(ratio), np.log(a) - np.log(b))
    return np.where(near, gap, t - log_ratio)


def _standardised(a: Array, b: Array, scale: Array) -> Array:
    """(a - b)/scale for scale > 0, also where a - b overflows and the quotient does not."""
    quarter = np.where(scale > 1.0, 0.25, 1.0)
    return (a * quarter - b * quarter) / (scale * quarter)


def _logistic_parts(logits: Array) -> tuple[Array, Array, Array]:
    """log(1 + e^-|l|), 1/(1 + e^-l) and 1/(1 + e^l)."""
    small = np.exp(-np.abs(logits))
    high = 1.0 / (1.0 + small)
    low = small * high
    positive = logits > 0.0
    return np.log1p(small), np.where(positive, high, low), np.where(positive, low, high)


def _solve_lower(factor: Array, right: Array) -> Array:
    """factor^-1 right for a lower triangular factor, by forward substitution."""
    solution = np.zeros_like(right)
    for i in range(factor.shape[-1]):
        known = (factor[..., i, None, :i] @ solution[..., :i, :])[..., 0, :]
        solution[..., i, :] = (right[..., i, :] - known) / factor[..., i, i, None]
    return solution


def _solve_lower_transposed(factor: Array, right: Array) -> Array:
    """factor^-T right for a lower triangular factor, by back substitution."""
    solution = np.zeros_like(right)
    for i in reversed(range(factor.shape[-1])):
        known = (factor[..., None, i + 1 :, i] @ solution[..., i + 1 :, :])[..., 0, :]
        solution[..., i, :] = (right[..., i, :] - known) / factor[..., i, i, None]
    return solution


def _transpose(matrix: Array) -> Array:
    """The transpose of the last two axes."""
    return np.swapaxes(matrix, -1, -2)


def _diagonal(matrix: Array) -> Array:
    """The diagonal of the last two axes."""
    return np.diagonal(matrix, axis1=-2, axis2=-1)


def _diagonal_matrix(vector: Array) -> Array:
    """The diagonal matrix of the last axis."""
    return vector[..., None] * np.eye(vector.shape[-1])
