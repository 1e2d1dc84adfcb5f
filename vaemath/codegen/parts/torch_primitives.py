"""The special functions of the torch kernels, each with its contract.

`fine` asks for float64 accuracy of float64 arguments; otherwise float32 accuracy will do, which takes
fewer passes over memory. Where two bounds from below are at hand, one close near zero and the other
elsewhere, the larger of them needs no selection, which is the slowest thing that eager torch does.
"""

from __future__ import annotations

import torch
from torch import Tensor

from vaemath.codegen.approximation import ATANH_TAIL as _ATANH
from vaemath.codegen.approximation import EXPM1_TAIL as _EXPM1
from vaemath.codegen.coefficients import coefficients
from vaemath.codegen.constants import HALF_E

EXPM1_TAIL = coefficients(_EXPM1)
ATANH_TAIL = coefficients(_ATANH)


def _polynomial(coefficients: tuple[float, ...], x: Tensor) -> Tensor:
    """sum_k coefficients[k] x^k by Horner's rule."""
    total = x * coefficients[-1] + coefficients[-2]
    for c in reversed(coefficients[:-2]):
        total = total * x + c
    return total


def _half_expm1_parts(s: Tensor, fine: bool) -> tuple[Tensor, Tensor]:
    """(e^s - 1 - s)/2 and (e^s - 1)/2, wherever these are finite."""
    if not fine:
        # (e^s (1 - 2^-51) - 1)/2 stays below (e^s - 1)/2 whatever e^s is rounded to; near zero, where it
        # is nothing but rounding, s/2 and s^2/4 + s^3/12 are the larger bounds
        wide, linear = s.to(torch.float64), 0.5 * s
        low = linear * torch.addcmul(linear, linear, s, value=0.3333333333333333)
        far = torch.rsub(torch.exp(wide), -0.5, alpha=-0.4999999999999998)
        gap = torch.maximum(torch.sub(far, wide, alpha=0.5).to(s.dtype), low)
        return gap, torch.maximum(far.to(s.dtype), linear)
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
        # t - log(a/b) - 2^-52 stays below in spite of rounding; near zero t^2/2 - t^3/3 is the larger bound
        low = t * torch.rsub(t, 0.5, alpha=0.3333333333333333) * t
        return torch.maximum(t - torch.log(a / b) - 2.220446049250313e-16, low)
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


def _logistic_steps(logits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """e^-|l|, log(1 + e^-|l|), and 1 for l > 0, else 0."""
    small = torch.exp(-torch.abs(logits))
    return small, torch.log1p(small), torch.clamp(torch.sign(logits), min=0.0)


def _sum_event(x: Tensor) -> Tensor:
    """The sum over the last axis, in float64."""
    return torch.sum(x, -1, dtype=torch.float64)


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
