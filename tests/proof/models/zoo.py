"""Functions and densities of one real variable that break what is only true of the nice ones.

Each works on every kind of number: it branches on signs, and uses the total operations.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from flint import fmpq

from tests.proof.models import scalars as S
from tests.proof.models.scalars import ONE, ZERO, inverse, power, sgn

Function = Callable[[Any], Any]


def number(r: random.Random) -> fmpq:
    """Small numbers most often, zero and one among them, and now and then a huge or tiny one."""
    kind = r.random()
    if kind < 0.5:
        return fmpq(r.choice((0, 1, -1, 2, -2, 3)))
    if kind < 0.9:
        return fmpq(r.randrange(-9, 10), r.choice((1, 2, 3, 4)))
    return fmpq(r.choice((-1, 1)) * r.choice((10**6, 997)), r.choice((1, 10**9)))


def positive(r: random.Random) -> fmpq:
    return abs(number(r)) or ONE


def absolute(x: Any) -> Any:
    return x if sgn(x) >= 0 else -x


def _polynomial(r: random.Random) -> Function:
    a, b, c = (number(r) for _ in range(3))
    return lambda x: x * x * a + x * b + c


def _pieces(r: random.Random) -> Function:
    """Two polynomials that meet at a point, or do not, with a value of its own there."""
    at, first, second, here = number(r), _polynomial(r), _polynomial(r), number(r)

    def f(x: Any) -> Any:
        side = sgn(x - at)
        return here if side == 0 else first(x) if side < 0 else second(x)

    return f


def _shifted(g: Function) -> Callable[[random.Random], Function]:
    def make(r: random.Random) -> Function:
        at = fmpq(r.choice((0, 0, 1, -1, 2)))
        return lambda x: g(x - at)

    return make


FUNCTIONS: tuple[Callable[[random.Random], Function], ...] = (
    _polynomial,
    _polynomial,
    _pieces,
    lambda r: _constant(number(r)),
    lambda r: lambda x: x,
    _shifted(absolute),
    _shifted(lambda x: x * absolute(x)),
    _shifted(lambda x: ONE if sgn(x) >= 0 else ZERO),
    _shifted(lambda x: ONE if sgn(x) == 0 else ZERO),
    _shifted(lambda x: x if sgn(x) > 0 else ZERO),
    _shifted(lambda x: power(x, -1)),
    _shifted(lambda x: power(x, -2)),
    _shifted(lambda x: power(x, 1, 2)),
    _shifted(lambda x: power(absolute(x), 1, 2)),
    _shifted(lambda x: power(x, 1, 3)),
    _shifted(lambda x: inverse(x * x + ONE)),
    _shifted(lambda x: S.log(x)),
    lambda r: S.exp,
    lambda r: lambda x: S.exp(-x * x),
    lambda r: lambda x: S.exp(x * x * fmpq(1, 4)),
)


def _constant(c: Any) -> Function:
    return lambda x: c


POSITIVE: tuple[Callable[[random.Random], Function], ...] = (
    lambda r: _constant(positive(r)),
    _shifted(lambda x: absolute(x) + ONE),
    _shifted(lambda x: fmpq(2) if sgn(x) >= 0 else ONE),
    _shifted(lambda x: fmpq(7) if sgn(x) == 0 else ONE),
    _shifted(lambda x: x * x + ONE),
    _shifted(lambda x: inverse(x * x + ONE)),
    lambda r: S.exp,
    lambda r: lambda x: S.exp(-x),
)


def normal(m: Any, s: Any) -> Function:
    rate, height = inverse(s * s * fmpq(-2)), inverse((2 * S.pi()).sqrt() * s)
    return lambda x: S.exp((x - m) * (x - m) * rate) * height


def _mixture(r: random.Random) -> Function:
    parts = [normal(number(r), positive(r)) for _ in range(2)]
    a = fmpq(r.randrange(1, 8), 8)
    return lambda x: parts[0](x) * a + parts[1](x) * (ONE - a)


def _two_sided(r: random.Random) -> Function:
    a, b = positive(r), positive(r)
    return lambda x: S.exp(-x * a) * (a / 2) if sgn(x) >= 0 else S.exp(x * b) * (b / 2)


def _step(r: random.Random) -> Function:
    """A uniform law in the middle and Pareto tails."""
    k = r.choice((2, 2, 3, 4))
    return lambda x: power(absolute(x), -k) if sgn(absolute(x) - ONE) > 0 else ONE


DENSITIES: tuple[Callable[[random.Random], Function], ...] = (
    lambda r: normal(number(r), positive(r)),
    lambda r: normal(number(r), positive(r)),
    lambda r: normal(fmpq(10**6), fmpq(1, 1000)),
    _mixture,
    lambda r: lambda x: inverse((x * x + ONE) * S.pi()),  # Cauchy: no mean
    lambda r: lambda x: power(x * x + ONE, -2) * 2 * inverse(S.pi()),  # Student, 3 degrees: no third moment
    _two_sided,
    _step,
    lambda r: _constant(positive(r)),  # of infinite mass
    lambda r: lambda x: S.exp(x),
    lambda r: lambda x: S.exp(x * x * fmpq(1, 3)),
    lambda r: lambda x: normal(ZERO, ONE)(x) * fmpq(3),
)
HALF_DENSITIES: tuple[Callable[[random.Random], Function], ...] = (
    _two_sided,
    lambda r: lambda x: power(x + ONE, -2),
    lambda r: lambda x: power(x, -1),
    lambda r: _constant(positive(r)),
    lambda r: lambda x: S.exp(-x),
)
