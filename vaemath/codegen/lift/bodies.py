"""That the primitives of a file keep their contracts, with the numbers that stand in the file.

Each primitive is run on symbols once for every combination of its conditions. A branch must be the
contract exactly, or one of:

    a polynomial in the form below, on an interval on which its error is proved in ball arithmetic;
    the larger of the two lower bounds of `vaemath.codegen.lower_bounds`, with their proof;
    (e^s - 1)/2 without its -1/2 where s > 700, which is less than one part in 2^1000.

What is shown is the error of approximation. The rounding of each operation is measured, not proved.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from vaemath.codegen import constants
from vaemath.codegen.approximation import (
    ATANH_TAIL,
    EXPM1_TAIL,
    Approximation,
)
from vaemath.codegen.bounds import relative_error
from vaemath.codegen.coefficients import coefficients
from vaemath.codegen.lift import contracts
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.larger import larger_of_two
from vaemath.codegen.lift.library import words
from vaemath.codegen.lift.reading import SourceFile
from vaemath.codegen.lift.unfolding import unfolded
from vaemath.codegen.lift.value import Cases, Value, cases, lifted
from vaemath.proof.normal import residual
from vaemath.terms.build import div, exp, half, neg, sub, symbol, zero
from vaemath.terms.term import POSITIVE, REAL, Term, number

Polynomial = Callable[[Term], Term]


@dataclass(frozen=True)
class Form:
    """How a branch may use a polynomial p: the exact shape of each output."""

    approximation: Approximation
    shapes: Callable[[Term, Polynomial], tuple[Term, ...]]
    reach: Callable[[Fraction], Fraction]  # the polynomial's variable at an end of the interval


def _expm1_shape(s: Term, p: Polynomial) -> tuple[Term, ...]:
    gap = s * s * (half + s * p(s))
    return half * gap, half * (s + gap)


def _atanh_shape(t: Term, p: Polynomial) -> tuple[Term, ...]:
    w = div(t, 2 + t)
    return (w * (t - 2 * (w * w * p(w * w))),)


def _squared_ratio(t: Fraction) -> Fraction:
    return (t / (2 + t)) ** 2


def _itself(t: Fraction) -> Fraction:
    return t


_FORMS = {
    "_half_expm1_parts": (Form(EXPM1_TAIL, _expm1_shape, _itself),),
    "_log_gap": (Form(ATANH_TAIL, _atanh_shape, _squared_ratio),),
}


def check_primitive(source: SourceFile, name: str, flags: tuple[bool, ...]) -> str:
    """Prove that one primitive of the file keeps its contract; what was shown, in words.

    Raises:
        LiftError: a branch that is neither the contract nor a proved approximation of it.
    """
    used = {n: ast.unparse(source.functions[n]) for n in (name, "_polynomial") if n in source.functions}
    numbers = {k: v for k, v in source.constants.items() if isinstance(v, float | tuple)}
    key = (name, flags, str(used), str(numbers))
    if key not in _SHOWN:
        _SHOWN[key] = _check(source, name, flags)
    return _SHOWN[key]


_SHOWN: dict[tuple[str, tuple[bool, ...], str, str], str] = {}


def _check(source: SourceFile, name: str, flags: tuple[bool, ...]) -> str:
    shown: set[str] = set()
    for arguments, variable, expected in _calls(name):

        def run(given: tuple[Any, ...] = (*arguments, *flags)) -> Any:
            return _run(source, name, given)

        for result, state in cases(run):
            outputs = result if isinstance(result, tuple) else (result,)
            for k, (found, wanted) in enumerate(zip(outputs, expected, strict=True)):
                shown.add(_accept(source, name, k, lifted(found).term, wanted, variable, state))
    return "; ".join(sorted(shown))


def _run(source: SourceFile, name: str, arguments: tuple[Any, ...]) -> Any:
    shim = words(lambda m: m)
    if "HALF_E" in source.constants and source.constants["HALF_E"] != constants.HALF_E:
        raise LiftError(f"{source.name}: HALF_E is {source.constants['HALF_E']!r}")
    exact = {"HALF_E": Value(half * exp(1))}
    namespace = source.compiled({"np": shim, "torch": shim, **exact}, replacing={})
    return namespace[name](*arguments)


def _calls(name: str) -> list[tuple[tuple[Value, ...], Term, tuple[Term, ...]]]:
    """The arguments to run with, the variable of the conditions, and the contract's value there."""
    s, t = symbol("s", REAL), symbol("t", REAL)
    a, b = symbol("a", POSITIVE), symbol("b", POSITIVE)
    if name == "_half_expm1_parts":
        return [((Value(s),), s, contracts.half_expm1_parts(s))]
    if name == "_log_gap":  # t is (a - b)/b: the contract is then log1p_minus(t)
        gap = sub(t, contracts.log_ratio(a, b))
        return [((Value(t), Value(a), Value(b)), t, (gap,))]
    if name == "_standardised":
        c = symbol("c", POSITIVE)
        x, y = symbol("x", REAL), symbol("y", REAL)
        return [((Value(x), Value(y), Value(c)), c, (contracts.standardised(x, y, c),))]
    if name == "_logistic_steps":
        u = symbol("u", POSITIVE)
        return [((Value(v),), u, contracts.logistic_steps(v)) for v in (u, neg(u), zero)]
    if name == "_logistic_parts":
        u = symbol("u", POSITIVE)
        return [((Value(v),), u, contracts.logistic_parts(v)) for v in (u, neg(u), zero)]
    raise LiftError(f"no contract for {name}")


def _accept(
    source: SourceFile,
    name: str,
    output: int,
    found: Term,
    wanted: Term,
    variable: Term,
    state: Cases,
) -> str:
    rest = residual(unfolded(found), unfolded(wanted))
    if rest == zero:
        return "exact elsewhere"
    low, high = interval(variable, state)
    if low is not None and high is not None and low >= high:
        return "exact elsewhere"  # the conditions exclude each other
    if name == "_half_expm1_parts" and low is not None and low >= 700 and rest == half:
        return "exact up to 2^-1000 for s > 709"
    shown = larger_of_two(name, output, found, wanted, variable, state)
    if shown:
        return shown
    for form in _FORMS.get(name, ()):
        shown = _approximates(source, form, output, found, variable, low, high)
        if shown:
            return shown
    where = f"{low} < {variable} < {high}" if low is not None or high is not None else "everywhere"
    raise LiftError(f"{source.name}: {name} differs from its contract by {rest} for {where}")


def _approximates(
    source: SourceFile,
    form: Form,
    output: int,
    found: Term,
    variable: Term,
    low: Fraction | None,
    high: Fraction | None,
) -> str:
    approximation = form.approximation
    values = source.constants.get(approximation.constant)
    if values is None or low is None or high is None:
        return ""
    inside = [form.reach(low), form.reach(high)]
    if min(inside) < approximation.lower or max(inside) > approximation.upper:
        return ""

    def p(x: Term) -> Term:
        total: Term = zero
        for c in reversed(values):
            total = total * x + number(Fraction(c))
        return total

    if residual(found, form.shapes(variable, p)[output]) != zero:
        return ""
    if tuple(values) != coefficients(approximation):
        raise LiftError(f"{source.name}: {approximation.constant} is not what is generated for it")
    error = relative_error(approximation, values)
    if error > approximation.claim:
        raise LiftError(
            f"{source.name}: {approximation.constant} is off by {float(error):.3g}, "
            f"claimed {float(approximation.claim):.3g}"
        )
    return f"within {float(error):.2g} (proved) for {float(low):g} < {variable} < {float(high):g}"


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
