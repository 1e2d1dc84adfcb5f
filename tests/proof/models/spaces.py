"""Integration over every space of the language."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from flint import fmpq

from tests.proof.models import gaussians, lines
from tests.proof.models.matrices import Matrix
from tests.proof.models.scalars import ONE, ZERO, Undecided, is_zero

Value = Any
LARGEST = 3000  # points of a finite space that are still summed over


def integral(space: Any, f: Callable[[Value], Value], world: Any, only_whether: bool = False) -> Value | None:
    """The integral of f over a space; None where it, or an entry of it, does not converge absolutely.

    With `only_whether` what is given back where it converges means nothing.
    """
    points = masses(space, world)
    if points is not None:
        return _sum(points, f)
    if space == ("nat",):
        return _entries(f, lines.sum_of_all)
    if space == ("positive",):
        return _entries(f, lambda g: lines.integrate(g, *lines.HALF_LINE, only_whether))
    try:
        names, x = _variables(space, world)
        return _each(f(x), lambda value: gaussians.integrate(value, names))
    except Undecided:
        if space != ("real",):
            raise
    return _entries(f, lambda g: lines.integrate(g, *lines.LINE, only_whether))


def masses(space: Any, world: Any) -> list[tuple[Value, fmpq]] | None:
    """The points of a finite space with their masses."""
    if space == ("bit",):
        return [(ZERO, ONE), (ONE, ONE)]
    if space == ("point",):
        return list(enumerate(world.masses))
    if space[0] == "fin":
        return [(fmpq(j), ONE) for j in range(1, world.size(space[1]) + 1)]
    if space[0] == "fun" and space[1][0] == "fin":
        inner, n = masses(space[2], world), world.size(space[1][1])
        if inner is None:
            return None
        if len(inner) ** n > LARGEST:
            raise Undecided("a space of very many points")
        return [(Tuple([x for x, _ in xs]), _product(m for _, m in xs)) for xs in product(inner, repeat=n)]
    return None


class Tuple:
    """A function on 1, ..., n."""

    def __init__(self, values: list[Value]) -> None:
        self.values = values

    def __call__(self, j: Any) -> Value:
        return self.values[int(j.p) - 1]


def _product(xs: Any) -> fmpq:
    out = ONE
    for x in xs:
        out = out * x
    return out


def _sum(points: list[tuple[Value, fmpq]], f: Callable[[Value], Value]) -> Value:
    total: Any = None
    for x, mass in points:
        value = f(x)
        part = value.scaled(mass) if isinstance(value, Matrix) else value * mass
        total = part if total is None else total + part
    return total


def _variables(space: Any, world: Any) -> tuple[list[int], Value]:
    """Variables for the coordinates of a point of a space, and the point."""
    if space == ("real",):
        name, x = gaussians.variable()
        return [name], x
    if space[0] == "mat":
        rows, columns = world.size(space[1]), world.size(space[2])
        made = [[gaussians.variable() for _ in range(columns)] for _ in range(rows)]
        return [n for r in made for n, _ in r], Matrix([[x for _, x in r] for r in made])
    if space[0] == "fun" and space[1][0] == "fin":
        inner = [_variables(space[2], world) for _ in range(world.size(space[1][1]))]
        return [n for names, _ in inner for n in names], Tuple([x for _, x in inner])
    raise Undecided("a space without coordinates")


def generic(space: Any, world: Any) -> Value:
    """A point of a space whose coordinates are variables."""
    return _variables(space, world)[1]


def _each(value: Value, integrate: Callable[[Value], Value | None]) -> Value | None:
    if not isinstance(value, Matrix):
        return integrate(value)
    entries = [integrate(x) for x in value.entries()]
    if any(e is None for e in entries):
        return None
    columns = value.shape[1]
    return Matrix([entries[k : k + columns] for k in range(0, len(entries), columns)])


def _entries(
    f: Callable[[Value], Value], integrate: Callable[[Callable[[Value], Value]], Value | None]
) -> Value | None:
    """The same for integrals that evaluate a function many times."""
    shape: list[tuple[int, int]] = []

    def entry(i: int) -> Callable[[Value], Value]:
        def at(x: Value) -> Value:
            value = f(x)
            if isinstance(value, Matrix):
                shape[:] = [value.shape]
                return value.entries()[i]
            return value

        return at

    first = integrate(entry(0))
    if not shape:
        return first
    entries = [first, *(integrate(entry(i)) for i in range(1, shape[0][0] * shape[0][1]))]
    if any(e is None for e in entries):
        return None
    return Matrix([entries[k : k + shape[0][1]] for k in range(0, len(entries), shape[0][1])])


__all__ = ["Tuple", "generic", "integral", "is_zero", "masses"]
