"""That the special functions of a C file keep their contracts, with the numbers that stand in the file.

Those that reduce their argument are treated as `vaemath.codegen.lift.reduction` says. As for the other
targets, rounding is measured, not proved.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from vaemath.codegen.c.numbers import integers, scalars, tuples
from vaemath.codegen.lift import contracts
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.library import words
from vaemath.codegen.lift.reading import SourceFile
from vaemath.codegen.lift.reduction import LN2, Reader, Truncation, expm1_gap, half_expm1_parts, reach
from vaemath.codegen.lift.unfolding import unfolded
from vaemath.codegen.lift.value import Value, cases, interval, lifted
from vaemath.codegen.reals import REALS
from vaemath.core.normal import residual
from vaemath.core.terms import POSITIVE, REAL, Term
from vaemath.terms.build import div, exp, half, neg, special, sub, symbol, zero

_VANISHES = {"f32": 150 * math.log(2.0), "f64": 1075 * math.log(2.0)}  # from here on e^-u rounds to zero


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
    return _CHECKS[name](_CReader(source, real))


def c_words() -> dict[str, Any]:
    """The library functions of C over exact values."""
    shim = words(lambda m: m)
    return {"where": shim.where, "fabs": shim.abs, "log": shim.log}


class _CReader(Reader):
    def words(self, trunc: Truncation | None = None) -> dict[str, Any]:
        """The functions of C; `trunc` gives a number that is known by name only, and so does `leading`."""
        return {**c_words(), "trunc": trunc}

    def namespace(self, replaced: dict[str, Any], trunc: Truncation | None = None) -> dict[str, Any]:
        parts: list[Term] = []

        def leading(x: Any) -> Value:
            """Some number for each argument: what is proved must hold whatever part of it is taken."""
            term = lifted(x).term
            if term not in parts:
                parts.append(term)
            return Value(symbol(f"h_{parts.index(term)}", REAL))

        return super().namespace({"_leading": leading, **replaced}, trunc)


def _exp_minus(reader: Reader) -> str:
    u = symbol("u", POSITIVE)
    vanishing = scalars(reader.real)["VANISHING"]
    reach(reader, -vanishing, 0.5)  # of x / log 2 - 1/2 < 0, rounded towards zero
    trunc = Truncation(reader.source, reader.real, [neg(u), lifted(vanishing).term], neg(half))
    function = reader.namespace({"_half_power_of_two": trunc.split}, trunc)["_exp_minus"]
    for found, state in cases(lambda: function(Value(u))):
        rest = residual(unfolded(lifted(found).term), exp(neg(u)))
        low, _ = interval(u, state)
        if rest != zero and not (low is not None and low >= _VANISHES[reader.real.suffix]):
            raise LiftError(f"{reader.source.name}: exp_minus differs from its contract by {rest}")
    return "exp_minus exact"


def _logistic_parts(reader: Reader) -> str:
    inner = [expm1_gap(reader), _exp_minus(reader)]
    x = symbol("x", POSITIVE)
    body = reader.source.compiled(c_words(), replacing={})["_log1p_unit"](Value(x))
    w = div(x, 2 + x)
    bend = w * w * reader.polynomial("ATANH_TAIL", w * w)
    reader.equal("log1p_unit", lifted(body).term, x - w * (x - 2 * bend))
    inner.append(f"log1p_unit within {reader.error('ATANH_TAIL'):.2g} (proved) for 0 <= u <= 1")
    replaced = {
        "_exp_minus": lambda v: Value(exp(neg(lifted(v).term))),
        "_log1p_unit": lambda v: Value(special("log1p", lifted(v).term)),
    }
    function = reader.namespace(replaced)["_logistic_parts"]
    u = symbol("u", POSITIVE)
    for logits in (u, neg(u), zero):
        for found, _ in cases(partial(function, Value(logits))):
            for f, expected in zip(found, contracts.logistic_parts(logits), strict=True):
                reader.equal("logistic_parts", unfolded(lifted(f).term), unfolded(expected))
    return "exact from " + ", ".join(inner)


def _log_gap(reader: Reader) -> str:
    """Near 1 by the atanh form at t; elsewhere by mantissas and exponents, a = 2^k m."""
    t = symbol("t", REAL)
    a, b = symbol("a", POSITIVE), symbol("b", POSITIVE)
    parts = {x: (symbol(f"m_{x}", POSITIVE), symbol(f"k_{x}", REAL)) for x in (a, b)}
    replaced = {
        "_mantissa_of": lambda v: Value(parts[lifted(v).term][0]),
        "_exponent_of": lambda v: Value(parts[lifted(v).term][1]),
    }
    function = reader.namespace(replaced)["_log_gap"]
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
        reader.equal("log_gap", lifted(found).term, wanted)
    return f"log_gap within {2 * reader.error('ATANH_TAIL'):.2g} (proved)"


def _difference_parts(reader: Reader) -> str:
    x, y = symbol("x", REAL), symbol("y", REAL)
    function = reader.namespace({})["_difference_parts"]
    for found, expected in zip(function(Value(x), Value(y)), contracts.difference_parts(x, y), strict=True):
        reader.equal("difference_parts", lifted(found).term, expected)
    return "exact"


def _standardised_parts(reader: Reader) -> str:
    x, y, c = symbol("x", REAL), symbol("y", REAL), symbol("c", POSITIVE)
    function = reader.namespace({})["_standardised_parts"]
    for results, _ in cases(lambda: function(Value(x), Value(y), Value(c))):
        for found, expected in zip(results, contracts.standardised_parts(x, y, c), strict=True):
            reader.equal("standardised_parts", lifted(found).term, expected)
    return "exact"


def _standardised(reader: Reader) -> str:
    x, y, c = symbol("x", REAL), symbol("y", REAL), symbol("c", POSITIVE)
    function = reader.namespace({})["_standardised"]
    for found, _ in cases(lambda: function(Value(x), Value(y), Value(c))):
        reader.equal("standardised", lifted(found).term, contracts.standardised(x, y, c))
    return "exact"


_CHECKS: dict[str, Callable[[Reader], str]] = {
    "half_expm1_parts": half_expm1_parts,
    "logistic_parts": _logistic_parts,
    "log_gap": _log_gap,
    "difference_parts": _difference_parts,
    "standardised": _standardised,
    "standardised_parts": _standardised_parts,
}
