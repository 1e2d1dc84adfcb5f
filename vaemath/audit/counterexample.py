"""The simplest numbers at which a claimed equation or inequality is false."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from vaemath.audit.densities import Density
from vaemath.audit.evaluate import verdict
from vaemath.audit.models import Family, Model
from vaemath.audit.values import Value, show
from vaemath.core.terms import NAT, Term

_NUMBERS = (
    (Fraction(0), Fraction(2)),
    (Fraction(1), Fraction(2)),
    (Fraction(0), Fraction(1), Fraction(2), Fraction(-1)),
    (Fraction(1, 2), Fraction(3), Fraction(-2), Fraction(2), Fraction(1)),
)


@dataclass(frozen=True)
class Counterexample:
    """Values of the free symbols at which a statement is false, and what its sides are there."""

    symbols: tuple[tuple[Term, Value], ...]
    left: Value
    right: Value

    def __str__(self) -> str:
        shown = [line for s, v in self.symbols for line in _lines(str(s), v)]
        where = ", ".join(shown) or "some densities and functions"
        if self.left is None:
            return where
        return f"{where} gives {show(self.left)} on the left and {show(self.right)} on the right"


def _lines(name: str, value: Value) -> list[str]:
    """A number or a matrix is one line, a family one for each member that was used, others none."""
    if isinstance(value, Family):
        return [x for k, v in sorted(value.table.items()) for x in _lines(f"{name}[{k}]", v)]
    return [] if callable(value) or isinstance(value, Density) else [f"{name} = {show(value)}"]


def simple_models() -> Iterator[Model]:
    """Models of small numbers first, then random ones."""
    for round_, numbers in enumerate(_NUMBERS):
        for seed in range(4):
            yield Model(seed, numbers=numbers, dimension=1 + (round_ > 1), points=2)
    for seed in range(6):
        yield Model(seed)


def counterexample(statement: Term, hypotheses: Iterable[Term] = ()) -> Counterexample | None:
    """A model in which the hypotheses hold and the statement does not; None when none is found.

    Simple numbers come first. A model that cannot decide a hypothesis is passed over.
    """
    given = tuple(hypotheses)
    for model in simple_models():
        if all(verdict(h, model).truth for h in given):
            v = verdict(statement, model)
            if v.truth is False:
                return Counterexample(_table(statement, model), v.left, v.right)
    return None


def _table(statement: Term, model: Model) -> tuple[tuple[Term, Any], ...]:
    order = sorted(statement.free, key=lambda s: (s.sort == NAT, str(s)))
    return tuple((s, model.symbol(s)) for s in order)
