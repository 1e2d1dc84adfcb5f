"""A function under test, called through one canonical set of parameters whatever its own
conventions are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vaemath.errors import VaemathError
from vaemath.testing.conventions import MATRIX, SPREADS, parse_takes

__all__ = [
    "DTYPES",
    "FAMILIES",
    "LIBRARIES",
    "REDUCTIONS",
    "Dtype",
    "Family",
    "Library",
    "Reduction",
    "Subject",
    "subject",
]

Array = NDArray[np.float64]
Library = Literal["numpy", "torch", "jax"]
Dtype = Literal["float64", "float32"]
Reduction = Literal["none", "sum", "mean"]
#: The type that each library's users work in.
LIBRARIES: dict[str, Dtype] = {"numpy": "float64", "torch": "float64", "jax": "float32"}
DTYPES = ("float64", "float32")
#: What a function may do with its batch; elementwise functions, with all their entries.
REDUCTIONS = ("none", "sum", "mean")


@dataclass(frozen=True)
class Family:
    """What a KL function is a function of: one distribution or two, numbers, vectors or full
    covariances.
    """

    theorem: str
    pair: bool
    event: int  # 0 elementwise, 1 the last axis is summed
    matrix: bool
    default: tuple[str, ...]


FAMILIES: dict[str, Family] = {
    f.theorem: f
    for f in (
        Family("kl-normal-standard", False, 0, False, ("loc", "logvar")),
        Family("kl-normal", True, 0, False, ("loc", "std", "loc", "std")),
        Family("kl-normal-diag-standard", False, 1, False, ("loc", "logvar")),
        Family("kl-normal-diag", True, 1, False, ("loc", "std", "loc", "std")),
        Family("kl-mvn-standard", False, 1, True, ("loc", "scale_tril")),
        Family("kl-mvn", True, 1, True, ("loc", "scale_tril", "loc", "scale_tril")),
    )
}


@dataclass(frozen=True)
class Subject:
    """A KL function together with what it takes; call it with locations and scales (or Cholesky
    factors).

    Calling converts to the function's own parameters and dtype, and gives one float64 number per
    batch element (elementwise families: per element). A result of another shape raises
    `VaemathError`. A function that reduces its batch is called with one element at a time;
    `whole` is what it makes of all of them.
    """

    function: Callable[..., Any]
    family: Family
    takes: tuple[str, ...]
    library: Library
    dtype: Dtype
    name: str
    reduction: Reduction = "none"

    @property
    def names(self) -> tuple[str, ...]:
        """What to call the parameters in messages: mu_p, logvar_p, ..."""
        marks = ("_p", "_p", "_q", "_q") if self.family.pair else ("", "")
        return tuple(("mu" if w == "loc" else w) + m for w, m in zip(self.takes, marks, strict=True))

    @property
    def eps(self) -> float:
        """The unit roundoff that errors are measured in."""
        return float(np.finfo(self.dtype).eps)

    def parameters(self, *canonical: Array) -> tuple[Array, ...]:
        """The arrays that the function itself is given, as numpy arrays in the working dtype."""
        used = canonical if self.family.pair else canonical[:2]
        return tuple(
            _convert(convention, value).astype(self.dtype)
            for convention, value in zip(self.takes, used, strict=True)
        )

    def settled(self, *canonical: Array) -> tuple[Array, ...]:
        """The canonical values that the rounded parameters stand for, so that an oracle sees what
        the function saw.
        """
        back = [
            _revert(convention, np.asarray(value, dtype=np.float64))
            for convention, value in zip(self.takes, self.parameters(*canonical), strict=True)
        ]
        return (*back, *canonical[2:]) if not self.family.pair else tuple(back)

    def __call__(self, *canonical: Array) -> Array:
        if self.reduction == "none":
            return self._reduced(self.raw(*canonical), np.shape(canonical[0]))
        shape = np.shape(canonical[0])
        shape = shape if self.family.event == 0 else shape[:-1]
        out = np.empty(shape)
        for where in np.ndindex(shape):
            one = tuple(slice(k, k + 1) for k in where)
            out[where] = self.whole(*(a[one] for a in canonical))
        return out

    def whole(self, *canonical: Array) -> float:
        """The one number that a reducing function returns."""
        found = self.raw(*canonical)
        if found.size != 1:
            raise VaemathError(
                f"{self.name}: returned shape {found.shape}; "
                f"expected one number for reduction={self.reduction!r}"
            )
        return float(found.reshape(()))

    def raw(self, *canonical: Array) -> Array:
        """What the function returns, as float64."""
        with self.library_types():
            result = self.function(*(self.given(p) for p in self.parameters(*canonical)))
        if self.library == "torch":
            result = getattr(result, "detach", lambda: result)()
        return np.asarray(result, dtype=np.float64)

    def given(self, parameter: Array) -> Any:
        """A parameter as an array of the function's library."""
        if self.library == "torch":
            import torch

            return torch.from_numpy(parameter.copy())
        if self.library == "jax":
            import jax.numpy as jnp

            return jnp.asarray(parameter)
        return parameter.copy()

    def library_types(self) -> AbstractContextManager[Any]:
        """In which the library keeps the working type: jax makes float32 of float64 elsewhere."""
        if self.library == "jax" and self.dtype == "float64":
            import jax

            context: AbstractContextManager[Any] = jax.enable_x64(True)
            return context
        return nullcontext()

    def _reduced(self, result: Array, shape: tuple[int, ...]) -> Array:
        if self.family.event == 0 or result.shape == shape[:-1]:
            if self.family.event == 0 and result.shape != shape:
                raise VaemathError(f"{self.name}: returned shape {result.shape}; expected {shape}")
            return result
        if result.shape == shape and not self.family.matrix:
            total: Array = result.sum(axis=-1)
            return total
        raise VaemathError(f"{self.name}: returned shape {result.shape}; expected {shape[:-1]}")


def subject(
    function: Callable[..., Any],
    against: str,
    *,
    takes: str | None = None,
    library: Library = "numpy",
    dtype: Dtype | None = None,
    reduction: Reduction = "none",
) -> Subject:
    """Describe a KL function: the theorem it should obey, what it takes, which library's arrays of
    which type (by default float64, for jax float32), and what it does with a batch.

    Raises `VaemathError` for a word that is unknown, a wrong number of conventions, ones that do
    not fit, or a library that is not installed.
    """
    for option, word, known in (
        ("library", library, LIBRARIES),
        ("dtype", dtype or DTYPES[0], DTYPES),
        ("reduction", reduction, REDUCTIONS),
    ):
        if word not in known:
            raise VaemathError(f"{option}: got {word!r}; expected one of {', '.join(known)}")
    if find_spec(library) is None:
        raise VaemathError(f"library: got {library!r}, which is not installed; expected it, or another one")
    if against not in FAMILIES:
        raise VaemathError(f"against: got {against!r}; expected one of {', '.join(FAMILIES)}")
    family = FAMILIES[against]
    given = family.default if takes is None else parse_takes(takes)
    if len(given) != len(family.default):
        raise VaemathError(f"takes: got {len(given)} words; expected {len(family.default)} for {against}")
    allowed: Sequence[str] = tuple(MATRIX) if family.matrix else tuple(SPREADS)
    for place, word in enumerate(given):
        fits = word == "loc" if place % 2 == 0 else word in allowed
        if not fits:
            expected = "mu" if place % 2 == 0 else " or ".join(allowed)
            raise VaemathError(f"takes: got {word!r} at place {place + 1}; expected {expected} for {against}")
    name = getattr(function, "__name__", "kl")
    return Subject(function, family, given, library, dtype or LIBRARIES[library], name, reduction)


def _convert(convention: str, value: Array) -> Array:
    array = np.asarray(value, dtype=np.float64)
    if convention in SPREADS:
        return np.asarray(SPREADS[convention].from_scale(array, np), dtype=np.float64)
    if convention == "covariance":
        return np.asarray(array @ np.swapaxes(array, -1, -2))
    if convention == "precision_matrix":
        inverse = np.linalg.inv(array)
        return np.asarray(np.swapaxes(inverse, -1, -2) @ inverse)
    return array


def _revert(convention: str, value: Array) -> Array:
    if convention in SPREADS:
        return np.asarray(SPREADS[convention].to_scale(value, np), dtype=np.float64)
    if convention == "covariance":
        return np.asarray(np.linalg.cholesky(value))
    if convention == "precision_matrix":
        return np.asarray(np.linalg.cholesky(np.linalg.inv(value)))
    return value
