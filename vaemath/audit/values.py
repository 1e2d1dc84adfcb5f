"""What terms evaluate to: balls of high precision, matrices of balls, functions, points.

Real numbers are Arb balls (python-flint): a midpoint and a radius that bounds the rounding. Quadrature
adds its own estimate to the radius, so that no equation is judged finer than it was computed.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import isfinite
from typing import Any

from flint import arb, arb_mat, ctx, fmpq

from vaemath.errors import VaemathError

Value = Any  # arb, arb_mat, int (a point), Coordinates, Density, or a function of one argument
Function = Callable[[Any], Any]


class UndefinedError(VaemathError):
    """The term has no value here: log of a negative number, a division by zero, divergence."""


class BeyondError(VaemathError):
    """The evaluator has no method for this term in this model."""


class Coordinates:
    """A point of a product space: one value for each index 1, 2, ..., d."""

    __slots__ = ("values",)

    def __init__(self, values: tuple[Any, ...]) -> None:
        self.values = values

    def __call__(self, j: Any) -> Any:
        k = integer(j)
        if not 1 <= k <= len(self.values):
            raise BeyondError(f"coordinate {k} of a point with {len(self.values)}")
        return self.values[k - 1]


def ball(value: Fraction | int) -> arb:
    """A rational number at the present precision."""
    return arb(fmpq(value.numerator, value.denominator))


def integer(value: Any) -> int:
    """A ball or an int as an integer.

    Raises:
        UndefinedError: it is none.
    """
    if isinstance(value, int):
        return value
    k = value.unique_fmpz()
    if k is None:
        raise UndefinedError(f"expected an integer, got {value.str(8)}")
    return int(k)


def entries(value: Any) -> list[arb]:
    """The numbers in a real or matrix value."""
    return list(value.entries()) if isinstance(value, arb_mat) else [value]


def size(value: Any) -> float:
    """The largest magnitude in a value."""
    return max((abs(float(e.mid())) for e in entries(value)), default=0.0)


def gap(a: Any, b: Any) -> float:
    """The largest distance of midpoints between two values of one shape."""
    pairs = zip(entries(a), entries(b), strict=True)
    return max((abs(float((x.mid() - y.mid()).mid())) for x, y in pairs), default=0.0)


def spread(value: Any) -> float:
    """The largest radius in a value."""
    return max((float(e.rad()) for e in entries(value)), default=0.0)


def widened(value: Any, by: float) -> Any:
    """The value with a larger radius."""
    extra = arb(0, by)
    if isinstance(value, arb_mat):
        return arb_mat(value.nrows(), value.ncols(), [e + extra for e in value.entries()])
    return value + extra


def show(value: Any) -> str:
    """A value for people: a fraction where it is a simple one, else seven digits."""
    if isinstance(value, arb_mat):
        rows = [[show(value[i, j]) for j in range(value.ncols())] for i in range(value.nrows())]
        return "[" + "; ".join(", ".join(r) for r in rows) + "]"
    if isinstance(value, arb):
        return _number(value)
    if isinstance(value, Coordinates):
        return "(" + ", ".join(map(show, value.values)) + ")"
    return str(value)


def _number(value: arb) -> str:
    x = float(value.mid())
    if not isfinite(x):
        return str(x)
    near = Fraction(x).limit_denominator(64)
    with ctx.workdps(60):
        simple = abs(float((value.mid() - ball(near)).mid())) < 1e-25 * (1 + abs(x))
    return str(near) if simple else f"{x:.7g}"
