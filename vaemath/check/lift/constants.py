"""Written numbers as exact terms: 0.5 is one half, 1.8378770664093453 is log(2 pi)."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache

import numpy as np

from vaemath.check.core import POSITIVE, Term, add, log, mul, neg, number, one, pi, power, symbol

__all__ = ["EPSILON", "constant_term", "epsilon", "epsilon_value"]

#: a number up to this size that is *added* is a guard against zero, not a term of the formula
EPSILON = 1e-3
_MARK = "epsilon="


def _bases() -> list[tuple[float, Term]]:
    two_pi = mul(number(2), pi)
    half = Fraction(1, 2)
    return [
        (math.pi, pi),
        (math.log(2 * math.pi), log(two_pi)),
        (math.log(2), log(number(2))),
        (math.log(math.pi), log(pi)),
        (math.log(2 * math.pi * math.e), add(one, log(two_pi))),
        (math.sqrt(2 * math.pi), power(two_pi, half)),
        (1 / math.sqrt(2 * math.pi), power(two_pi, -half)),
        (math.sqrt(2), power(number(2), half)),
        (math.log(10), log(number(10))),
        (1 / math.log(10), power(log(number(10)), -1)),
        (1 / math.log(2), power(log(number(2)), -1)),
    ]


@cache
def constant_term(value: float) -> Term:
    """The exact term that a number in somebody's code stands for. Raises `ValueError` if not finite."""
    if not math.isfinite(value):
        raise ValueError(f"the number {value}")
    if value == int(value) and abs(value) < 1e15:
        return number(int(value))
    simple = Fraction(value).limit_denominator(10**6)
    if float(simple) == value:
        return number(simple)
    for size, base in _bases():
        ratio = Fraction(value / size).limit_denominator(64)
        if ratio and abs(float(ratio) * size - value) <= 4e-16 * abs(value):
            return mul(number(ratio), base)
    single = Fraction(value).limit_denominator(1000)
    if np.float32(float(single)) == np.float32(value):
        return number(single)
    return number(Fraction(repr(value)))


@cache
def epsilon(value: float) -> Term:
    """A small number that is added, kept by its size, so that the formula can be read without it."""
    sized = symbol(f"{_MARK}{abs(value)!r}", POSITIVE)
    return sized if value > 0 else neg(sized)


def epsilon_value(name: str) -> float | None:
    """The size of the epsilon that a symbol of this name stands for; None for any other symbol."""
    return float(name.removeprefix(_MARK)) if name.startswith(_MARK) else None
