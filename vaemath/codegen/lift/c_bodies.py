"""That the special functions of a C file keep their contracts, with the numbers that stand in the file.

Those that reduce their argument are treated as `vaemath.codegen.lift.reduction` says. As for the other
targets, rounding is measured, not proved.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

from vaemath.codegen.lift import contracts
from vaemath.codegen.lift.cases import cases, excluded, interval, positive, settle
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.reading import SourceFile
from vaemath.codegen.lift.reduction import (
    LN2,
    Reader,
    Truncation,
    expm1_gap,
    half_expm1_parts,
    log1p_unit,
    log_of_unit,
    short,
)
from vaemath.codegen.lift.unfolding import unfolded
from vaemath.codegen.lift.value import Value, lifted
from vaemath.codegen.reals import REALS
from vaemath.core.normal import residual
from vaemath.core.terms import POSITIVE, REAL, Term
from vaemath.terms.build import div, exp, neg, sub, symbol, zero

_VANISHES = {"f32": 150 * math.log(2.0), "f64": 1075 * math.log(2.0)}  # from here on e^-u rounds to zero


def check_c_primitive(source: SourceFile, name: str) -> str:
    """Prove that a special function of the file keeps its contract; what was shown, in words.

    Raises:
        LiftError: it does not.
    """
    key = (name, source.suffix, source.text)
    if key not in _SHOWN:
        real = next(r for r in REALS if r.suffix == source.suffix)
        _SHOWN[key] = _CHECKS[name](Reader(source, real))
    return _SHOWN[key]


_SHOWN: dict[tuple[str, str, str], str] = {}


def _exp_minus(reader: Reader) -> str:
    u = symbol("u", POSITIVE)

    def run() -> Any:
        trunc = Truncation(reader.real, u, shift=Fraction(-1, 2))
        replaced = {"_half_power_of_two": trunc.split, **reader.part_of_leading()}
        return reader.function("_exp_minus", replaced, trunc)(Value(u))

    for found, state in cases(run):
        if excluded(u, state):
            continue
        settle(lifted(found), state, u)
        rest = residual(unfolded(lifted(found).plain()), exp(neg(u)))
        low, _ = interval(u, state)
        if rest != zero and not (low is not None and low >= _VANISHES[reader.real.suffix]):
            raise LiftError(f"{reader.source.name}: exp_minus differs from its contract by {short(rest)}")
    return "exp_minus exact"


def _logistic_parts(reader: Reader) -> str:
    inner = [expm1_gap(reader), _exp_minus(reader)]
    inner.append(log1p_unit(reader))
    function = reader.function("_logistic_parts", {"_exp_minus": _exp_of, "_log1p_unit": log_of_unit})
    u = symbol("u", POSITIVE)
    for logits in (u, neg(u), zero):
        for found, state in cases(partial(function, Value(logits))):
            for f, expected in zip(found, contracts.logistic_parts(logits), strict=True):
                settle(lifted(f), state)
                reader.equal("logistic_parts", Value(unfolded(lifted(f).plain())), unfolded(expected))
    return "exact from " + ", ".join(inner)


def _exp_of(v: Any) -> Value:
    """The contract of exp_minus: e^-v for v >= 0."""
    t = lifted(v).plain()
    if not positive(t) and residual(t, zero) != zero:
        raise LiftError(f"exp_minus is called with {t}, which is not known to be >= 0")
    return Value(exp(neg(t)))


def _log_gap(reader: Reader) -> str:
    """Near 1 by the atanh form at t; elsewhere by mantissas and exponents, a = 2^k m."""
    t = symbol("t", REAL)
    a, b = symbol("a", POSITIVE), symbol("b", POSITIVE)
    parts = {x: (symbol(f"m_{x}", POSITIVE), symbol(f"k_{x}", REAL)) for x in (a, b)}

    def part(v: Any, k: int) -> Value:
        given = lifted(v).plain()
        if given not in parts:
            raise LiftError(f"the bits of {given} are looked at; expected {a} or {b}")
        return Value(parts[given][k])

    replaced = {"_mantissa_of": lambda v: part(v, 0), "_exponent_of": lambda v: part(v, 1)}
    function = reader.function("_log_gap", replaced)
    (m, k), (o, j) = parts[a], parts[b]
    for found, state in cases(lambda: function(Value(t), Value(zero), Value(a), Value(b))):
        low, high = interval(t, state)
        if low is not None and high is not None:
            if not (low >= -1 / 2 and high <= 1):
                raise LiftError(f"{reader.source.name}: log_gap uses its near form from {low} to {high}")
            w = div(t, 2 + t)
            wanted = w * (t - 2 * (w * w * reader.polynomial("ATANH_TAIL", w * w)))
        else:  # 1 <= m, o < 2, so |w| <= 1/3
            w = div(sub(m, o), m + o)
            tail = 2 * w + 2 * w * (w * w * reader.polynomial("ATANH_TAIL", w * w))
            wanted = t - ((k - j) * LN2 + tail)
        settle(lifted(found), state, t)
        reader.equal("log_gap", Value(lifted(found).plain()), wanted)
    return f"log_gap within {2 * reader.error('ATANH_TAIL'):.2g} (proved)"


def _exactly(name: str, contract: Callable[..., Any], *arguments: Term) -> Callable[[Reader], str]:
    """A function that is its contract, in every case, whatever part of a number is taken."""

    def check(reader: Reader) -> str:
        function = reader.function(f"_{name}", reader.part_of_leading())
        wanted = contract(*arguments)
        for results, state in cases(partial(function, *map(Value, arguments))):
            outputs = results if isinstance(results, tuple) else (results,)
            for found, expected in zip(
                outputs, wanted if isinstance(wanted, tuple) else (wanted,), strict=True
            ):
                settle(lifted(found), state)
                reader.equal(name, Value(lifted(found).plain()), expected)
        return "exact"

    return check


_X, _Y, _SCALE = symbol("x", REAL), symbol("y", REAL), symbol("c", POSITIVE)
_CHECKS: dict[str, Callable[[Reader], str]] = {
    "half_expm1_parts": half_expm1_parts,
    "logistic_parts": _logistic_parts,
    "log_gap": _log_gap,
    "difference_parts": _exactly("difference_parts", contracts.difference_parts, _X, _Y),
    "standardised": _exactly("standardised", contracts.standardised, _X, _Y, _SCALE),
    "standardised_parts": _exactly("standardised_parts", contracts.standardised_parts, _X, _Y, _SCALE),
}
