"""Oracles over arrays: batch dimensions lead and broadcast, every number is settled before it is
rounded.

Inputs are taken as the exact binary numbers that they are. An oracle is evaluated at more and more
digits until two precisions agree, so the cancellation in the textbook forms does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from mpmath import matrix, mp, mpf, workdps
from numpy.typing import NDArray

from vaemath.errors import VaemathError
from vaemath.testing.oracles.table import Oracle, by_theorem

__all__ = ["exact", "exact_grad", "gradient", "settle", "value"]

#: Decimal digits tried in turn; two successive ones must agree to `AGREE`.
DIGITS = (50, 100, 200, 400)
AGREE = mpf(10) ** -24
TINY = mpf(10) ** -330


def value(name: str, *arguments: Any, **options: Any) -> NDArray[np.float64]:
    """The oracle `name` over arrays, rounded to float64.

    Shapes: as the kernel of that name. Raises `VaemathError` for an unknown name or shapes that do
    not broadcast.
    """
    return np.asarray(exact(name, *arguments, **options)).astype(np.float64)


def gradient(name: str, *arguments: Any, **options: Any) -> tuple[NDArray[np.float64], ...]:
    """The gradients of the summed value, one per argument in that argument's shape, rounded to
    float64.
    """
    return tuple(g.astype(np.float64) for g in exact_grad(name, *arguments, **options))


def exact(name: str, *arguments: Any, **options: Any) -> NDArray[np.object_]:
    """As `value`, but an array of mpmath numbers: what an error in ULP is measured against."""
    oracle = by_theorem(name)
    arrays, batch = _broadcast(oracle, arguments)
    out = np.empty(batch, dtype=object)
    for index in np.ndindex(batch):
        event = _event(oracle, arrays, index)
        out[index] = settle(partial(_values, oracle, event, options))[0]
    return out


def exact_grad(name: str, *arguments: Any, **options: Any) -> tuple[NDArray[np.object_], ...]:
    """As `gradient`, but arrays of mpmath numbers."""
    oracle = by_theorem(name)
    arrays, batch = _broadcast(oracle, arguments)
    full = [np.empty(a.shape, dtype=object) for a in arrays]
    for index in np.ndindex(batch):
        event = _event(oracle, arrays, index)
        flat = settle(partial(_slopes, oracle, event, options))
        start = 0
        for target in full:
            part = target[index]
            size = int(np.size(part))
            target[index] = flat[start] if part is None else _shaped(flat[start : start + size], part.shape)
            start += size
    return tuple(_unbroadcast(g, np.shape(a)) for g, a in zip(full, arguments, strict=True))


def settle(compute: Callable[[], list[Any]]) -> list[Any]:
    """What `compute` gives, at the first precision that agrees with the one before."""
    results: Iterator[list[Any]] = (_at(digits, compute) for digits in DIGITS)
    last: list[Any] = []
    for before, after in pairwise(results):
        last = after
        if all(_agree(a, b) for a, b in zip(before, after, strict=True)):
            break
    return [mpf(0) if abs(number) < TINY else number for number in last]


def _at(digits: int, compute: Callable[[], list[Any]]) -> list[Any]:
    with workdps(digits):
        return [+number for number in compute()]


def _values(oracle: Oracle, event: list[Any], options: dict[str, Any]) -> list[Any]:
    return [oracle.value(*event, **options)]


def _slopes(oracle: Oracle, event: list[Any], options: dict[str, Any]) -> list[Any]:
    return [number for g in oracle.grad(*event, **options) for number in _flat(g)]


def _agree(a: Any, b: Any) -> bool:
    if abs(b) < TINY:  # perhaps 1 + x rounded to 1: only the last precision may call a number zero
        return False
    return bool(abs(a - b) <= AGREE * abs(b) or not mp.isfinite(b))


def _broadcast(
    oracle: Oracle, arguments: tuple[Any, ...]
) -> tuple[list[NDArray[np.float64]], tuple[int, ...]]:
    if len(arguments) != len(oracle.events):
        raise VaemathError(
            f"{oracle.name}: got {len(arguments)} arguments; expected {', '.join(oracle.arguments)}"
        )
    arrays = [np.asarray(a, dtype=np.float64) for a in arguments]
    for array, name, event in zip(arrays, oracle.arguments, oracle.events, strict=True):
        if array.ndim < event:
            raise VaemathError(f"{name}: got shape {array.shape}; expected at least {event} dimensions")
    leading = [a.shape[: a.ndim - e] for a, e in zip(arrays, oracle.events, strict=True)]
    try:
        batch = np.broadcast_shapes(*leading)
    except ValueError:
        raise VaemathError(f"{oracle.name}: batch shapes {leading} do not broadcast") from None
    shapes = [batch + a.shape[a.ndim - e :] for a, e in zip(arrays, oracle.events, strict=True)]
    return [np.broadcast_to(a, s) for a, s in zip(arrays, shapes, strict=True)], batch


def _event(oracle: Oracle, arrays: list[NDArray[np.float64]], index: tuple[int, ...]) -> list[Any]:
    events = [array[index] for array in arrays]
    if oracle.matrices:
        return [matrix(e.tolist()) for e in events]
    return [mpf(float(e)) if np.ndim(e) == 0 else [mpf(float(n)) for n in e] for e in events]


def _flat(part: Any) -> list[Any]:
    if isinstance(part, list | tuple):
        return list(part)
    if hasattr(part, "rows"):
        return [part[i, j] for i in range(part.rows) for j in range(part.cols)]
    return [part]


def _shaped(numbers: list[Any], shape: tuple[int, ...]) -> NDArray[np.object_]:
    out = np.empty(len(numbers), dtype=object)
    out[:] = numbers
    return out.reshape(shape)


def _unbroadcast(array: NDArray[np.object_], shape: tuple[int, ...]) -> NDArray[np.object_]:
    extra = array.ndim - len(shape)
    out = array.sum(axis=tuple(range(extra))) if extra else array
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and np.shape(out)[i] != 1)
    result = np.asarray(out, dtype=object)
    return result.sum(axis=stretched, keepdims=True) if stretched else result
