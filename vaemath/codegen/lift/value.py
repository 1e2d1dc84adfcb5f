"""Numbers of a kernel as exact terms.

A float stands for the rational number that it is. A comparison becomes a `Condition`; where a
kernel selects by one, the run is repeated for both answers (see `vaemath.codegen.lift.cases`).

A value also knows two things that its term does not say. Its *axis*: None for a plain number, "" for one
number for each sample, "d" for one for each entry of the event axis d; entries of different axes never
meet, and no sum over an event meets the entries again, for that would broadcast along a batch. And what it
*owes*: the denominators and the arguments of logarithms on its way, which algebra may have cancelled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from vaemath.codegen.lift.errors import LiftError
from vaemath.core.terms import Term
from vaemath.terms.build import term

Axis = str | None


class Debt(NamedTuple):
    """What must hold for a value to be a number: the term is not zero, or, for a logarithm, positive."""

    term: Term
    positive: bool


NOTHING: frozenset[Debt] = frozenset()


@dataclass(frozen=True)
class Condition:
    """`left - right` against zero; `greater` says which way."""

    difference: Term
    left: Term
    right: Term
    greater: bool
    axis: Axis = None
    owes: frozenset[Debt] = NOTHING

    def __and__(self, other: Condition) -> Both:
        if not isinstance(other, Condition):
            raise LiftError("expected a condition beside `&`")
        return Both((self, other), joined(self.axis, other.axis), self.owes | other.owes)

    def __getitem__(self, where: Any) -> Condition:
        """With more axes: of a condition on the whole sample."""
        if where != (..., None) or self.axis not in (None, ""):
            raise LiftError("only a condition on whole samples is given another axis")
        return self


@dataclass(frozen=True)
class Both:
    """All of several conditions."""

    parts: tuple[Condition, ...]
    axis: Axis = None
    owes: frozenset[Debt] = NOTHING


def joined(*axes: Axis) -> Axis:
    """The axis of what is made of values on these axes."""
    found: Axis = None
    for axis in axes:
        if found is not None and axis is not None and axis != found:
            names = [f"entries of {a}" if a else "one number a sample" for a in (found, axis)]
            raise LiftError(f"{names[0]} meet {names[1]}; expected values of one axis")
        found = axis if found is None else found
    return found


def lifted(value: Any) -> Value:
    """A number of a kernel as a value: a float becomes the rational number that it is."""
    if isinstance(value, Value):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction | Term):
        raise LiftError(f"expected a number, got {type(value).__name__}")
    if isinstance(value, float):
        if value - value != 0.0:
            raise LiftError(f"expected a finite number, got {value}")
        return Value(term(Fraction(value)))
    return Value(term(value))


class Value:
    """One number, exact. `absolute` marks |term|, whose only use is a comparison."""

    __slots__ = ("absolute", "axis", "owes", "term")

    def __init__(
        self, inner: Term, axis: Axis = None, owes: frozenset[Debt] = NOTHING, absolute: bool = False
    ) -> None:
        self.term = inner
        self.axis = axis
        self.owes = owes
        self.absolute = absolute

    def plain(self) -> Term:
        """The term; of |x| only where its sign is known."""
        if self.absolute:
            raise LiftError(f"|{self.term}| is used in arithmetic and its sign is not known")
        return self.term

    def made(self, inner: Term, *debts: Debt) -> Value:
        """Another value at the same entries."""
        return Value(inner, self.axis, self.owes | frozenset(debts))

    def __add__(self, other: Any) -> Any:
        return _combine(self, other, lambda a, b: a + b)

    def __radd__(self, other: Any) -> Any:
        return _combine(other, self, lambda a, b: a + b)

    def __sub__(self, other: Any) -> Any:
        return _combine(self, other, lambda a, b: a - b)

    def __rsub__(self, other: Any) -> Any:
        return _combine(other, self, lambda a, b: a - b)

    def __mul__(self, other: Any) -> Any:
        return _combine(self, other, lambda a, b: a * b)

    def __rmul__(self, other: Any) -> Any:
        return _combine(other, self, lambda a, b: a * b)

    def __truediv__(self, other: Any) -> Any:
        return _divided(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _divided(other, self)

    def __neg__(self) -> Value:
        return self.made(-self.plain())

    def __gt__(self, other: Any) -> Any:
        return compare(self, other, greater=True)

    def __lt__(self, other: Any) -> Any:
        return compare(self, other, greater=False)


def _combine(a: Any, b: Any, operation: Callable[[Term, Term], Term]) -> Any:
    if hasattr(a, "words") or hasattr(b, "words"):
        return NotImplemented  # a matrix knows what to do
    x, y = lifted(a), lifted(b)
    return Value(operation(x.plain(), y.plain()), joined(x.axis, y.axis), x.owes | y.owes)


def _divided(a: Any, b: Any) -> Any:
    if hasattr(a, "words") or hasattr(b, "words"):
        return NotImplemented
    x, y = lifted(a), lifted(b)
    if y.plain() == term(0):
        raise LiftError("a number is divided by zero")
    owed = x.owes | y.owes | {Debt(y.plain(), False)}
    return Value(x.plain() / y.plain(), joined(x.axis, y.axis), owed)


def compare(a: Any, b: Any, *, greater: bool) -> Condition | Both:
    """The condition a > b, or a < b."""
    x, y = lifted(a), lifted(b)
    left, right = x.term, y.plain()
    axis, owes = joined(x.axis, y.axis), x.owes | y.owes
    if x.absolute:
        if greater:
            raise LiftError("expected |x| below a bound")
        inside = Condition(left - right, left, right, False, axis, owes)
        return inside & Condition(left + right, left, -right, True, axis, owes)
    return Condition(left - right, left, right, greater, axis, owes)
