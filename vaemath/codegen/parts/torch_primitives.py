"""The special functions of the torch kernels, each with its contract (float64 in, float64 out).

`fine` asks for float64 accuracy; otherwise for a result that is rounded to float32 or less
afterwards, which takes fewer passes over memory.
"""

from __future__ import annotations

import torch
from torch import Tensor

from vaemath.codegen.approximation import ATANH_TAIL as _ATANH
from vaemath.codegen.approximation import EXPM1_TAIL as _EXPM1
from vaemath.codegen.approximation import EXPM1_TAIL_NARROW as _EXPM1_NARROW
from vaemath.codegen.approximation import LOG1P_TAIL_NARROW as _LOG1P_NARROW
from vaemath.codegen.coefficients import coefficients
from vaemath.codegen.constants import HALF_E

EXPM1_TAIL = coefficients(_EXPM1)
EXPM1_TAIL_NARROW = coefficients(_EXPM1_NARROW)
ATANH_TAIL = coefficients(_ATANH)
LOG1P_TAIL_NARROW = coefficients(_LOG1P_NARROW)


def _polynomial(coefficients: tuple[float, ...], x: Tensor) -> Tensor:
    """sum_k coefficients[k] x^k by Horner's rule."""
    total = x * coefficients[-1] + coefficients[-2]
    for c in reversed(coefficients[:-2]):
        total = total * x + c
    return total


def _half_expm1_parts(s: Tensor, fine: bool) -> tuple[Tensor, Tensor]:
    """(e^s - 1 - s)/2 and (e^s - 1)/2, wherever these are finite."""
    if not fine:
        far = torch.nn.functional.hardshrink(s, 0.000244140625)  # 0 where |s| <= 2^-12
        x = s - far  # 0 elsewhere
        rise = torch.exp(far) - 1.0
        square = x * x
        gap = torch.addcmul(0.5 * square, square, x, value=EXPM1_TAIL_NARROW[0])
        return 0.5 * (rise - far + gap), 0.5 * (rise + x + gap)
    near = (s > -1.25) & (s < 1.625)
    x = torch.where(near, s, 0.0)
    square = x * x
    gap = 0.25 * square + 0.5 * square * (x * _polynomial(EXPM1_TAIL, x))
    # e^s overflows before e^s / 2 does: there, e^(s - 1) (e / 2)
    rise = torch.where(s > 709.0, torch.exp(s - 1.0) * HALF_E, 0.5 * torch.expm1(s))
    return torch.where(near, gap, rise - 0.5 * s), rise


def _log_gap(t: Tensor, a: Tensor, b: Tensor, fine: bool) -> Tensor:
    """t - log(a/b) for t = (a - b)/b and a, b > 0; never negative."""
    if not fine:
        square = t * t
        cube = square * t
        gap = torch.add(0.5 * square, cube, alpha=LOG1P_TAIL_NARROW[0])
        gap = torch.addcmul(gap, cube, t, value=LOG1P_TAIL_NARROW[1])
        return torch.where(torch.abs(t) <= 0.001953125, gap, t - torch.log(a / b))
    near = (t > -0.5) & (t < 1.0)
    x = torch.where(near, t, 0.0)
    w = x / (2.0 + x)
    v = w * w
    gap = w * (x - 2.0 * (v * _polynomial(ATANH_TAIL, v)))
    ratio = a / b
    # a quotient below the normal numbers has lost its digits
    log_ratio = torch.where(ratio > 1e-290, torch.log(ratio), torch.log(a) - torch.log(b))
    return torch.where(near, gap, t - log_ratio)


def _half_square_plus(a: Tensor, b: Tensor) -> Tensor:
    """a^2/2 + b, in one pass."""
    return torch.addcmul(b, a, a, value=0.5)


def _standardised(a: Tensor, b: Tensor, scale: Tensor, fine: bool) -> Tensor:
    """(a - b)/scale for scale > 0, also where a - b overflows and the quotient does not."""
    if not fine:
        return (a - b) / scale
    quarter = torch.where(scale > 1.0, 0.25, 1.0).to(scale.dtype)
    return (a * quarter - b * quarter) / (scale * quarter)


def _logistic_parts(logits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """log(1 + e^-|l|), 1/(1 + e^-l) and 1/(1 + e^l)."""
    small = torch.exp(-torch.abs(logits))
    high = 1.0 / (1.0 + small)
    low = small * high
    positive = logits > 0.0
    return torch.log1p(small), torch.where(positive, high, low), torch.where(positive, low, high)


def _solve_lower(factor: Tensor, right: Tensor) -> Tensor:
    """factor^-1 right for a lower triangular factor."""
    solution: Tensor = torch.linalg.solve_triangular(factor, right, upper=False)
    return solution


def _solve_lower_transposed(factor: Tensor, right: Tensor) -> Tensor:
    """factor^-T right for a lower triangular factor."""
    solution: Tensor = torch.linalg.solve_triangular(factor.mT, right, upper=True)
    return solution


def _cholesky(matrix: Tensor) -> Tensor:
    """The Cholesky factor of a symmetric positive definite matrix."""
    factor: Tensor = torch.linalg.cholesky_ex(matrix).L
    return factor
