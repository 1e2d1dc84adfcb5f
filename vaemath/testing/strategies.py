"""Hypothesis strategies for the parameters of KL functions: batched, in an ordinary and an extreme
regime.

Every strategy gives float64 numpy arrays and shrinks towards the standard normal (zeros for
locations and logarithms, ones for scales). Matrices are made from Cholesky factors, so that they
are positive definite by construction and their conditioning is what was asked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from vaemath.errors import VaemathError

__all__ = [
    "Regime",
    "batch_shapes",
    "covariances",
    "finite_distributions",
    "locations",
    "log_variances",
    "near_pairs",
    "scale_trils",
    "scales",
]

Array = NDArray[np.float64]
Regime = Literal["ordinary", "extreme"]
Shape = Sequence[int]


@dataclass(frozen=True)
class _Range:
    loc: float  # largest |location|
    log_scale: float  # largest |log scale|
    off_diagonal: float  # largest |entry below the diagonal| in units of the smaller of the two scales
    log_diagonal: float  # largest |log diagonal| of a Cholesky factor


_RANGES: dict[str, _Range] = {
    "ordinary": _Range(10.0, 3.0, 1.0, 1.5),
    "extreme": _Range(1e8, 30.0, 1.0, 9.0),
}


def batch_shapes(*, max_dims: int = 2, max_side: int = 3) -> st.SearchStrategy[tuple[int, ...]]:
    """Batch shapes, the empty one among them."""
    return hnp.array_shapes(min_dims=0, max_dims=max_dims, min_side=1, max_side=max_side)


def locations(shape: Shape, *, regime: Regime = "ordinary") -> st.SearchStrategy[Array]:
    """Locations of that shape: within 10 of zero, or within 1e8 in the extreme regime (small ones
    included).
    """
    bound = _range(regime).loc
    numbers = st.floats(-bound, bound, allow_nan=False)
    if regime == "extreme":
        numbers |= st.floats(-1e-6, 1e-6)
    return _arrays(shape, numbers)


def log_variances(shape: Shape, *, regime: Regime = "ordinary") -> st.SearchStrategy[Array]:
    """Log-variances of that shape: within 6 of zero, or within 60 in the extreme regime (tiny ones
    included).
    """
    bound = 2 * _range(regime).log_scale
    numbers = st.floats(-bound, bound, allow_nan=False)
    if regime == "extreme":
        numbers |= st.floats(-1e-6, 1e-6)
    return _arrays(shape, numbers)


def scales(shape: Shape, *, regime: Regime = "ordinary") -> st.SearchStrategy[Array]:
    """Positive scales of that shape: exp of half a log-variance."""
    return log_variances(shape, regime=regime).map(lambda v: np.exp(v / 2))


def scale_trils(
    shape: Shape, *, regime: Regime = "ordinary", max_condition: float = math.inf
) -> st.SearchStrategy[Array]:
    """Lower Cholesky factors, shape (..., d, d): bounded log-diagonals, bounded entries below.

    `max_condition` bounds the condition number of the covariance L L'. A factor above it is pulled
    towards its diagonal, and the diagonal towards one number, until it obeys. Raises `VaemathError`
    if the last two dimensions are not equal, or if `max_condition` is below 1.
    """
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise VaemathError(f"shape: got {tuple(shape)}; expected (..., d, d)")
    if max_condition < 1:
        raise VaemathError(f"max_condition: got {max_condition}; expected at least 1")
    bounds = _range(regime)
    diagonal = _arrays(shape[:-1], st.floats(-bounds.log_diagonal, bounds.log_diagonal))
    below = _arrays(shape, st.floats(-bounds.off_diagonal, bounds.off_diagonal))
    return st.builds(_factor, diagonal, below, st.just(max_condition))


def covariances(
    shape: Shape, *, regime: Regime = "ordinary", max_condition: float = 1e8
) -> st.SearchStrategy[Array]:
    """Symmetric positive definite matrices, shape (..., d, d), of at most that condition number."""
    factors = scale_trils(shape, regime=regime, max_condition=max_condition)
    return factors.map(lambda lower: lower @ np.swapaxes(lower, -1, -2))


def near_pairs(
    base: st.SearchStrategy[Array], *, positive: bool = False
) -> st.SearchStrategy[tuple[Array, Array]]:
    """Pairs (a, b) of arrays out of `base` that differ by nothing, by one rounding, or by a factor
    up to 1e-3.

    With `positive` the second is a (1 + t), which keeps signs; otherwise it is a + t max(1, |a|).
    """
    steps = st.sampled_from([0.0, 2.0**-52, -(2.0**-52), 1e-12, -1e-9, 1e-6, -1e-3])

    def pair(a: Array, step: float) -> tuple[Array, Array]:
        return a, a * (1 + step) if positive else a + step * np.maximum(1.0, np.abs(a))

    return st.builds(pair, base, steps)


def finite_distributions(shape: Shape, *, regime: Regime = "ordinary") -> st.SearchStrategy[Array]:
    """Probability vectors along the last axis: above 1e-3 before normalising, or down to 1e-300
    (extreme).
    """
    lowest = -math.log(1e3) if regime == "ordinary" else -math.log(1e300)
    logs = _arrays(shape, st.floats(lowest, 0.0))
    _range(regime)
    return logs.map(lambda v: np.exp(v) / np.exp(v).sum(axis=-1, keepdims=True))


def _range(regime: str) -> _Range:
    if regime not in _RANGES:
        raise VaemathError(f"regime: got {regime!r}; expected 'ordinary' or 'extreme'")
    return _RANGES[regime]


def _arrays(shape: Shape, numbers: st.SearchStrategy[float]) -> st.SearchStrategy[Array]:
    fill = st.nothing()
    strategy: st.SearchStrategy[Any] = hnp.arrays(np.float64, tuple(shape), elements=numbers, fill=fill)
    return strategy


def _factor(log_diagonal: Array, below: Array, max_condition: float) -> Array:
    shrink = 1.0
    lower = _assemble(log_diagonal, below, shrink)
    while max_condition < math.inf and float(np.max(np.linalg.cond(lower), initial=1.0)) ** 2 > max_condition:
        shrink *= 0.7
        lower = _assemble(log_diagonal, below, shrink if shrink > 1e-3 else 0.0)
    return lower


def _assemble(log_diagonal: Array, below: Array, shrink: float) -> Array:
    middle = log_diagonal.mean(axis=-1, keepdims=True)
    scale = np.exp(middle + shrink * (log_diagonal - middle))
    smaller = np.minimum(scale[..., :, None], scale[..., None, :])
    eye = np.eye(scale.shape[-1])
    lower: Array = np.tril(shrink * below * smaller, -1) + scale[..., :, None] * eye
    return lower
