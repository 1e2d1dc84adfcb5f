"""The special functions of the JAX kernels, each with its contract (float64 in, float64 out)."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax

from vaemath.codegen.approximation import ATANH_TAIL as _ATANH
from vaemath.codegen.approximation import EXPM1_REDUCED as _EXPM1
from vaemath.codegen.coefficients import coefficients
from vaemath.codegen.reals import DOUBLE, reduction

EXPM1_REDUCED = coefficients(_EXPM1)
ATANH_TAIL = coefficients(_ATANH)
LOWEST, HIGHEST, LOG2_E, LN2_HIGH, LN2_LOW, HALF_LN2_HIGH = (
    reduction(DOUBLE)[name]
    for name in ("LOWEST", "HIGHEST", "LOG2_E", "LN2_HIGH", "LN2_LOW", "HALF_LN2_HIGH")
)


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    """sum_k coefficients[k] x^k by Horner's rule."""
    total = x * coefficients[-1] + coefficients[-2]
    for c in reversed(coefficients[:-2]):
        total = total * x + c
    return total


def _leading(x: Array) -> Array:
    """x without the lower half of its digits: the square of that is exact."""
    return lax.reduce_precision(x, exponent_bits=11, mantissa_bits=25)


def _half_power_of_two(n: Array) -> Array:
    """2^n / 2 for an integer n."""
    return lax.bitcast_convert_type((n.astype(jnp.int64) + 1022) << 52, jnp.float64)


def _expm1_gap(r: Array, h: Array) -> Array:
    """e^r - 1 - r for |r| <= 45/64, where h is r without its last digits."""
    return 0.5 * h * h + ((r - h) * (0.5 * (r + h)) + r * r * (r * _polynomial(EXPM1_REDUCED, r)))


def _half_expm1_parts(s: Array) -> tuple[Array, Array]:
    """(e^s - 1 - s)/2 and (e^s - 1)/2, wherever these are finite.

    With s = n log 2 + r, n rounded towards zero, no two large terms below have opposite signs; the
    largest, `head` and `leap`, are exact, and what their sum loses is added to the small ones. None is
    infinite before their sum is.
    """
    x = jnp.minimum(jnp.maximum(s, LOWEST), HIGHEST)
    n = jnp.trunc(x * LOG2_E)
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


def _difference_parts(a: Array, b: Array) -> tuple[Array, Array]:
    """a - b, and what rounding took from it."""
    difference = a - b
    back = a - difference
    return difference, (a - (difference + back)) + (back - b)


def _standardised_parts(a: Array, b: Array, scale: Array) -> tuple[Array, Array]:
    """(a - b)/scale for scale > 0, rounded once, and what that took from it where it matters to a square.

    All are first multiplied by a power of two, so that nothing overflows, or falls below the normal
    numbers, unless the quotient does.
    """
    lifted = jnp.where(jnp.abs(b) < 1e-150, scale * 2.0**400, scale)
    small = jnp.where(jnp.abs(a) < 1e-150, lifted, scale)
    unit = jnp.where(scale > 1.0, scale * 2.0**-30, small)
    factor = unit / scale
    above, below = _difference_parts(a * factor, b * factor)
    z = above / unit
    high, leading = _leading(z), _leading(unit)
    rest = ((above - high * leading) - high * (unit - leading)) - (z - high) * unit
    size = jnp.abs(z)
    slip = jnp.where(size < 1e150, jnp.where(size < 1e-200, 0.0, (rest + below) / unit), 0.0)
    nearest = z + slip
    return nearest, (z - nearest) + slip


def _standardised(a: Array, b: Array, scale: Array) -> Array:
    """(a - b)/scale for scale > 0, rounded once."""
    return _standardised_parts(a, b, scale)[0]


def _log_gap(t: Array, slip: Array | float, a: Array, b: Array) -> Array:
    """t + slip - log(a/b) for t + slip = (a - b)/b and a, b > 0, where t is its rounding; never negative."""
    near = (t > -0.5) & (t < 1.0)
    x = jnp.where(near, t, 0.0)
    w = x / (2.0 + x)
    v = w * w
    gap = w * (x - 2.0 * (v * _polynomial(ATANH_TAIL, v)))
    middle = (t > -0.99) & (t < 1e6)
    ratio = a / b
    # a quotient below the normal numbers has lost its digits
    log_ratio = jnp.where(ratio > 1e-290, jnp.log(ratio), jnp.log(a) - jnp.log(b))
    far = jnp.where(middle, t - jnp.log1p(t), t - log_ratio)
    return jnp.where(near, gap, far) + slip * jnp.where(middle, t / (1.0 + t), 1.0)


def _total(terms: tuple[Array, ...]) -> Array:
    """The sum, rounded once."""
    total, lost = terms[0], 0.0 * terms[0]
    for term in terms[1:]:
        new = total + term
        back = new - total
        lost = lost + ((total - (new - back)) + (term - back))
        total = new
    return jnp.where(jnp.isfinite(total), total + lost, total)


def _log1p_unit(u: Array) -> Array:
    """log(1 + u) for 0 <= u <= 1, as u less a positive correction; XLA's own is 1.8 ULP off."""
    w = u / (2.0 + u)
    v = w * w
    return u - w * (u - 2.0 * (v * _polynomial(ATANH_TAIL, v)))


def _logistic_parts(logits: Array) -> tuple[Array, Array, Array]:
    """log(1 + e^-|l|), 1/(1 + e^-l) and 1/(1 + e^l)."""
    small = jnp.exp(-jnp.abs(logits))
    high = 1.0 / (1.0 + small)
    low = small * high
    positive = logits > 0.0
    return _log1p_unit(small), jnp.where(positive, high, low), jnp.where(positive, low, high)


def _solve_lower(factor: Array, right: Array) -> Array:
    """factor^-1 right for a lower triangular factor, by forward substitution."""
    return lax.linalg.triangular_solve(factor, right, left_side=True, lower=True)


def _coarse(x: Array, axis: int) -> Array:
    """x to 23 digits of its largest entry along an axis: sums of products of two such are exact."""
    grid = 2.0**30 * jnp.abs(x).max(axis=axis, keepdims=True, initial=0.0)
    return jnp.where(grid < 1e300, (x + grid) - grid, x)


def _solve_lower_refined(factor: Array, right: Array) -> Array:
    """factor^-1 right for a lower triangular factor, corrected once by a residual of twice the digits."""
    solution = _solve_lower(factor, right)
    front, top = _coarse(factor, -1), _coarse(solution, -2)
    residual = ((right - front @ top) - front @ (solution - top)) - (factor - front) @ solution
    return solution + _solve_lower(factor, residual)


def _solve_lower_transposed(factor: Array, right: Array) -> Array:
    """factor^-T right for a lower triangular factor, by back substitution."""
    return lax.linalg.triangular_solve(factor, right, left_side=True, lower=True, transpose_a=True)


def _cholesky(matrix: Array) -> Array:
    """The Cholesky factor of a symmetric positive definite matrix; NaN where it has none."""
    factor: Array = jnp.linalg.cholesky(matrix)
    return factor


def _diagonal(matrix: Array) -> Array:
    """The diagonal of the last two axes."""
    entries: Array = jnp.diagonal(matrix, axis1=-2, axis2=-1)
    return entries


def _diagonal_matrix(vector: Array) -> Array:
    """The diagonal matrix of the last axis."""
    return vector[..., None] * jnp.eye(vector.shape[-1])
