"""Recognising the larger of two lower bounds in a branch of a primitive."""

from __future__ import annotations

from fractions import Fraction

from vaemath.codegen.lift.cases import Cases
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.unfolding import unfolded
from vaemath.codegen.lift.value import Condition
from vaemath.codegen.lower_bounds import GAP, LOG, RISE, LowerBounds, error
from vaemath.core.normal import residual
from vaemath.core.terms import Term, number, substitute
from vaemath.terms.build import exp, half, mul, one, zero

_BOUNDS = {("_half_expm1_parts", 0): GAP, ("_half_expm1_parts", 1): RISE, ("_log_gap", 0): LOG}


def larger_of_two(name: str, output: int, found: Term, wanted: Term, variable: Term, state: Cases) -> str:
    """What is proved of a branch that is the larger of two bounds; empty if it is none.

    The branch must be the side of a comparison far > low that its answer makes the larger one, and
    both sides must have the form of `vaemath.codegen.lower_bounds`, number by number.
    """
    bounds = _BOUNDS.get((name, output))
    if bounds is None:
        return ""
    for condition, answer in state.holds():
        if residual(found, condition.left if answer else condition.right) != zero or not condition.greater:
            continue
        shift = _shift(bounds, condition, wanted, variable)
        coefficient = _coefficient(bounds, condition.right, variable)
        if shift is None or coefficient is None:
            continue
        try:
            proved = error(bounds, shift=shift, coefficient=coefficient)
        except ValueError as e:
            raise LiftError(f"{name}: {e}") from None
        if proved > bounds.claim:
            raise LiftError(f"{name}: off by {float(proved):.3g}, claimed {float(bounds.claim):.3g}")
        return f"the larger of two lower bounds, within {float(proved):.2g} (proved) for all {variable}"
    return ""


def _shift(bounds: LowerBounds, condition: Condition, wanted: Term, variable: Term) -> Fraction | None:
    """The number that the left side lies below the function, times e^s for gap and rise."""
    rest = residual(unfolded(wanted), unfolded(condition.left))
    if bounds.name == "log":
        return _fraction(rest)
    at_zero = residual(substitute(rest, {variable: zero}), zero)
    shift = _fraction(at_zero)
    if shift is None or residual(rest, mul(number(shift), exp(variable))) != zero:
        return None
    return shift


def _coefficient(bounds: LowerBounds, low: Term, variable: Term) -> Fraction | None:
    """The number c of the right side."""
    if bounds.name == "rise":
        return Fraction(0) if residual(low, half * variable) == zero else None
    first = Fraction(1, 4) if bounds.name == "gap" else Fraction(1, 2)
    sign = 1 if bounds.name == "gap" else -1
    at_one = _fraction(residual(substitute(low, {variable: one}), number(first)))
    if at_one is None:
        return None
    c = sign * at_one
    whole = variable * variable * (number(first) + number(sign * c) * variable)
    return c if residual(low, whole) == zero else None


def _fraction(t: Term) -> Fraction | None:
    rest = residual(t, zero)
    return Fraction(*rest.data) if rest.head == "num" else None
