"""Functions that reduce their argument, s = n log 2 + r, in C and in Python.

Such a function is run with n a symbol, and with the contract of the function that it calls at r. What
must hold then is an identity in n; what is rounded to give n must be as it is written here, and how
large r can be is bounded from that and the constants. LN2_HIGH + LN2_LOW stands for log 2, to which
LN2_LOW is the nearest completion. As everywhere, the rounding of operations is measured, not proved.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from vaemath.codegen.approximation import APPROXIMATIONS, C_APPROXIMATIONS, Approximation
from vaemath.codegen.bounds import relative_error
from vaemath.codegen.coefficients import coefficients
from vaemath.codegen.lift import contracts
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.library import words
from vaemath.codegen.lift.reading import SourceFile
from vaemath.codegen.lift.unfolding import unfolded
from vaemath.codegen.lift.value import Value, cases, interval, lifted
from vaemath.codegen.reals import DOUBLE, FLOAT, Real, reduction
from vaemath.codegen.source import definitions_of
from vaemath.core.normal import residual
from vaemath.core.terms import REAL, Term, number
from vaemath.terms.build import exp, half, log, mul, special, sub, symbol, zero

LN2 = log(2)
_LARGEST = {"f32": (2 - 2.0**-23) * 2.0**127, "f64": math.ldexp(2 - 2.0**-52, 1023)}


class Truncation:
    """`trunc` as a number that is known by name only, of what a reduction may round and nothing else.

    That is x / log 2 + shift for the given x, and half of a number that was so rounded.
    """

    def __init__(self, source: SourceFile, real: Real, arguments: Sequence[Term], shift: Term) -> None:
        per_log2 = lifted(reduction(real)["LOG2_E"]).term
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
        return half_power(given)


def half_power(n: Any) -> Value:
    return Value(half * exp(mul(lifted(n).term, LN2)))


class Reader:
    """The functions of a file over exact values: those of C, or of NumPy and torch.

    Attributes:
        source: the file.
        real: the type that its constants are of.
    """

    def __init__(self, source: SourceFile, real: Real) -> None:
        self.source, self.real = source, real

    def namespace(self, replaced: dict[str, Any], trunc: Truncation | None = None) -> dict[str, Any]:
        """The functions, log 2 exact, and the contracts of what they call."""
        known = {
            "_half_power_of_two": half_power,
            "_expm1_gap": lambda r, _: Value(special("expm1_minus", lifted(r).term)),
        }
        low = Value(LN2 - lifted(reduction(self.real)["LN2_HIGH"]).term)
        return self.source.compiled({**self.words(trunc), "LN2_LOW": low}, replacing={**known, **replaced})

    def words(self, trunc: Truncation | None = None) -> dict[str, Any]:
        """What the library's names stand for."""
        shim = words(lambda m: m)
        shim.trunc = trunc
        return {"np": shim, "torch": shim}

    def check_numbers(self) -> None:
        """The constants must be what is generated."""
        generated: dict[str, Any] = {a.constant: coefficients(a) for a in APPROXIMATIONS} | reduction(DOUBLE)
        for name, value in self.source.constants.items():
            if value != generated.get(name, value):
                raise LiftError(f"{self.source.name}: {name} is not what is generated for it")

    def check_bits(self) -> None:
        """What looks at the bits of a number is not read back: it must be the emitter's to the letter."""
        own = ast.dump(self.source.functions["_half_power_of_two"])
        parts = [definitions_of(f"{p}_primitives", ast.FunctionDef) for p in ("numpy", "torch")]
        if own not in [ast.dump(ast.parse(p["_half_power_of_two"]).body[0]) for p in parts]:
            raise LiftError(f"{self.source.name}: `_half_power_of_two` is not the emitter's")

    def approximation(self, constant: str) -> Approximation:
        return next(a for a in C_APPROXIMATIONS[self.real.suffix] if a.constant == constant)

    def polynomial(self, constant: str, x: Term) -> Term:
        """The polynomial with the coefficients of the file."""
        total: Term = zero
        for c in reversed(self.source.constants[constant]):
            total = total * x + lifted(float(c)).term
        return total

    def error(self, constant: str) -> float:
        """The proved error of the polynomial of the file."""
        error = _proved(self.approximation(constant), tuple(self.source.constants[constant]))
        if error > self.approximation(constant).claim:
            raise LiftError(f"{self.source.name}: {constant} is off by {float(error):.3g}")
        return float(error)

    def equal(self, name: str, found: Term, wanted: Term) -> None:
        """Raise unless these are identically equal."""
        rest = residual(found, wanted)
        if rest != zero:
            raise LiftError(f"{self.source.name}: {name} differs from its contract by {rest}")


def expm1_gap(reader: Reader) -> str:
    """e^r - 1 - r as r^2/2 + r^3 p(r), whatever part of r is called h."""
    r, h = symbol("r", REAL), symbol("h", REAL)
    body = reader.source.compiled(reader.words(), replacing={})["_expm1_gap"](Value(r), Value(h))
    wanted = r * r * (half + r * reader.polynomial("EXPM1_REDUCED", r))
    reader.equal("expm1_gap", lifted(body).term, wanted)
    return f"expm1_gap within {reader.error('EXPM1_REDUCED'):.2g} (proved) for |r| <= 45/64"


def half_expm1_parts(reader: Reader, *flags: bool) -> str:
    """(e^s - 1 - s)/2 and (e^s - 1)/2 by reduction."""
    s = symbol("s", REAL)
    source, real = reader.source, reader.real
    numbers = reduction(real)
    reach(reader, max(numbers["HIGHEST"], -numbers["LOWEST"]), 1.0)
    inner = expm1_gap(reader)
    ends = [lifted(numbers[name]).term for name in ("LOWEST", "HIGHEST")]
    trunc = Truncation(source, real, [s, *ends], zero)
    function = reader.namespace({}, trunc)["_half_expm1_parts"]
    wanted = contracts.half_expm1_parts(s)
    for results, state in cases(lambda: function(Value(s), *flags)):
        low, high = interval(s, state)
        if low is not None and high is not None and low >= high:
            continue  # the conditions exclude each other
        for found, expected in zip(results, wanted, strict=True):
            rest = residual(unfolded(lifted(found).term), unfolded(expected))
            if rest == zero:
                continue
            if low is not None and low > math.log(_LARGEST[real.suffix]) + math.log(2.0) + 1e-9:
                continue  # the exact result is beyond the largest number
            lost = high is not None and high < -(real.fraction_bits + 5) * math.log(2.0)
            if lost and high is not None and residual(rest, half * (exp(number(high)) - exp(s))) == zero:
                continue  # e^s is lost beside 1
            raise LiftError(f"{source.name}: half_expm1_parts differs from its contract by {rest}")
    return f"exact from {inner}"


def reach(reader: Reader, largest: float, rest: float) -> None:
    """|r| <= 45/64 after the reduction of |x| <= largest that leaves at most `rest` of log 2."""
    real = reader.real
    rounding = 2.0 ** -(real.fraction_bits - 1) * (largest / math.log(2) + 1)  # of x / log 2, and of r
    short = abs(reduction(real)["LOG2_E"] * math.log(2) - 1) * largest
    if (rest + rounding) * math.log(2) + short + rounding > 45 / 64:
        raise LiftError(f"{reader.source.name}: the reduced argument leaves the interval of the polynomial")
    if real is FLOAT and largest / math.log(2) + 1 >= 2.0 ** (24 - real.split_bits):
        raise LiftError(f"{reader.source.name}: n LN2_HIGH is not exact")


@cache
def _proved(approximation: Approximation, values: tuple[float, ...]) -> Fraction:
    return relative_error(approximation, values)
