"""Errors in units in the last place (ULP) of the dtype that a function returned."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import mpf
from numpy.typing import NDArray

__all__ = ["ulp_errors"]


def ulp_errors(got: Any, exact: NDArray[np.object_]) -> NDArray[np.float64]:
    """|got - exact| in ULP of `got`'s dtype at `exact`; inf where `got` is not finite but `exact`
    fits.

    Shapes: `got` and `exact` alike. A result that overflows the dtype, and is inf with the right
    sign, has error 0.
    """
    numbers = np.asarray(got)
    dtype = numbers.dtype if numbers.dtype.kind == "f" else np.dtype(np.float64)
    out = np.empty(exact.shape, dtype=np.float64)
    for index in np.ndindex(exact.shape):
        out[index] = _one(numbers[index], exact[index], dtype)
    return out


def _one(got: Any, exact: Any, dtype: np.dtype[Any]) -> float:
    limits = np.finfo(dtype)
    if abs(exact) > mpf(float(limits.max)):
        return 0.0 if np.isinf(got) and (got > 0) == (exact > 0) else float("inf")
    if not np.isfinite(got):
        return float("inf")
    unit = mpf(float(np.spacing(np.abs(dtype.type(exact)))))
    return float(abs(mpf(float(got)) - exact) / unit)
