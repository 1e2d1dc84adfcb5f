"""Functions that reduce their argument, s = n log 2 + r, in C and in Python.

Such a function is run with n a symbol, and with the contract of the function that it calls at r. What
must hold then is an identity in n; what is rounded to give n must be as it is written here, and how
large r can be is bounded from that and the constants. LN2_HIGH + LN2_LOW stands for log 2, to which
LN2_LOW is the nearest completion. As everywhere, the rounding of operations is measured, not proved.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from textwrap import shorten
from typing import Any

from vaemath.codegen.approximation import C_APPROXIMATIONS, Approximation
from vaemath.codegen.bounds import relative_error
from vaemath.codegen.lift import contracts
from vaemath.codegen.lift.cases import Cases, cases, excluded, interval, positive, running, settle
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.library import words
from vaemath.codegen.lift.reading import SourceFile
from vaemath.codegen.lift.unfolding import unfolded
from vaemath.codegen.lift.value import Value, lifted
from vaemath.codegen.reals import FLOAT, Real, reduction
from vaemath.core.normal import residual
from vaemath.core.terms import POSITIVE, REAL, Term, number
from vaemath.terms.build import div, exp, half, log, mul, neg, special, sub, symbol, zero

LN2 = log(2)
_LARGEST = {"f32": (2 - 2.0**-23) * 2.0**127, "f64": math.ldexp(2 - 2.0**-52, 1023)}


class Truncation:
    """`trunc` as a number that is known by name only, of what a reduction may round and nothing else.

    That is x / log 2 + shift, where x is the variable, or minus it, on a range that the answers of the run
    have bounded before, or a number; and half of a number that was so rounded. The range must be one on
    which the polynomial and 2^n / 2 are what they should be.

    Attributes:
        whole: for each number n that was rounded: what x was, and n at the ends of its range.
        halves: for each half that was rounded: of which n.
    """

    def __init__(self, real: Real, variable: Term, *, shift: Fraction = Fraction(0)) -> None:
        self.real, self.variable, self.shift = real, variable, shift
        self.per_log2 = reduction(real)["LOG2_E"]
        self.whole: dict[Term, tuple[Term, int, int]] = {}
        self.halves: dict[Term, Term] = {}

    def __call__(self, x: Any) -> Value:
        inner = lifted(x).plain()
        for n in self.whole:
            if residual(inner, half * n) == zero:
                found = symbol(f"h_{len(self.halves)}", REAL)
                self.halves[found] = n
                return Value(found)
        argument = residual(div(sub(inner, number(self.shift)), lifted(self.per_log2).plain()), zero)
        low, high = self._range(inner, argument)
        reach(self.real, low, high, float(self.shift))
        found = symbol(f"n_{len(self.whole)}", REAL)
        self.whole[found] = (argument, self._rounded(low), self._rounded(high))
        return Value(found)

    def _range(self, inner: Term, x: Term) -> tuple[float, float]:
        if x.head == "num":
            return float(Fraction(*x.data)), float(Fraction(*x.data))
        low, high = interval(self.variable, running())
        if residual(x, neg(self.variable)) == zero:
            low, high = (None if high is None else -high), (None if low is None else -low)
        elif residual(x, self.variable) != zero:
            raise LiftError(
                f"{inner} is rounded; expected {self.variable} / log 2 + {self.shift}, or half of one"
            )
        if low is None or high is None:
            side = "below" if low is None else "above"
            raise LiftError(f"{self.variable} is reduced and has no bound {side}; expected it clamped before")
        return float(low), float(high)

    def _rounded(self, end: float) -> int:
        """n at an end of the range, as far from zero as rounding may take it."""
        eps = 2.0 ** -(self.real.fraction_bits - 1)
        size = abs(end * self.per_log2 + float(self.shift)) * (1 + eps)
        return math.floor(size) if end > 0 else -math.floor(size)

    def power(self, n: Any) -> Value:
        """2^n / 2, where n must be a number that was rounded, and 2^n / 2 a normal number."""
        given = lifted(n).plain()
        if given not in self.whole:
            raise LiftError(f"2^{given} is taken; expected the exponent that was rounded")
        _, low, high = self.whole[given]
        self._normal(low, high)
        return half_power(given)

    def split(self, n: Any) -> Value:
        """2^n / 2, where n must be one of the two halves of a rounded number: neither overflows."""
        given = lifted(n).plain()
        for part, of in self.halves.items():
            if residual(given, part) == zero or residual(given, sub(of, part)) == zero:
                _, low, high = self.whole[of]
                self._normal(low // 2 - 1, high // 2 + 1)
                return half_power(given)
        raise LiftError(f"2^{given} is taken; expected half of the exponent")

    def _normal(self, low: int, high: int) -> None:
        """The bits of n + bias - 1 must fit the field of the exponent."""
        if low < 2 - self.real.bias or high > self.real.bias + 1:
            raise LiftError(f"2^n / 2 is taken for n from {low} to {high}, beyond the normal numbers")

    def reduced(self, r: Any, *_: Any) -> Value:
        """e^r - 1 - r, where r must be what is left of x after n log 2."""
        given = lifted(r).plain()
        if all(residual(given, x - n * LN2) != zero for n, (x, _, _) in self.whole.items()):
            raise LiftError(f"expm1_gap is called with {given}; expected what the reduction leaves")
        return Value(special("expm1_minus", given))


def half_power(n: Any) -> Value:
    return Value(half * exp(mul(lifted(n).plain(), LN2)))


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
        known: dict[str, Any] = {}
        meaning = dict(words())
        if trunc is not None:
            known = {"_half_power_of_two": trunc.power, "_expm1_gap": trunc.reduced}
            meaning["trunc"] = trunc
        if "LN2_LOW" in self.source.constants:
            known["LN2_LOW"] = Value(LN2 - lifted(reduction(self.real)["LN2_HIGH"]).plain())
        return self.source.compiled(meaning, replacing={**known, **replaced})

    def function(
        self, name: str, replaced: dict[str, Any], trunc: Truncation | None = None
    ) -> Callable[..., Any]:
        """One of the functions of the file.

        Raises:
            LiftError: there is none of that name.
        """
        if name not in self.source.functions:
            raise LiftError(f"{self.source.name}: there is no function `{name}`")
        return self.namespace(replaced, trunc)[name]  # type: ignore[no-any-return]

    def part_of_leading(self) -> dict[str, Any]:
        """`_leading` where it looks at bits: what is proved must hold whatever part of a number it takes."""
        if self.source.target not in ("c", "jax"):
            return {}
        parts: list[Term] = []

        def leading(x: Any) -> Value:
            term = lifted(x).plain()
            if term not in parts:
                parts.append(term)
            return Value(symbol(f"h_{parts.index(term)}_", REAL))

        return {"_leading": leading}

    def approximation(self, constant: str) -> Approximation:
        return next(a for a in C_APPROXIMATIONS[self.real.suffix] if a.constant == constant)

    def coefficients(self, constant: str) -> tuple[float, ...]:
        """Those of the file."""
        found = self.source.constants.get(constant)
        if not isinstance(found, tuple):
            raise LiftError(f"{self.source.name}: there is no `{constant}`")
        return found

    def polynomial(self, constant: str, x: Term) -> Term:
        """The polynomial with the coefficients of the file."""
        total: Term = zero
        for c in reversed(self.coefficients(constant)):
            total = total * x + lifted(float(c)).term
        return total

    def error(self, constant: str) -> float:
        """The proved error of the polynomial of the file."""
        error = _proved(self.approximation(constant), self.coefficients(constant))
        if error > self.approximation(constant).claim:
            raise LiftError(f"{self.source.name}: {constant} is off by {float(error):.3g}")
        return float(error)

    def equal(self, name: str, found: Value, wanted: Term) -> None:
        """Raise unless these are identically equal, and what is divided by is not zero."""
        settle(found, Cases())
        rest = residual(found.plain(), wanted)
        if rest != zero:
            raise LiftError(f"{self.source.name}: {name} differs from its contract by {short(rest)}")


def expm1_gap(reader: Reader) -> str:
    """e^r - 1 - r as r^2/2 + r^3 p(r), whatever part of r is called h."""
    r, h = symbol("r", REAL), symbol("h", REAL)
    body = reader.function("_expm1_gap", {})(Value(r), Value(h))
    wanted = r * r * (half + r * reader.polynomial("EXPM1_REDUCED", r))
    reader.equal("expm1_gap", lifted(body), wanted)
    return f"expm1_gap within {reader.error('EXPM1_REDUCED'):.2g} (proved) for |r| <= 45/64"


def half_expm1_parts(reader: Reader, *flags: bool) -> str:
    """(e^s - 1 - s)/2 and (e^s - 1)/2 by reduction."""
    s = symbol("s", REAL)
    source, real = reader.source, reader.real
    inner = expm1_gap(reader)
    wanted = contracts.half_expm1_parts(s)

    def run() -> Any:
        trunc = Truncation(real, s)
        return reader.function("_half_expm1_parts", reader.part_of_leading(), trunc)(Value(s), *flags)

    for results, state in cases(run):
        if excluded(s, state):
            continue
        low, high = interval(s, state)
        for found, expected in zip(results, wanted, strict=True):
            settle(lifted(found), state, s)
            rest = residual(unfolded(lifted(found).plain()), unfolded(expected))
            if rest == zero:
                continue
            if low is not None and low > math.log(_LARGEST[real.suffix]) + math.log(2.0) + 1e-9:
                continue  # the exact result is beyond the largest number
            lost = high is not None and high < -(real.fraction_bits + 5) * math.log(2.0)
            if lost and high is not None and residual(rest, half * (exp(number(high)) - exp(s))) == zero:
                continue  # e^s is lost beside 1
            raise LiftError(f"{source.name}: half_expm1_parts differs from its contract by {short(rest)}")
    return f"exact from {inner}"


def log1p_unit(reader: Reader) -> str:
    """log(1 + u) as u - w (u - 2 w^2 p(w^2)) with w = u/(2 + u)."""
    u = symbol("u", POSITIVE)
    body = reader.function("_log1p_unit", {})(Value(u))
    w = div(u, 2 + u)
    bend = w * w * reader.polynomial("ATANH_TAIL", w * w)
    reader.equal("log1p_unit", lifted(body), u - w * (u - 2 * bend))
    return f"log1p_unit within {reader.error('ATANH_TAIL'):.2g} (proved) for 0 <= u <= 1"


def log_of_unit(v: Any) -> Value:
    """The contract of log1p_unit: log(1 + v) for 0 <= v <= 1, as e to a negative power is."""
    t = lifted(v).plain()
    if t.head != "exp" or not (positive(neg(t.args[0])) or residual(t.args[0], zero) == zero):
        raise LiftError(f"log1p_unit is called with {t}, which is not known to lie between 0 and 1")
    return Value(special("log1p", t))


def reach(real: Real, low: float, high: float, shift: float) -> None:
    """|r| <= 45/64 after the reduction of x from low to high by n = trunc(x / log 2 + shift)."""
    if shift and (shift != -0.5 or high > 0):
        raise LiftError(f"trunc(x / log 2 - 1/2) of x up to {high:g}, expected x <= 0")
    rest, largest = (0.5 if shift else 1.0), max(abs(low), abs(high))
    rounding = 2.0 ** -(real.fraction_bits - 1) * (largest / math.log(2) + 1)  # of x / log 2, and of r
    short = abs(reduction(real)["LOG2_E"] * math.log(2) - 1) * largest
    if (rest + rounding) * math.log(2) + short + rounding > 45 / 64:
        raise LiftError(f"for |x| <= {largest:g} the reduced argument leaves the interval of the polynomial")
    if real is FLOAT and largest / math.log(2) + 1 >= 2.0 ** (24 - real.split_bits):
        raise LiftError(f"n LN2_HIGH is not exact for |x| <= {largest:g}")


@cache
def _proved(approximation: Approximation, values: tuple[float, ...]) -> Fraction:
    return relative_error(approximation, values)


def short(t: Term) -> str:
    """A term as far as it fits a message."""
    return shorten(str(t), 150)
