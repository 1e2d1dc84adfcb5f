"""The special functions of the torch kernels, each with its contract.

`fine` asks for float64 accuracy of float64 arguments; otherwise float32 accuracy will do, which takes
fewer passes over memory. Where two bounds from below are at hand, one close near zero and the other
elsewhere, the larger of them needs no selection, which is the slowest thing that eager torch does.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from vaemath.codegen.approximation import ATANH_TAIL as _ATANH
from vaemath.codegen.approximation import EXPM1_REDUCED as _EXPM1
from vaemath.codegen.coefficients import coefficients
from vaemath.codegen.reals import DOUBLE, reduction
from vaemath.codegen.targets.torch.edges import _solve, _traced

EXPM1_REDUCED = coefficients(_EXPM1)
ATANH_TAIL = coefficients(_ATANH)
LOWEST, HIGHEST, LOG2_E, LN2_HIGH, LN2_LOW, HALF_LN2_HIGH = (
    reduction(DOUBLE)[name]
    for name in ("LOWEST", "HIGHEST", "LOG2_E", "LN2_HIGH", "LN2_LOW", "HALF_LN2_HIGH")
)


def _polynomial(coefficients: tuple[float, ...], x: Tensor) -> Tensor:
    """sum_k coefficients[k] x^k by Horner's rule."""
    total = x * coefficients[-1] + coefficients[-2]
    for c in reversed(coefficients[:-2]):
        total = total * x + c
    return total


def _leading(x: Tensor) -> Tensor:
    """x without the lower half of its digits: the square of that is exact."""
    scaled = 134217729.0 * x
    return scaled - (scaled - x)


def _half_power_of_two(n: Tensor) -> Tensor:
    """2^n / 2 for an integer n."""
    if _traced():  # what is saved cannot look at bits
        return torch.exp2(n - 1.0)
    return torch.bitwise_left_shift(n.to(torch.int64) + 1022, 52).view(torch.float64)


def _expm1_gap(r: Tensor, h: Tensor) -> Tensor:
    """e^r - 1 - r for |r| <= 45/64, where h is r without its last digits."""
    return 0.5 * h * h + ((r - h) * (0.5 * (r + h)) + r * r * (r * _polynomial(EXPM1_REDUCED, r)))


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
    # s = n log 2 + r, n rounded towards zero: no two large terms have opposite signs; the largest, `head`
    # and `leap`, are exact, and what their sum loses is added to the small ones; none is infinite
    # before their sum is
    x = torch.clamp(s, min=LOWEST, max=HIGHEST)
    n = torch.trunc(x * LOG2_E)
    y = x - n * LN2_HIGH
    c = n * LN2_LOW
    r = y - c
    h = _leading(y)
    g = _expm1_gap(r, h)
    power = _half_power_of_two(n)
    jump = power - 0.5
    head = jump - n * HALF_LN2_HIGH
    leap = jump * h
    body = head + leap
    lost = leap - (body - head)
    gap = body + (power * g + (jump * (y - h) + (lost - power * c))) + 0.5 * (x - s)
    return gap, power * (r + g) + jump


def _difference_parts(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """a - b, and what rounding took from it."""
    difference = a - b
    back = a - difference
    return difference, (a - (difference + back)) + (back - b)


def _standardised_parts(a: Tensor, b: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
    """(a - b)/scale for scale > 0, rounded once, and what that took from it where it matters to a square.

    All are first multiplied by a power of two, so that nothing overflows, or falls below the normal
    numbers, unless the quotient does.
    """
    lifted = torch.where(torch.abs(b) < 1e-150, scale * 2.0**400, scale)
    small = torch.where(torch.abs(a) < 1e-150, lifted, scale)
    unit = torch.where(scale > 1.0, scale * 2.0**-30, small)
    factor = unit / scale
    above, below = _difference_parts(a * factor, b * factor)
    z = above / unit
    high, leading = _leading(z), _leading(unit)
    rest = ((above - high * leading) - high * (unit - leading)) - (z - high) * unit
    size = torch.abs(z)
    slip = torch.where(size < 1e150, torch.where(size < 1e-200, 0.0, (rest + below) / unit), 0.0)
    nearest = z + slip
    return nearest, (z - nearest) + slip


def _standardised(a: Tensor, b: Tensor, scale: Tensor) -> Tensor:
    """(a - b)/scale for scale > 0, rounded once."""
    return _standardised_parts(a, b, scale)[0]


def _log_gap(t: Tensor, slip: Tensor | float, a: Tensor, b: Tensor, fine: bool) -> Tensor:
    """t + slip - log(a/b) for t + slip = (a - b)/b and a, b > 0, where t is its rounding; never negative."""
    if not fine:
        # t - log(a/b) - 2^-52 stays below in spite of rounding; near zero t^2/2 - t^3/3 is the larger bound
        low = t * torch.rsub(t, 0.5, alpha=0.3333333333333333) * t
        return torch.maximum(t - torch.log(a / b) - 2.220446049250313e-16, low)
    near = (t > -0.5) & (t < 1.0)
    x = torch.where(near, t, 0.0)
    w = x / (2.0 + x)
    v = w * w
    gap = w * (x - 2.0 * (v * _polynomial(ATANH_TAIL, v)))
    middle = (t > -0.99) & (t < 1e6)
    ratio = a / b
    # a quotient below the normal numbers has lost its digits
    log_ratio = torch.where(ratio > 1e-290, torch.log(ratio), torch.log(a) - torch.log(b))
    far = torch.where(middle, t - torch.log1p(t), t - log_ratio)
    return torch.where(near, gap, far) + slip * torch.where(middle, t / (1.0 + t), 1.0)


def _total(terms: tuple[Any, ...]) -> Tensor:
    """The sum, rounded once."""
    total, lost = terms[0], 0.0 * terms[0]
    for term in terms[1:]:
        new = total + term
        back = new - total
        lost = lost + ((total - (new - back)) + (term - back))
        total = new
    return torch.where(torch.isfinite(total), total + lost, total)


def _half_square_plus(a: Tensor, b: Tensor) -> Tensor:
    """a^2/2 + b, in one pass."""
    return torch.addcmul(b, a, a, value=0.5)


def _logistic_parts(logits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """log(1 + e^-|l|), 1/(1 + e^-l) and 1/(1 + e^l)."""
    small = torch.exp(-torch.abs(logits))
    high = 1.0 / (1.0 + small)
    low = small * high
    positive = logits > 0.0
    return torch.log1p(small), torch.where(positive, high, low), torch.where(positive, low, high)


def _logistic_steps(logits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """e^-|l|, log(1 + e^-|l|), and 1 for l > 0, else 0."""
    small = torch.exp(-torch.abs(logits))
    return small, torch.log1p(small), torch.clamp(torch.sign(logits), min=0.0)


def _sum_event(x: Tensor) -> Tensor:
    """The sum over the last axis, in float64."""
    return torch.sum(x, -1, dtype=torch.float64)


def _half_square_sum(x: Tensor) -> Tensor:
    """Half the sum of the squares over the last axis, in float64."""
    length: Tensor = torch.linalg.vector_norm(x, dim=-1, dtype=torch.float64)
    return 0.5 * length * length


def _solve_lower(factor: Tensor, right: Tensor) -> Tensor:
    """factor^-1 right for a lower triangular factor."""
    return _solve(factor, right, False)


def _coarse(x: Tensor, dim: int) -> Tensor:
    """x to 23 digits of its largest entry along an axis: sums of products of two such are exact."""
    grid = 2.0**30 * torch.amax(torch.abs(x), dim, keepdim=True)
    return torch.where(grid < 1e300, (x + grid) - grid, x)


def _solve_lower_refined(factor: Tensor, right: Tensor) -> Tensor:
    """factor^-1 right for a lower triangular factor, corrected once by a residual of twice the digits."""
    solution = _solve_lower(factor, right)
    front, top = _coarse(factor, -1), _coarse(solution, -2)
    residual = ((right - front @ top) - front @ (solution - top)) - (factor - front) @ solution
    return solution + _solve_lower(factor, residual)


def _solve_lower_transposed(factor: Tensor, right: Tensor) -> Tensor:
    """factor^-T right for a lower triangular factor."""
    return _solve(factor.mT, right, True)


def _cholesky(matrix: Tensor) -> Tensor:
    """The Cholesky factor of a symmetric positive definite matrix."""
    factor: Tensor = torch.linalg.cholesky_ex(matrix).L
    return factor
