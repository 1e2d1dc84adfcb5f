"""Numbers of a kernel as exact terms.

A float stands for the rational number that it is. A comparison becomes a `Condition`; where a
kernel selects by one, the run is repeated for both answers (see `cases`), unless the form of the
term tells its sign.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from vaemath.codegen.lift.errors import LiftError
from vaemath.core.heads import sign
from vaemath.core.normal import canon, residual
from vaemath.core.terms import Term
from vaemath.terms.build import term, zero


@dataclass(frozen=True)
class Condition:
    """`left - right` against zero; `greater` says which way."""

    difference: Term
    left: Term
    right: Term
    greater: bool

    def __and__(self, other: Condition) -> Both:
        return Both((self, other))


@dataclass(frozen=True)
class Both:
    """All of several conditions."""

    parts: tuple[Condition, ...]


@dataclass
class Cases:
    """The answers given to conditions in one run."""

    given: list[bool] = field(default_factory=list)
    asked: list[Condition | Both] = field(default_factory=list)

    def decide(self, condition: Condition | Both) -> bool:
        """Known by form, answered before, or the next answer; the first time it is yes."""
        if isinstance(condition, Condition):
            known = _known(condition)
            if known is not None:
                return known
        if condition in self.asked:
            return self.given[self.asked.index(condition)]
        self.asked.append(condition)
        if len(self.asked) > len(self.given):
            self.given.append(True)
        return self.given[len(self.asked) - 1]

    def holds(self) -> list[tuple[Condition, bool]]:
        """The single conditions whose truth this run fixes."""
        known: list[tuple[Condition, bool]] = []
        for condition, answer in zip(self.asked, self.given, strict=False):
            if isinstance(condition, Condition):
                known.append((condition, answer))
            elif answer:
                known.extend((part, True) for part in condition.parts)
        return known


def _known(condition: Condition) -> bool | None:
    up, down = sign(canon(condition.difference)), sign(canon(-condition.difference))
    if up == ">" or down == ">":
        return condition.greater == (up == ">")
    if canon(condition.difference) == term(0):
        return False
    return None


_RUN: list[Cases] = []


def running() -> Cases:
    """The cases of the run in progress."""
    if not _RUN:
        raise LiftError("a kernel compares numbers outside a run")
    return _RUN[-1]


def cases(run: Callable[[], Any], limit: int = 64) -> Iterator[tuple[Any, Cases]]:
    """The result of `run` for every combination of answers to the conditions it meets."""
    waiting: list[list[bool]] = [[]]
    for _ in range(limit):
        if not waiting:
            return
        state = Cases(given=list(waiting.pop()))
        fixed = len(state.given)
        _RUN.append(state)
        try:
            result = run()
        finally:
            _RUN.pop()
        for k in range(fixed, len(state.asked)):
            waiting.append([*state.given[:k], not state.given[k]])
        yield result, state
    raise LiftError(f"a kernel splits into more than {limit} cases")


def lifted(value: Any) -> Value:
    """A number of a kernel as a value: a float becomes the rational number that it is."""
    if isinstance(value, Value):
        return value
    if getattr(value, "shape", None) == ():
        return lifted(value.item())
    if isinstance(value, float):
        return Value(term(Fraction(value)))
    return Value(term(value))


class Value:
    """One number, exact. `absolute` marks |term|, whose only use is a comparison."""

    __slots__ = ("absolute", "term")
    dtype = "real"

    def __init__(self, inner: Term, absolute: bool = False) -> None:
        self.term = inner
        self.absolute = absolute

    def _plain(self) -> Term:
        if self.absolute:
            raise LiftError(f"|{self.term}| is used in arithmetic and its sign is not known")
        return self.term

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
        return _combine(self, other, lambda a, b: a / b)

    def __rtruediv__(self, other: Any) -> Any:
        return _combine(other, self, lambda a, b: a / b)

    def __neg__(self) -> Value:
        return Value(-self._plain())

    def __gt__(self, other: Any) -> Any:
        return compare(self, other, greater=True)

    def __lt__(self, other: Any) -> Any:
        return compare(self, other, greater=False)

    def __le__(self, other: Any) -> Any:
        return compare(self, other, greater=False)

    def to(self, _kind: object) -> Value:
        return self


def _combine(a: Any, b: Any, operation: Callable[[Term, Term], Term]) -> Any:
    if hasattr(a, "shape") or hasattr(b, "shape"):
        return NotImplemented  # an array of values: NumPy goes through its entries
    return Value(operation(lifted(a)._plain(), lifted(b)._plain()))


def compare(a: Any, b: Any, *, greater: bool) -> Condition | Both:
    """The condition a > b, or a < b."""
    left, right = lifted(a), lifted(b)._plain()
    if left.absolute:
        if greater:
            raise LiftError("expected |x| below a bound")
        inside = Condition(left.term - right, left.term, right, greater=False)
        return inside & Condition(left.term + right, left.term, -right, greater=True)
    return Condition(left.term - right, left.term, right, greater)


def interval(variable: Term, state: Cases) -> tuple[Fraction | None, Fraction | None]:
    """The bounds on the variable that the answers of a run imply."""
    low: Fraction | None = None
    high: Fraction | None = None
    for condition, answer in state.holds():
        if condition.left != variable or condition.right.head not in ("num", "mul"):
            continue
        bound = _number(condition.right)
        if condition.greater == answer:
            low = bound if low is None else max(low, bound)
        else:
            high = bound if high is None else min(high, bound)
    return low, high


def _number(t: Term) -> Fraction:
    rest = residual(t, zero)
    if rest.head != "num":
        raise LiftError(f"a kernel compares with {t}")
    return Fraction(*rest.data)
