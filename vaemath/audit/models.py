"""Random models: a value for every free symbol, drawn when it is first asked for.

A symbol's value depends on the model's seed and on the symbol alone, so that every node of a proof
sees the same model. Numbers are simple fractions; abstract spaces have a few points with masses;
symbols for densities are positive, and integrate to one unless the model is told otherwise.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

from flint import arb, arb_mat, ctx

from vaemath.audit.code import code
from vaemath.audit.densities import Counted, Density, Mixture, MvNormal, Normal, Product, Scattered, Table
from vaemath.audit.values import BeyondError, Coordinates, Value, ball, integer
from vaemath.core.terms import BIT, NAT, POINT, POSITIVE, REAL, Sort, Term

LONGEST = 3
DIGITS = 80
MASSES = [Fraction(k, 4) for k in (3, 5, 2, 6)]


class Model:
    """Values for free symbols.

    Args:
        seed: what the values are drawn from.
        given: values that are not drawn.
        normalised: densities of abstract spaces integrate to one.
        points: the size of the abstract spaces.
        dimension: the value of every symbol for a dimension; None for values of their own.
        dimensions: the least and the greatest of those values.
        numbers: the numbers that real symbols take, in the order drawn from; None for random fractions.
    """

    def __init__(
        self,
        seed: int,
        *,
        given: Mapping[Term, Value] | None = None,
        normalised: bool = True,
        points: int | None = None,
        dimension: int | None = None,
        dimensions: tuple[int, int] = (1, 3),
        numbers: tuple[Fraction, ...] | None = None,
    ) -> None:
        self.seed, self.normalised, self.numbers = seed, normalised, numbers
        self.dimension, self.dimensions = dimension, dimensions
        self.size = points if points is not None else 2 + seed % 3
        self.given: dict[Term, Value] = dict(given or {})
        self.drawn: dict[Term, Value] = {}
        self.memory: dict[Any, Any] = {}

    def with_given(self, more: Mapping[Term, Value]) -> Model:
        """The same model but for some symbols."""
        return Model(
            self.seed,
            given={**self.given, **more},
            normalised=self.normalised,
            points=self.size,
            dimension=self.dimension,
            dimensions=self.dimensions,
            numbers=self.numbers,
        )

    def symbol(self, t: Term) -> Value:
        if t in self.given:
            return self.given[t]
        if t not in self.drawn:
            # a dimension moves on with the seed, so that models in a row give it different values
            seed = 0 if t.sort == NAT else self.seed
            rng = random.Random(zlib.crc32(f"{seed}|{t.data[0]}|{_plain(t.data[1])}".encode()))
            self.drawn[t] = self.draw(t.data[1], rng)
        return self.drawn[t]

    def points(self) -> list[tuple[int, arb]]:
        """The abstract measure space: points 0, 1, ... with their masses."""
        return [(k, ball(MASSES[k])) for k in range(self.size)]

    def samples(self, sort: Sort) -> list[Value]:
        """Values over which "for all" is tried: all of them where the sort is finite."""
        if sort == POINT:
            return list(range(self.size))
        if sort == BIT:
            return [arb(0), arb(1)]
        if sort == NAT:
            return [arb(k) for k in range(1, 4)]
        if sort[0] == "fin":
            return [arb(k) for k in range(1, integer(code(sort[1])(self, ())) + 1)]
        rng = random.Random(self.seed)
        if sort == REAL:
            return [ball(Fraction(k)) for k in (0, 1, -1)] + [self.draw(REAL, rng) for _ in range(6)]
        count = 7 if sort == POSITIVE else 3
        return [self.draw(sort, rng) for _ in range(count)]

    def draw(self, sort: Sort, rng: random.Random) -> Value:
        """A random value of a sort, at more digits than any reading of it asks for."""
        with ctx.workdps(DIGITS):
            return self._draw(sort, rng)

    def _draw(self, sort: Sort, rng: random.Random) -> Value:
        if sort == REAL:
            return ball(self._number(rng))
        if sort == POSITIVE:
            return ball(abs(self._number(rng)) or Fraction(1))
        if sort == NAT:
            least, most = self.dimensions
            return arb(self.dimension or least + (self.seed + rng.randrange(3)) % (most - least + 1))
        if sort == POINT:
            return rng.randrange(self.size)
        if sort[0] == "fin":
            return arb(1 + rng.randrange(integer(code(sort[1])(self, ()))))
        if sort == BIT:
            return arb(rng.randrange(2))
        if sort[0] in ("mat", "spd"):
            return self._matrix(sort, rng)
        if sort[0] == "dist":
            return self._density(sort[1], rng)
        if sort[0] == "fun":
            return self._function(sort, rng)
        raise BeyondError(f"no values of sort {sort}")

    def _number(self, rng: random.Random) -> Fraction:
        if self.numbers is not None:
            return rng.choice(self.numbers)
        return Fraction(rng.choice((-1, 1)) * rng.randrange(3, 30), 16)

    def _matrix(self, sort: Sort, rng: random.Random) -> arb_mat:
        rows = integer(code(sort[1])(self, ()))
        columns = rows if sort[0] == "spd" else integer(code(sort[2])(self, ()))
        if sort[0] == "mat":
            return arb_mat(rows, columns, [ball(self._number(rng)) for _ in range(rows * columns)])
        lower = [self._number(rng) / 2 if j < i else Fraction(0) for i in range(rows) for j in range(rows)]
        for i in range(rows):
            lower[i * rows + i] = abs(self._number(rng)) + Fraction(1, 2)
        factor = arb_mat(rows, rows, list(map(ball, lower)))
        return factor * factor.transpose()

    def _density(self, space: Sort, rng: random.Random) -> Density:
        if space == POINT:
            return self._table(rng)
        if space in (REAL, POSITIVE):
            weight = Fraction(rng.randrange(3, 14), 16)
            parts = [Normal(self.draw(REAL, rng), self.draw(POSITIVE, rng)) for _ in range(2)]
            return Mixture([(ball(weight), parts[0]), (ball(1 - weight), parts[1])])
        if space[0] == "fin":
            n = integer(code(space[1])(self, ()))
            masses = [ball(Fraction(rng.randrange(2, 24), 16)) for _ in range(n)]
            return Counted(lambda j: masses[integer(j) - 1], 1, n)
        if space[0] == "fun":
            n = integer(code(space[1][1])(self, ()))
            return Product([self._density(space[2], rng) for _ in range(n)])
        if space[0] == "mat":
            mean = self._matrix(space, rng)
            if mean.ncols() == 1:
                return MvNormal(mean, self._matrix(("spd", space[1]), rng))
            return Scattered([(mean, ball(Fraction(1, 4))), (self._matrix(space, rng), ball(Fraction(3, 4)))])
        raise BeyondError(f"no densities over {space}")

    def _table(self, rng: random.Random) -> Table:
        heights = [Fraction(rng.randrange(2, 24), 16) for _ in range(self.size)]
        if self.normalised:
            total = sum(h * m for h, m in zip(heights, MASSES, strict=False))
            heights = [h / total for h in heights]
        return Table({k: ball(h) for k, h in enumerate(heights)}, self.points())

    def _function(self, sort: Sort, rng: random.Random) -> Value:
        """A function: a table over indices and points, a polynomial of degree two in real arguments."""
        _, argument, result = sort
        base = rng.getrandbits(48)
        if argument in (NAT, POINT, BIT) or argument[0] == "fin":
            return Family(self, result, base)
        return _smooth(self, result, base, [])


class Family:
    """A function of an index or a point: one value for each, drawn when it is first asked for."""

    def __init__(self, m: Model, result: Sort, base: int) -> None:
        self.m, self.result, self.base = m, result, base
        self.table: dict[int, Value] = {}

    def __call__(self, x: Any) -> Value:
        k = integer(x)
        if k not in self.table:
            self.table[k] = self.m.draw(self.result, random.Random(self.base + k))
        return self.table[k]


def _smooth(m: Model, result: Sort, base: int, before: list[arb]) -> Value:
    """A function of a real, vector or matrix argument; `before` holds the arguments that came already."""

    def apply(x: Any) -> Value:
        seen = before + coordinates(x)
        if result[0] == "fun":
            return _smooth(m, result[2], base, seen)
        if result == REAL:
            return _polynomial(seen, base)
        if result == POSITIVE:
            return 1 + _polynomial(seen, base) ** 2
        if result[0] == "mat":
            rows, columns = (integer(code(s)(m, ())) for s in result[1:])
            return arb_mat(rows, columns, [_polynomial(seen, base + k) for k in range(rows * columns)])
        if result == ("dist", REAL):
            return Normal(_polynomial(seen, base), 1 + _polynomial(seen, base + 1) ** 2 / 4)
        raise BeyondError(f"no functions to {result} of real arguments")

    return apply


def _polynomial(xs: list[arb], base: int) -> arb:
    constant, single, mixed = _coefficients(base, len(xs))
    total = constant
    for x, (a, b) in zip(xs, single, strict=True):
        total = total + x * (a + x * b)
    for (x, y), c in zip(pairwise(xs), mixed, strict=True):
        total = total + x * y * c
    return total


@lru_cache(maxsize=4096)
def _coefficients(base: int, count: int) -> tuple[arb, list[tuple[arb, arb]], list[arb]]:
    """Of a polynomial of degree two in `count` numbers; eighths, so that they are exact."""
    rng = random.Random(base)
    constant = arb(rng.randrange(-8, 9)) / 8
    single = [(arb(rng.randrange(-8, 9)) / 8, arb(rng.randrange(1, 9)) / 8) for _ in range(count)]
    return constant, single, [arb(rng.randrange(-8, 9)) / 8 for _ in range(count - 1)]


def coordinates(x: Any) -> list[arb]:
    """The numbers that a real, vector or matrix value consists of."""
    if isinstance(x, arb_mat):
        return list(x.entries())
    if isinstance(x, Coordinates):
        return list(x.values)
    if isinstance(x, int):
        return [arb(x)]
    if isinstance(x, arb):
        return [x]
    raise BeyondError("a function of functions")


def _plain(sort: Any) -> str:
    return "(" + ",".join(map(_plain, sort)) + ")" if isinstance(sort, tuple) else str(sort)
