"""Two sides of a statement: how far they may be apart, and what is said where they are further."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaemath.testing.falsified import Falsified
from vaemath.testing.subject import Subject

__all__ = ["Pair", "Tolerance", "compare", "differ", "magnitude", "named"]

Array = NDArray[np.float64]
Pair = tuple[Array, Array, Array, Array]


@dataclass(frozen=True)
class Tolerance:
    """How far two sides may differ: `ulps` units of rounding of the magnitude, or, if strict, of
    the value itself; in any case as many of the least normal number, below which products underflow.
    """

    ulps: float = 256.0
    strict: bool = False

    def words(self, s: Subject, regime: str) -> str:
        """What is allowed, of what, and which inputs were drawn."""
        of = "the value" if self.strict else "the textbook terms"
        return f"{self.ulps:g} units of rounding of {of}, {s.dtype}, {regime} inputs"

    def gap(self, s: Subject) -> float:
        """The least relative difference of two distributions that are not the same: nobody minds how few
        digits a divergence below the rounding of the parameters has.
        """
        return float(np.sqrt(s.eps)) if self.strict else 0.0

    def of(self, s: Subject, expected: Array, *points: Pair) -> Array:
        size = np.abs(expected) if self.strict else sum(magnitude(s, p) for p in points) + np.abs(expected)
        allowed: Array = self.ulps * (s.eps * size + float(np.finfo(s.dtype).tiny))
        return allowed


def differ(s: Subject, got: Array, expected: Array, allowed: Array) -> NDArray[np.bool_]:
    """Where two results differ by more than is allowed; NaN differs from everything.

    Infinity is right where the expected number rounds to it in the working type, or might.
    """
    largest = float(np.finfo(s.dtype).max)
    clipped = [np.clip(np.asarray(a, dtype=np.float64), -largest, largest) for a in (got, expected)]
    beyond = (np.sign(got) == np.sign(expected)) & (np.abs(got) >= largest) & (np.abs(expected) >= largest)
    return np.asarray(~((np.abs(clipped[0] - clipped[1]) <= allowed) | beyond))


def magnitude(s: Subject, p: Pair) -> Array:
    """The size of the terms that the textbook formula adds up, times the conditioning of the
    matrices.
    """
    loc_p, scale_p, loc_q, scale_q = (np.asarray(a, dtype=np.float64) for a in p)
    if s.family.matrix:
        inverse = np.linalg.inv(scale_q)
        ratio = (inverse @ scale_p) ** 2
        shift = (inverse @ (np.abs(loc_p) + np.abs(loc_q))[..., None]) ** 2
        logs = sum(np.abs(np.log(np.diagonal(m, axis1=-2, axis2=-1))).sum(-1) for m in (scale_p, scale_q))
        condition = np.linalg.cond(scale_q) ** 2 + np.linalg.cond(scale_p) ** 2
        return np.asarray((1 + ratio.sum((-1, -2)) + shift.sum((-1, -2)) + logs) * condition)
    logs = 1 + np.abs(np.log(scale_p)) + np.abs(np.log(scale_q))
    shift = (np.abs(loc_p) + np.abs(loc_q)) / scale_q
    size = np.asarray((1 + (scale_p / scale_q) ** 2 + shift**2) * logs)
    return np.asarray(size.sum(-1)) if s.family.event else size


def compare(
    s: Subject,
    identity: str,
    p: Pair,
    left: tuple[str, Array],
    right: tuple[str, Array],
    allowed: Array,
) -> None:
    """Raise `Falsified` at the worst element where left and right differ by more than `allowed` (or
    are not finite).
    """
    got, expected = np.asarray(left[1]), np.asarray(right[1])
    bad = differ(s, got, expected, allowed)
    excess = np.abs(got - expected) - allowed
    if not bad.any():
        return
    index = np.unravel_index(
        int(np.argmax(np.where(bad, np.nan_to_num(excess, nan=np.inf), -np.inf))),
        bad.shape,
    )
    raise Falsified(
        function=s.name,
        identity=identity,
        inputs=named(s, p, index),
        left=(left[0], got[index]),
        right=(right[0], np.broadcast_to(expected, got.shape)[index]),
    )


def named(s: Subject, p: Pair, index: tuple[Any, ...]) -> dict[str, Array]:
    return {name: value[index] for name, value in zip(s.names, s.parameters(*p), strict=True)}
