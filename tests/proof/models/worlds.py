"""Models: a measure space, and values for symbols, drawn to break what is only true of the usual ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any

from flint import fmpq

from tests.proof.models import matrices as M
from tests.proof.models import zoo
from tests.proof.models.matrices import Matrix
from tests.proof.models.meaning import true, value
from tests.proof.models.scalars import ONE, ZERO, Undecided, is_number, quiet, sgn
from tests.proof.models.spaces import Tuple, masses
from vaemath.core.terms import Term

LARGEST = 8  # dimensions
_SIZES = (1, 1, 2, 2, 2, 3, 3, 4, 5, 6)


class World:
    """A model; values are drawn when they are first asked for."""

    def __init__(self, seed: int, largest: int = LARGEST) -> None:
        self.rng = random.Random(seed)
        self.largest = largest
        kinds = (ZERO, ONE, ONE, fmpq(1, 2), fmpq(3), fmpq(1, 7))
        self.masses = [self.rng.choice(kinds) for _ in range(self.rng.choice(_SIZES))]
        self.values: dict[Term, Any] = {}
        self.memory: dict[Term, Any] = {}
        self.definitions: set[Term] = set()
        self.tame = self.rng.random() < 0.4

    def symbol(self, t: Term) -> Any:
        if t not in self.values:
            drawn = self.draw(t.data[1], self.rng)
            self.values[t] = quiet(drawn) if callable(drawn) else drawn
        return self.values[t]

    def put(self, t: Term, x: Any) -> None:
        self.values[t] = x
        self.memory.clear()

    def size(self, n: Term) -> int:
        return int(value(n, self).p)

    def samples(self, sort: Any) -> list[Any]:
        """Values over which a statement for all is first tried."""
        match sort[0]:
            case "real":
                return [fmpq(p, q) for p, q in ((0, 1), (1, 1), (-1, 1), (1, 2), (-7, 3), (50, 1), (-50, 1))]
            case "positive":
                return [fmpq(p, q) for p, q in ((1, 1), (2, 1), (1, 2), (1, 100), (7, 3), (50, 1))]
            case "nat":
                return [fmpq(k) for k in range(1, 9)]
        count = 3 if sort[0] in ("mat", "spd", "fun", "dist") else 1
        return [self.draw(sort, self.rng) for _ in range(count)]

    def draw(self, sort: Any, r: random.Random) -> Any:
        match sort[0]:
            case "real":
                return fmpq(r.randrange(-3, 4)) if self.tame else zoo.number(r)
            case "positive":
                return fmpq(r.randrange(1, 4)) if self.tame else zoo.positive(r)
            case "nat":
                return fmpq(min(self.largest, r.choice((1, 1, 2, 2, 2, 3, 3, 4, 5, 8))))
            case "bit":
                return fmpq(r.randrange(2))
            case "fin":
                return fmpq(r.randrange(1, self.size(sort[1]) + 1))
            case "point":
                return r.randrange(len(self.masses))
            case "mat":
                return self._matrix(self.size(sort[1]), self.size(sort[2]), r)
            case "spd":
                return self._definite(self.size(sort[1]), r)
            case "fun":
                return self._function(sort[1], sort[2], r)
            case "dist":
                return self._density(sort[1], r)
        raise Undecided(f"no values of sort {sort}")

    def _matrix(self, rows: int, columns: int, r: random.Random) -> Matrix:
        kind = r.randrange(7)
        entries = [[fmpq(r.randrange(-2, 3)) for _ in range(columns)] for _ in range(rows)]
        if kind == 0:
            return M.zeros(rows, columns)
        if kind == 1:  # of rank one
            u, v = ([fmpq(r.randrange(-2, 3)) for _ in range(k)] for k in (rows, columns))
            return Matrix([[x * y for y in v] for x in u])
        if kind == 2 and rows == columns:  # symmetric, perhaps indefinite
            return Matrix([[entries[max(i, j)][min(i, j)] for j in range(rows)] for i in range(rows)])
        if kind == 3 and rows == columns:
            return self._definite(rows, r)
        if kind == 4 and rows == columns:  # nilpotent
            return Matrix(
                [[x if j > i else ZERO for j, x in enumerate(row)] for i, row in enumerate(entries)]
            )
        if kind == 5:
            return Matrix([[zoo.number(r) for _ in range(columns)] for _ in range(rows)])
        return Matrix(entries)

    def _definite(self, n: int, r: random.Random) -> Matrix:
        if r.random() < 0.2:
            return M.diagonal([zoo.positive(r) for _ in range(n)])
        low = [[fmpq(r.randrange(-2, 3)) if j < i else ZERO for j in range(n)] for i in range(n)]
        for i in range(n):
            low[i][i] = fmpq(r.choice((1, 1, 2, 3)), r.choice((1, 1, 2)))
        factor = Matrix(low)
        return factor @ factor.T

    def _function(self, argument: Any, result: Any, r: random.Random) -> Callable[[Any], Any]:
        base = r.getrandbits(40)
        if argument[0] in ("nat", "fin", "bit", "point"):
            table: dict[Any, Any] = {}

            def at(x: Any) -> Any:
                key = x if isinstance(x, int) else _index(x)
                if key not in table:
                    table[key] = self.draw(result, random.Random(base + hash(key)))
                return table[key]

            return at
        if argument[0] in ("real", "positive"):
            return self._of_a_number(result, r)
        kind = r.randrange(3)
        if kind == 0 or result[0] not in ("real", "positive"):
            c = self.draw(result, r)
            return lambda x: c
        inner = self._of_a_number(result, r)
        return lambda x: inner(_some_number(x))

    def _of_a_number(self, result: Any, r: random.Random) -> Callable[[Any], Any]:
        match result[0]:
            case "real":
                return r.choice(zoo.FUNCTIONS)(r)
            case "positive":
                return r.choice(zoo.POSITIVE)(r)
            case "fun":
                f, g = self._of_a_number(("real",), r), self._function(result[1], result[2], r)
                if result[2][0] == "real" and r.random() < 0.7:
                    return lambda x: lambda y: f(x) * g(y) if r is not None else g(y)
                return lambda x: g
            case "mat":
                rows, columns = self.size(result[1]), self.size(result[2])
                entries = [[self._of_a_number(("real",), r) for _ in range(columns)] for _ in range(rows)]
                return lambda x: Matrix([[f(x) for f in row] for row in entries])
            case "dist" if result[1] == ("real",) and r.random() < 0.6:
                q = self._density(result[1], r)
                return lambda x: lambda y: q(y - x)
        c = self.draw(result, r)
        return lambda x: c

    def _density(self, space: Any, r: random.Random) -> Callable[[Any], Any]:
        if space == ("real",):
            return r.choice(zoo.DENSITIES)(r)
        if space == ("positive",):
            return r.choice(zoo.HALF_DENSITIES)(r)
        points = masses(space, self) if space[0] in ("bit", "fin", "point") else None
        if points is not None:
            heights = [fmpq(r.randrange(1, 6), r.choice((1, 2, 5))) for _ in points]
            total = sum((h * m for h, (_, m) in zip(heights, points, strict=True)), ZERO)
            if total != 0 and r.random() < 0.7:
                heights = [h / total for h in heights]
            table = {_key(x): h for h, (x, _) in zip(heights, points, strict=True)}
            return lambda x: table[_key(x)]
        if space[0] == "fun" and space[1][0] == "fin":
            base, n = r.getrandbits(40), self.size(space[1][1])
            factors = [self._density(space[2], random.Random(base + j * r.randrange(2))) for j in range(n)]
            return lambda z: _product(q(z(fmpq(j))) for j, q in enumerate(factors, 1))
        if space[0] == "mat":
            factors = [zoo.normal(zoo.number(r), zoo.positive(r)) for _ in range(4)]
            return lambda x: _product(factors[k % 4](e) for k, e in enumerate(x.entries()))
        c = zoo.positive(r)
        return lambda x: c


def _index(x: Any) -> int:
    if not isinstance(x, fmpq):
        raise Undecided("an index that is no number")
    return int(x.p)


def _key(x: Any) -> int:
    return x if isinstance(x, int) else _index(x)


def _product(xs: Iterable[Any]) -> Any:
    out: Any = ONE
    for x in xs:
        out = out * x
    return out


def _some_number(x: Any) -> Any:
    """A number that depends on a value, for functions of larger things."""
    if isinstance(x, Matrix):
        entries = x.entries()
        return entries[0] + entries[-1] * fmpq(2) if len(entries) > 1 else entries[0]
    if isinstance(x, Tuple):
        return x(ONE)
    if is_number(x) or hasattr(x, "sgn"):
        return x
    raise Undecided("a function of functions")


# --- models in which hypotheses hold ---


def fitting(hypotheses: Iterable[Term], seed: int, largest: int = LARGEST) -> World | None:
    """A world in which hypotheses hold: names have their meanings, equations for one symbol are solved.

    None when one of them is false there; Undecided when one is not known.
    """
    w = World(seed, largest)
    given = list(hypotheses)
    _define(w, [h for h in given if h.head == "def"])
    for h in given:
        if h.head == "eq":
            _solve(w, h)
    _define(w, [h for h in given if h.head == "def"])
    unknown: Undecided | None = None
    for h in given:
        try:
            if not true(h, w):
                return None
        except Undecided as e:
            unknown = e
    if unknown is not None:
        raise unknown
    return w


def _define(w: World, definitions: list[Term]) -> None:
    todo = {h.args[0]: h for h in definitions}
    while todo:
        ready = [n for n, h in todo.items() if not h.args[1].free & todo.keys()]
        if not ready:
            raise Undecided("definitions in a circle")
        for name in ready:
            h = todo.pop(name)
            w.put(name, value(h.args[1], w))
            w.definitions.add(h)


def _solve(w: World, h: Term) -> None:
    for a, b in (h.args, h.args[::-1]):
        if a.head == "sym" and a not in b.free and a.sort[0] in ("real", "positive", "mat", "dist"):
            try:
                found = value(b, w)
                if a.sort[0] != "positive" or sgn(found) > 0:
                    w.put(a, found)
                    return
            except Undecided:
                pass
