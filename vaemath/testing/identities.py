"""What every KL divergence between Gaussians obeys, as statements that need no reference value.

Each statement takes the function under test (a `Subject`) and parameters, and raises `Falsified`.
Magnitude is what a textbook implementation adds up; rounding is allowed in proportion to it, so
that a right function never fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaemath.testing.comparing import Pair, Tolerance, compare, named
from vaemath.testing.falsified import Falsified
from vaemath.testing.subject import Subject

__all__ = ["IDENTITIES", "Identity"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Identity:
    """A statement, when it applies, and its check on one pair of distributions (and a second pair
    to work with).
    """

    name: str
    words: str
    applies: Callable[[Subject], bool]
    check: Callable[[Subject, Pair, Pair, Tolerance], None]


def _zero(s: Subject, p: Pair, other: Pair, tolerance: Tolerance) -> None:
    same: Pair = (p[0], p[1], p[0], p[1]) if s.family.pair else _standard(p)
    got = s(*same)
    words = "KL(p, p) = 0" if s.family.pair else "KL(N(0, 1), N(0, 1)) = 0"
    zeros = np.zeros_like(got)
    compare(
        s,
        words,
        same,
        ("KL(p, p)", got),
        ("expected", zeros),
        tolerance.of(s, zeros, same),
    )


def _nonnegative(s: Subject, p: Pair, other: Pair, tolerance: Tolerance) -> None:
    got = s(*p)
    zeros = np.zeros_like(got)
    low = np.where(got < 0, got, np.where(np.isnan(got), got, 0.0))
    allowed = tolerance.of(s, zeros, p)
    compare(s, "KL(p, q) >= 0", p, ("KL(p, q)", low), ("least possible", zeros), allowed)


def _rows(s: Subject, p: Pair, other: Pair, tolerance: Tolerance) -> None:
    if s.reduction != "none":
        _reduces(s, p, tolerance)
        return
    whole = s(*p)
    alone = np.concatenate([s(*_take(p, slice(k, k + 1))) for k in range(len(p[0]))])
    words = "each row of a batch is worth the same alone"
    compare(
        s,
        words,
        p,
        ("in the batch", whole),
        ("alone", alone),
        tolerance.of(s, alone, p),
    )


def _reduces(s: Subject, p: Pair, tolerance: Tolerance) -> None:
    parts = s(*p)
    expected = np.asarray(parts.sum() if s.reduction == "sum" else parts.mean())
    compare(
        s,
        f"of a batch it is the {s.reduction} of what each is worth alone",
        p,
        ("of the batch", np.asarray(s.whole(*p))),
        (f"{s.reduction} of each", expected),
        np.asarray(np.sum(tolerance.of(s, parts, p))),
    )


def _additive(s: Subject, p: Pair, other: Pair, tolerance: Tolerance) -> None:
    joined: Pair = tuple(_join(a, b) for a, b in zip(p, other, strict=True))  # type: ignore[assignment]
    whole, parts = s(*joined), s(*p) + s(*other)
    words = "KL of independent coordinates is the sum of their KLs"
    allowed = tolerance.of(s, parts, p, other)
    compare(s, words, joined, ("KL of both", whole), ("sum of KLs", parts), allowed)


def _affine(s: Subject, p: Pair, other: Pair, tolerance: Tolerance) -> None:
    shift, stretch = (other[0], other[1]) if s.family.pair else (0.0 * other[0], -np.ones_like(other[0]))
    if s.family.matrix and s.family.pair:
        mapped: Pair = (
            _apply(stretch, p[0]) + shift,
            stretch @ p[1],
            _apply(stretch, p[2]) + shift,
            stretch @ p[3],
        )
    elif s.family.matrix:
        mapped = (-p[0], p[1], -p[2], p[3])
    else:
        size = np.abs(stretch)
        mapped = (
            stretch * p[0] + shift,
            size * p[1],
            stretch * p[2] + shift,
            size * p[3],
        )
    before, after = s(*p), s(*mapped)
    words = "KL does not change when both distributions are mapped by x -> A x + b"
    if not s.family.pair:
        words = "KL to the standard normal does not change when x -> -x"
    compare(
        s,
        words,
        p,
        ("after the map", after),
        ("before", before),
        tolerance.of(s, before, p, mapped),
    )


def _direction(s: Subject, p: Pair, other: Pair, tolerance: Tolerance) -> None:
    centred: Pair = (p[0], p[1], p[0], 3 * p[1])
    reverse: Pair = (p[0], 3 * p[1], p[0], p[1])
    narrow, wide = s(*centred), s(*reverse)
    bad = ~(narrow < wide)
    if bad.any():
        index = np.unravel_index(int(np.argmax(bad)), bad.shape)
        raise Falsified(
            function=s.name,
            identity="KL(p, q) is less than KL(q, p) when q is p, three times as wide",
            inputs=named(s, centred, index),
            left=("KL(p, q)", narrow[index]),
            right=("KL(q, p)", wide[index]),
        )


def _diagonal(s: Subject, p: Pair, other: Pair, tolerance: Tolerance) -> None:
    def only(m: Array) -> Array:
        return np.asarray(m * np.eye(m.shape[-1]))

    flat: Pair = (p[0], only(p[1]), p[2], only(p[3]))
    one = tuple(_coordinates(a) for a in flat)
    parts = s(*one)
    total = parts.reshape(flat[0].shape).sum(-1)
    words = "with diagonal covariances the KL is the sum over the coordinates"
    allowed = tolerance.of(s, total, flat)
    compare(
        s,
        words,
        flat,
        ("KL of all", s(*flat)),
        ("sum over coordinates", total),
        allowed,
    )


IDENTITIES: dict[str, Identity] = {
    i.name: i
    for i in (
        Identity("zero", "KL(p, p) = 0", lambda s: True, _zero),
        Identity("nonnegative", "KL >= 0", lambda s: True, _nonnegative),
        Identity("rows", "rows do not affect each other", lambda s: True, _rows),
        Identity(
            "additive",
            "additive over independent coordinates",
            lambda s: s.family.event == 1,
            _additive,
        ),
        Identity("affine", "invariant under an affine map", lambda s: True, _affine),
        Identity(
            "direction",
            "asymmetric the right way round",
            lambda s: s.family.pair,
            _direction,
        ),
        Identity(
            "diagonal",
            "full = diagonal where it is diagonal",
            lambda s: s.family.matrix,
            _diagonal,
        ),
    )
}


def _standard(p: Pair) -> Pair:
    unit = (
        np.broadcast_to(np.eye(p[1].shape[-1]), p[1].shape) if p[1].ndim > p[0].ndim else np.ones_like(p[1])
    )
    zeros = np.zeros_like(p[0])
    return zeros, unit, zeros, unit


def _take(p: Pair, rows: slice) -> Pair:
    return p[0][rows], p[1][rows], p[2][rows], p[3][rows]


def _join(a: Array, b: Array) -> Array:
    if a.ndim == 2:
        return np.concatenate([a, b], axis=-1)
    top = np.concatenate([a, np.zeros((*a.shape[:-1], b.shape[-1]))], axis=-1)
    bottom = np.concatenate([np.zeros((*b.shape[:-1], a.shape[-1])), b], axis=-1)
    return np.concatenate([top, bottom], axis=-2)


def _apply(matrix: Array, vector: Array) -> Array:
    return np.asarray((matrix @ vector[..., None])[..., 0])


def _coordinates(a: Array) -> Array:
    if a.ndim == 2:
        return a.reshape(-1, 1)
    return np.diagonal(a, axis1=-2, axis2=-1).reshape(-1, 1, 1)
