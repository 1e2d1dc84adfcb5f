"""What every NumPy kernel does before and after its formulas: check, broadcast, reduce."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

KERNEL = "kernel"
EVENTS: dict[str, str] = {}


def _arguments(*values: npt.ArrayLike) -> tuple[list[Array], Any]:
    """The arguments as float64 arrays with one common batch shape, and the dtype of the result.

    EVENTS gives the event axes of each argument by letter: axes of one letter have one length.
    """
    arrays = {name: np.asarray(v) for name, v in zip(EVENTS, values, strict=True)}
    events = EVENTS.values()
    sizes: dict[str, int] = {}
    for (name, array), event in zip(arrays.items(), events, strict=True):
        if array.dtype.kind not in "fiu":
            raise TypeError(f"{KERNEL}: {name} has dtype {array.dtype}; expected real numbers")
        shape = f"(..., {', '.join(event)})" if event else "any shape"
        if array.ndim < len(event):
            raise ValueError(f"{KERNEL}: {name} has shape {array.shape}; expected {shape}")
        for letter, length in zip(event, array.shape[array.ndim - len(event) :], strict=True):
            if sizes.setdefault(letter, length) != length:
                raise ValueError(
                    f"{KERNEL}: {name} has shape {array.shape}; "
                    f"expected {shape} with {letter} = {sizes[letter]}"
                )
    batches = [a.shape[: a.ndim - len(e)] for a, e in zip(arrays.values(), events, strict=True)]
    try:
        batch = np.broadcast_shapes(*batches)
    except ValueError:
        shapes = ", ".join(f"{name} {a.shape}" for name, a in arrays.items())
        raise ValueError(f"{KERNEL}: the batch shapes do not broadcast: {shapes}") from None
    typed = [v if np.isscalar(v) else a for v, a in zip(values, arrays.values(), strict=True)]
    kind = np.result_type(*typed)
    if kind.kind != "f":
        kind = np.dtype(np.float64)
    wide = [
        np.broadcast_to(a.astype(np.float64), batch + tuple(sizes[letter] for letter in event))
        for a, event in zip(arrays.values(), events, strict=True)
    ]
    return wide, kind


def _require(name: str, ok: npt.NDArray[np.bool_], values: Array, expected: str) -> None:
    """Raise for the first entry that is not ok."""
    if not ok.all():
        where = tuple(int(i) for i in np.argwhere(~ok)[0])
        raise ValueError(f"{KERNEL}: {name} is {values[where]} at {where}; expected {expected}")


def _require_positive(name: str, values: Array) -> None:
    _require(name, (values > 0.0) & (values < np.inf), values, "a finite number > 0")


def _require_unit(name: str, values: Array) -> None:
    _require(name, ~((values < 0.0) | (values > 1.0)), values, "a number from 0 to 1")


def _require_factor(name: str, values: Array) -> None:
    """A Cholesky factor: lower triangular with a positive diagonal."""
    d = values.shape[-1]
    lower = np.tri(d, dtype=bool)
    _require(name, lower | (values == 0.0), values, "a lower triangular matrix")
    on_diagonal = np.eye(d, dtype=bool)
    positive = ~on_diagonal | ((values > 0.0) & (values < np.inf))
    _require(name, positive, values, "a Cholesky factor, positive on its diagonal")


def _cholesky(name: str, values: Array) -> Array:
    """The Cholesky factor of a batch of covariance matrices."""
    d = values.shape[-1]
    size = np.abs(values).max(axis=(-2, -1), keepdims=True, initial=0.0)
    even = np.abs(values - np.swapaxes(values, -1, -2)) <= 1e-5 * size
    _require(name, even, values, "a symmetric matrix")
    factor = np.empty_like(values)
    for where in np.ndindex(values.shape[:-2]):
        try:
            factor[where] = np.linalg.cholesky(values[where])
        except np.linalg.LinAlgError:
            raise ValueError(
                f"{KERNEL}: {name} is not positive definite at batch {where}; "
                f"expected a {d} x {d} covariance matrix"
            ) from None
    return factor


def _results(
    value: Array, gradients: tuple[Array, ...], inputs: tuple[npt.ArrayLike, ...], kind: Any
) -> tuple[npt.NDArray[Any], ...]:
    """Value and gradients in the result's dtype, each gradient in its argument's shape."""
    reduced = [_reduced(g, np.shape(i)) for g, i in zip(gradients, inputs, strict=True)]
    return tuple(np.asarray(a, kind) for a in (value, *reduced))


def _reduced(gradient: Array, shape: tuple[int, ...]) -> Array:
    """The gradient summed over the axes along which its argument was broadcast."""
    total = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and total.shape[i] != 1)
    return np.asarray(total.sum(axis=stretched, keepdims=True))
