"""That the primitives of a file keep their contracts, with the numbers that stand in the file.

Each primitive is run on symbols once for every combination of its conditions. A branch must be the
contract exactly, or one of:

    a polynomial in the form below, on an interval on which its error is proved in ball arithmetic;
    the larger of the two lower bounds of `vaemath.codegen.lower_bounds`, with their proof.

Functions that reduce their argument are treated as `vaemath.codegen.lift.reduction` says.

What is shown is the error of approximation. The rounding of each operation is measured, not proved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from vaemath.codegen.approximation import ATANH_TAIL, Approximation
from vaemath.codegen.bounds import relative_error
from vaemath.codegen.lift import contracts
from vaemath.codegen.lift.cases import Cases, cases, excluded, interval, settle
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.larger import larger_of_two
from vaemath.codegen.lift.library import words
from vaemath.codegen.lift.reading import SourceFile
from vaemath.codegen.lift.reduction import Reader, half_expm1_parts, log1p_unit, log_of_unit, short
from vaemath.codegen.lift.unfolding import unfolded
from vaemath.codegen.lift.value import Value, lifted
from vaemath.codegen.reals import DOUBLE
from vaemath.codegen.source import needed
from vaemath.core.normal import residual
from vaemath.core.terms import POSITIVE, REAL, Term, number, substitute
from vaemath.terms.build import div, neg, sub, symbol, zero

Polynomial = Callable[[Term], Term]


@dataclass(frozen=True)
class Form:
    """How a branch may use a polynomial p: the exact shape of each output."""

    approximation: Approximation
    shapes: Callable[[Term, Polynomial], tuple[Term, ...]]
    reach: Callable[[Fraction], Fraction]  # the polynomial's variable at an end of the interval
    above: Fraction  # the interval must lie above this


def _atanh_shape(t: Term, p: Polynomial) -> tuple[Term, ...]:
    w = div(t, 2 + t)
    return (w * (t - 2 * (w * w * p(w * w))),)


def _squared_ratio(t: Fraction) -> Fraction:
    return (t / (2 + t)) ** 2


_FORMS = {
    "_log_gap": (Form(ATANH_TAIL, _atanh_shape, _squared_ratio, Fraction(-2)),),
}


def check_primitive(source: SourceFile, name: str, flags: tuple[bool, ...]) -> str:
    """Prove that one primitive of the file keeps its contract; what was shown, in words.

    Raises:
        LiftError: a branch that is neither the contract nor a proved approximation of it.
    """
    texts = {n: source.source(n) for n in source.functions}
    used = {n: texts[n] for n in needed([name], texts)}
    key = (name, flags, source.target, str(used), str(source.constants))
    if key not in _SHOWN:
        _SHOWN[key] = _check(source, name, flags)
    return _SHOWN[key]


_SHOWN: dict[tuple[str, tuple[bool, ...], str, str, str], str] = {}


def _check(source: SourceFile, name: str, flags: tuple[bool, ...]) -> str:
    if name == "_half_expm1_parts" and flags != (False,):
        return half_expm1_parts(Reader(source, DOUBLE), *flags)
    shown: set[str] = set()
    reader = Reader(source, DOUBLE)
    replaced = reader.part_of_leading()
    if "_log1p_unit" in source.functions:
        shown.add(log1p_unit(reader))
        replaced["_log1p_unit"] = log_of_unit
    function = source.compiled(words(), replacing=replaced)[name]
    for arguments, variable, expected in _calls(name):
        for result, state in cases(partial(function, *arguments, *flags)):
            outputs = result if isinstance(result, tuple) else (result,)
            if len(outputs) != len(expected):
                raise LiftError(f"{source.name}: {name} has {len(outputs)} results, expected {len(expected)}")
            for k, (found, wanted) in enumerate(zip(outputs, expected, strict=True)):
                shown.add(_accept(source, name, k, lifted(found), wanted, variable, state))
    return "; ".join(sorted(shown))


def _calls(name: str) -> list[tuple[tuple[Value, ...], Term, tuple[Term, ...]]]:
    """The arguments to run with, the variable of the conditions, and the contract's value there."""
    s, t = symbol("s", REAL), symbol("t", REAL)
    a, b = symbol("a", POSITIVE), symbol("b", POSITIVE)
    if name == "_half_expm1_parts":
        return [((Value(s),), s, contracts.half_expm1_parts(s))]
    if name == "_log_gap":  # t is (a - b)/b: the contract is then log1p_minus(t)
        gap = sub(t, contracts.log_ratio(a, b))
        return [((Value(t), Value(zero), Value(a), Value(b)), t, (gap,))]
    if name == "_difference_parts":
        x, y = symbol("x", REAL), symbol("y", REAL)
        return [((Value(x), Value(y)), x, contracts.difference_parts(x, y))]
    if name in ("_standardised", "_standardised_parts"):
        c = symbol("c", POSITIVE)
        x, y = symbol("x", REAL), symbol("y", REAL)
        both = contracts.standardised_parts(x, y, c)
        return [((Value(x), Value(y), Value(c)), c, both[:1] if name == "_standardised" else both)]
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
    value: Value,
    wanted: Term,
    variable: Term,
    state: Cases,
) -> str:
    if excluded(variable, state):
        return "exact elsewhere"
    found = value.plain()
    settle(value, state, variable)
    low, high = interval(variable, state)
    for form in _FORMS.get(name, ()):
        shown = _approximates(source, form, output, found, variable, low, high)
        if shown:
            return shown
    rest = residual(unfolded(found), unfolded(wanted))
    if rest == zero or (name == "_log_gap" and residual(_at_ratio(found), _at_ratio(wanted)) == zero):
        return "exact elsewhere"
    shown = larger_of_two(name, output, found, wanted, variable, state)
    if shown:
        return shown
    where = f"{low} < {variable} < {high}" if low is not None or high is not None else "everywhere"
    raise LiftError(f"{source.name}: {name} differs from its contract by {short(rest)} for {where}")


def _at_ratio(t: Term) -> Term:
    """With (a - b)/b for t."""
    a, b = symbol("a", POSITIVE), symbol("b", POSITIVE)
    return unfolded(substitute(t, {symbol("t", REAL): div(sub(a, b), b)}))


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
    if not isinstance(values, tuple) or low is None or high is None:
        return ""
    if low <= form.above:
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
    error = relative_error(approximation, values)
    if error > approximation.claim:
        raise LiftError(
            f"{source.name}: {approximation.constant} is off by {float(error):.3g}, "
            f"claimed {float(approximation.claim):.3g}"
        )
    return f"within {float(error):.2g} (proved) for {float(low):g} < {variable} < {float(high):g}"
