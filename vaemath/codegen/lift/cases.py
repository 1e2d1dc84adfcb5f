"""Running a kernel once for every combination of answers to the conditions that it meets.

A condition whose truth the form of its terms tells splits nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.value import Both, Condition, Debt, Value
from vaemath.core.heads import sign
from vaemath.core.normal import canon, residual
from vaemath.core.terms import Term
from vaemath.terms.build import term


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
    if positive(condition.difference):
        return condition.greater
    if positive(-condition.difference):
        return not condition.greater
    if canon(condition.difference) == term(0):
        return False
    return None


def positive(t: Term) -> bool:
    """Whether the form of a term says that it is > 0."""
    return sign(canon(t)) == ">"


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


def interval(variable: Term, state: Cases) -> tuple[Fraction | None, Fraction | None]:
    """The bounds on the variable that the answers of a run, and its sort, imply."""
    low: Fraction | None = Fraction(0) if positive(variable) else None
    high: Fraction | None = None
    for condition, answer in state.holds():
        for left, right, greater in (
            (condition.left, condition.right, condition.greater),
            (condition.right, condition.left, not condition.greater),
        ):
            if left != variable:
                continue
            bound = _number(right)
            if bound is None:
                continue
            if greater == answer:
                low = bound if low is None else max(low, bound)
            else:
                high = bound if high is None else min(high, bound)
    return low, high


def _number(t: Term) -> Fraction | None:
    rest = canon(t)
    return Fraction(*rest.data) if rest.head == "num" else None


def settle(value: Value, state: Cases, variable: Term | None = None) -> None:
    """Raise unless everything that a value owes is so, by form or by what is known of the variable.

    Raises:
        LiftError: a denominator that may be zero, or a logarithm of what may not be positive.
    """
    for debt in value.owes:
        if not _settled(debt, state, variable):
            what = "the logarithm is taken of" if debt.positive else "a number is divided by"
            wanted = "> 0" if debt.positive else "other than 0"
            raise LiftError(f"{what} {debt.term}, which is not known to be {wanted}")


def _settled(debt: Debt, state: Cases, variable: Term | None) -> bool:
    if positive(debt.term) or (not debt.positive and positive(-debt.term)):
        return True
    if variable is None:
        return False
    constant = residual(debt.term, variable)  # the term is variable + constant
    if constant.head != "num":
        return False
    low, high = interval(variable, state)
    at = -Fraction(*constant.data)
    return (low is not None and low > at) or (not debt.positive and high is not None and high < at)


def excluded(variable: Term, state: Cases) -> bool:
    """Whether the answers of a run contradict each other."""
    low, high = interval(variable, state)
    return low is not None and high is not None and low >= high
