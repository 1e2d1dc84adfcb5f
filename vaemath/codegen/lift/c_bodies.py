"""That the special functions of a C file keep their contracts, with the numbers that stand in the file.

A function that reduces its argument, s = n log 2 + r, is run with n a symbol, and with the contract
of the function that it calls at r. What must hold then is an identity in n; what is rounded to give n
must be as it is written here, and how large r can be is bounded from that and the constants. As for the
other targets, rounding is measured, not proved; what is new is that LN2_HIGH + LN2_LOW stands for log 2,
to which LN2_LOW is the nearest completion.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache, partial
from typing import Any

from vaemath.codegen.approximation import C_APPROXIMATIONS, Approximation
from vaemath.codegen.bounds import relative_error
from vaemath.codegen.c.numbers import FLOAT, REALS, Real, integers, scalars, tuples
from vaemath.codegen.lift import contracts
from vaemath.codegen.lift.bodies import interval
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.library import words
from vaemath.codegen.lift.reading import SourceFile
from vaemath.codegen.lift.unfolding import unfolded
from vaemath.codegen.lift.value import Value, cases, lifted
from vaemath.proof.normal import residual
from vaemath.terms.build import div, exp, half, log, mul, neg, special, sub, symbol, zero
from vaemath.terms.term import POSITIVE, REAL, Term, number

_LN2 = log(2)
_LARGEST = {"f32": (2 - 2.0**-23) * 2.0**127, "f64": math.ldexp(2 - 2.0**-52, 1023)}
_LEAST = {"f32": 2.0**-150, "f64": 0.0}  # half the smallest number; below it a result rounds to zero


def check_c_primitive(source: SourceFile, name: str, suffix: str) -> str:
    """Prove that a special function of the file keeps its contract; what was shown, in words.

    Raises:
        LiftError: it does not.
    """
    real = next(r for r in REALS if r.suffix == suffix)
    for constant, value in {**scalars(real), **integers(real)}.items():
        if source.constants.get(constant, value) != value:
            raise LiftError(f"{source.name}: {constant} is {source.constants[constant]!r}, not {value!r}")
    for constant, values in tuples(real).items():
        if tuple(source.constants.get(constant, values)) != values:
            raise LiftError(f"{source.name}: {constant} is not what is generated for it")
    return _CHECKS[name](source, real)


def c_words() -> dict[str, Any]:
    """The library functions of C over exact values; `trunc` gives a number that is known by name only."""
    shim = words(lambda m: m)
    return {"where": shim.where, "fabs": shim.abs, "log": shim.log}


class _Truncation:
    """`trunc` as a number that is known by name only, of what a reduction may round and nothing else.

    That is x / log 2 + shift for the given x, and half of a number that was so rounded.
    """

    def __init__(self, source: SourceFile, real: Real, arguments: Sequence[Term], shift: Term) -> None:
        per_log2 = lifted(scalars(real)["LOG2_E"]).term
        self.name = source.name
        self.allowed = [x * per_log2 + shift for x in arguments]
        self.wholes: list[Term] = []
        self.halves: list[Term] = []

    def __call__(self, x: Any) -> Value:
        inner = lifted(x).term
        for family, allowed in (
            (self.wholes, self.allowed),
            (self.halves, [half * n for n in self.wholes]),
        ):
            for k, wanted in enumerate(allowed):
                if residual(inner, wanted) == zero:
                    letter = "n" if family is self.wholes else "h"
                    found = symbol(f"{letter}_{k}", REAL)
                    family.append(found)
                    return Value(found)
        raise LiftError(f"{self.name}: {inner} is rounded; expected one of {self.allowed}")

    def split(self, n: Any) -> Value:
        """2^n / 2, where n must be one of the two halves of a rounded number: neither overflows."""
        given = lifted(n).term
        rests = [sub(n, h) for n in self.wholes for h in self.halves]
        if all(residual(given, part) != zero for part in (*self.halves, *rests)):
            raise LiftError(f"{self.name}: 2^{given} is taken; expected half of the exponent")
        return _half_power(given)


def _half_power(n: Any) -> Value:
    return Value(half * exp(mul(lifted(n).term, _LN2)))


def _namespace(
    source: SourceFile, real: Real, replacing: dict[str, Any], *, trunc: _Truncation | None = None
) -> dict[str, Any]:
    """The file's functions, log 2 exact, and the contracts of what they call."""
    numbers = scalars(real)
    exact = {}
    for high, low, whole in (("LN2_HIGH", "LN2_LOW", _LN2), ("HALF_LN2_HIGH", "HALF_LN2_LOW", half * _LN2)):
        exact[low] = Value(whole - lifted(numbers[high]).term)
    known = {
        "_half_power_of_two": _half_power,
        "_expm1_gap": lambda r: Value(special("expm1_minus", lifted(r).term)),
    }
    return source.compiled({**c_words(), **exact, "trunc": trunc}, replacing={**known, **replacing})


def _gap(source: SourceFile, real: Real) -> str:
    """e^r - 1 - r as r^2/2 + r^3 p(r)."""
    approximation = _approximation(real, "EXPM1_REDUCED")
    r = symbol("r", REAL)
    body = source.compiled(c_words(), replacing={})["_expm1_gap"](Value(r))
    _equal(source, "expm1_gap", lifted(body).term, r * r * (half + r * _polynomial(source, approximation, r)))
    return f"expm1_gap within {_error(source, approximation):.2g} (proved) for |r| <= 45/64"


def _half_expm1_parts(source: SourceFile, real: Real) -> str:
    s = symbol("s", REAL)
    numbers = scalars(real)
    _reach(source, real, max(numbers["HIGHEST"], -numbers["LOWEST"]), 1.0)
    inner = _gap(source, real)
    ends = [lifted(numbers[name]).term for name in ("LOWEST", "HIGHEST")]
    trunc = _Truncation(source, real, [s, *ends], zero)
    function = _namespace(source, real, {}, trunc=trunc)["_half_expm1_parts"]
    wanted = contracts.half_expm1_parts(s)
    for results, state in cases(lambda: function(Value(s))):
        low, high = interval(s, state)
        if low is not None and high is not None and low >= high:
            continue  # the conditions exclude each other
        for found, expected in zip(results, wanted, strict=True):
            rest = residual(unfolded(lifted(found).term), unfolded(expected))
            if rest == zero:
                continue
            if low is not None and float(low) > math.log(_LARGEST[real.suffix]) + math.log(2.0) + 1e-9:
                continue  # the exact result is beyond the largest number
            lost = high is not None and math.exp(float(high)) < 2.0 ** -(real.fraction_bits + 5)
            if lost and high is not None and residual(rest, half * (exp(number(high)) - exp(s))) == zero:
                continue  # e^s is lost beside 1
            raise LiftError(f"{source.name}: half_expm1_parts differs from its contract by {rest}")
    return f"exact from {inner}"


def _exp_minus(source: SourceFile, real: Real) -> str:
    u = symbol("u", POSITIVE)
    vanishing = scalars(real)["VANISHING"]
    _reach(source, real, -vanishing, 0.5)  # of x / log 2 - 1/2 < 0, rounded towards zero
    trunc = _Truncation(source, real, [neg(u), lifted(vanishing).term], neg(half))
    function = _namespace(source, real, {"_half_power_of_two": trunc.split}, trunc=trunc)["_exp_minus"]
    for found, state in cases(lambda: function(Value(u))):
        rest = residual(unfolded(lifted(found).term), exp(neg(u)))
        low, _ = interval(u, state)
        if rest != zero and not (low is not None and math.exp(-float(low)) <= _LEAST[real.suffix]):
            raise LiftError(f"{source.name}: exp_minus differs from its contract by {rest}")
    return "exp_minus exact"


def _logistic_parts(source: SourceFile, real: Real) -> str:
    inner = [_gap(source, real), _exp_minus(source, real)]
    approximation = _approximation(real, "ATANH_TAIL")
    x = symbol("x", POSITIVE)
    body = source.compiled(c_words(), replacing={})["_log1p_unit"](Value(x))
    w = div(x, 2 + x)
    bend = w * w * _polynomial(source, approximation, w * w)
    _equal(source, "log1p_unit", lifted(body).term, x - w * (x - 2 * bend))
    inner.append(f"log1p_unit within {_error(source, approximation):.2g} (proved) for 0 <= u <= 1")
    replaced = {
        "_exp_minus": lambda v: Value(exp(neg(lifted(v).term))),
        "_log1p_unit": lambda v: Value(special("log1p", lifted(v).term)),
    }
    function = _namespace(source, real, replaced)["_logistic_parts"]
    u = symbol("u", POSITIVE)
    for logits in (u, neg(u), zero):
        for found, _ in cases(partial(function, Value(logits))):
            for f, expected in zip(found, contracts.logistic_parts(logits), strict=True):
                _equal(source, "logistic_parts", unfolded(lifted(f).term), unfolded(expected))
    return "exact from " + ", ".join(inner)


def _log_gap(source: SourceFile, real: Real) -> str:
    """Near 1 by the atanh form at t; elsewhere by mantissas and exponents, a = 2^k m."""
    approximation = _approximation(real, "ATANH_TAIL")
    t = symbol("t", REAL)
    a, b = symbol("a", POSITIVE), symbol("b", POSITIVE)
    parts = {x: (symbol(f"m_{x}", POSITIVE), symbol(f"k_{x}", REAL)) for x in (a, b)}
    replaced = {
        "_mantissa_of": lambda v: Value(parts[lifted(v).term][0]),
        "_exponent_of": lambda v: Value(parts[lifted(v).term][1]),
    }
    function = _namespace(source, real, replaced)["_log_gap"]
    (m, k), (o, j) = parts[a], parts[b]
    for found, state in cases(lambda: function(Value(t), Value(a), Value(b))):
        low, high = interval(t, state)
        if low is not None and high is not None:
            if not (low >= -1 / 2 and high <= 1):
                raise LiftError(f"{source.name}: log_gap uses its near form from {low} to {high}")
            w = div(t, 2 + t)
            wanted = w * (t - 2 * (w * w * _polynomial(source, approximation, w * w)))
        else:  # 1 <= m, o < 2, so |w| <= 1/3
            w = div(sub(m, o), m + o)
            tail = 2 * w + 2 * w * (w * w * _polynomial(source, approximation, w * w))
            wanted = t - ((k - j) * _LN2 + tail)
        _equal(source, "log_gap", lifted(found).term, wanted)
    return f"log_gap within {2 * _error(source, approximation):.2g} (proved)"


def _standardised(source: SourceFile, real: Real) -> str:
    x, y, c = symbol("x", REAL), symbol("y", REAL), symbol("c", POSITIVE)
    function = _namespace(source, real, {})["_standardised"]
    for found, _ in cases(lambda: function(Value(x), Value(y), Value(c))):
        _equal(source, "standardised", lifted(found).term, contracts.standardised(x, y, c))
    return "exact"


_CHECKS: dict[str, Callable[[SourceFile, Real], str]] = {
    "half_expm1_parts": _half_expm1_parts,
    "logistic_parts": _logistic_parts,
    "log_gap": _log_gap,
    "standardised": _standardised,
}


def _approximation(real: Real, constant: str) -> Approximation:
    return next(a for a in C_APPROXIMATIONS[real.suffix] if a.constant == constant)


def _polynomial(source: SourceFile, approximation: Approximation, x: Term) -> Term:
    total: Term = zero
    for c in reversed(source.constants[approximation.constant]):
        total = total * x + lifted(float(c)).term
    return total


def _error(source: SourceFile, approximation: Approximation) -> float:
    error = _proved(approximation, tuple(source.constants[approximation.constant]))
    if error > approximation.claim:
        raise LiftError(f"{source.name}: {approximation.constant} is off by {float(error):.3g}")
    return float(error)


@cache
def _proved(approximation: Approximation, values: tuple[float, ...]) -> Fraction:
    return relative_error(approximation, values)


def _reach(source: SourceFile, real: Real, largest: float, rest: float) -> None:
    """|r| <= 45/64 after the reduction of |x| <= largest that leaves at most `rest` of log 2."""
    unit = 2.0 ** -(real.fraction_bits + 1)
    steps = largest / math.log(2) + 1
    inverse = abs(scalars(real)["LOG2_E"] * math.log(2) - 1)
    slack = (inverse + 4 * unit) * steps  # of x / log 2, rounded, and of r
    if (rest + slack) * math.log(2) + slack > 45 / 64:
        raise LiftError(f"{source.name}: the reduced argument leaves the interval of the polynomial")
    if real is FLOAT and steps >= 2.0 ** (24 - real.split_bits):
        raise LiftError(f"{source.name}: n LN2_HIGH is not exact")


def _equal(source: SourceFile, name: str, found: Term, wanted: Term) -> None:
    rest = residual(found, wanted)
    if rest != zero:
        raise LiftError(f"{source.name}: {name} differs from its contract by {rest}")
