"""Numbers: exact rationals, and balls of sixty digits for what is none; division, log and powers total."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq

ctx.dps = 60
LONGEST = 20_000  # bits of a rational number
FINE = 1e-40  # radius, relative, within which two balls that overlap count as equal
ZERO, ONE = fmpq(0), fmpq(1)


class Undecided(Exception):
    """The value, or a comparison, is not known for sure."""


UNMEANT: list[str] = []  # what was valued by convention: divisions by zero, divergent integrals, ...


def unmeant(what: str, value: Any) -> Any:
    """A value that stands where there is none."""
    UNMEANT.append(what)
    return value


def quiet(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function whose values are its own affair, however they are found."""

    def run(x: Any) -> Any:
        before = len(UNMEANT)
        value = f(x)
        del UNMEANT[before:]
        return quiet(value) if callable(value) else value

    return run


def rational(x: Fraction | int) -> fmpq:
    return fmpq(x.numerator, x.denominator)


def ball(x: Any) -> arb:
    return arb(x) if isinstance(x, fmpq) else x


def is_number(x: Any) -> bool:
    return isinstance(x, fmpq | arb)


def sgn(x: Any) -> int:
    """-1, 0 or 1."""
    if isinstance(x, fmpq):
        return (x > 0) - (x < 0)
    if not isinstance(x, arb):
        return int(x.sgn())
    if x > 0:
        return 1
    if x < 0:
        return -1
    if x.is_exact() and x.is_zero():
        return 0
    raise Undecided("a ball around zero")


def is_zero(x: Any) -> bool:
    """Exactly zero, as an element of its kind."""
    if isinstance(x, fmpq):
        return bool(x == 0)
    if isinstance(x, arb):
        return bool(x.is_exact() and x.is_zero())
    return bool(x.is_zero())


def close_to_zero(x: Any) -> bool:
    """Is a number zero, to fifty digits where it is no rational?

    Raises:
        Undecided: the ball is too wide to say.
    """
    if isinstance(x, fmpq):
        return bool(x == 0)
    if not x.contains(0):
        return False
    if not x.is_finite() or float(x.rad()) > FINE:
        raise Undecided("a wide ball around zero")
    return True


def equal(a: Any, b: Any) -> bool:
    """Are two numbers equal, to forty digits where they are no rationals?

    Raises:
        Undecided: a ball is too wide to say, or holds zero where the other number is zero: it may be tiny.
    """
    if isinstance(a, fmpq) and isinstance(b, fmpq):
        return bool(a == b)
    a, b = ball(a), ball(b)
    if not (a.is_finite() and b.is_finite()):
        raise Undecided("no finite ball")
    if not a.overlaps(b):
        return False
    if is_zero(a) != is_zero(b) and (is_zero(a) or is_zero(b)):
        raise Undecided("a number that is zero or tiny")
    if float(a.rad()) + float(b.rad()) > FINE * (1 + abs(float(a.mid()))):
        raise Undecided("balls too wide to compare")
    return True


def inverse(x: Any) -> Any:
    """1/x; 0 for x = 0."""
    if isinstance(x, fmpq):
        return 1 / x if x != 0 else unmeant("1/0", ZERO)
    if isinstance(x, arb):
        return 1 / x if sgn(x) else unmeant("1/0", ZERO)
    return x.inverse()


def power(x: Any, p: int, q: int = 1) -> Any:
    """x^(p/q): a product for q = 1, where 0^p = 0 for p < 0; for q > 1 zero unless x > 0."""
    if q == 1:
        if p < 0:
            return power(inverse(x), -p)
        if isinstance(x, fmpq):
            _short(p * (int(x.p).bit_length() + int(x.q).bit_length()))
            return x**p
        out, base = ONE, x
        while p:
            if p & 1:
                out = out * base
            p >>= 1
            base = base * base if p else base
        return out
    side = sgn(x)
    if side <= 0:
        return ZERO if side == 0 and p > 0 else unmeant("a root of what is not positive", ZERO)
    if isinstance(x, fmpq):
        top, bottom = _root(int(x.p), q), _root(int(x.q), q)
        return power(fmpq(top, bottom), p) if top and bottom else arb(x) ** arb(fmpq(p, q))
    return x ** arb(fmpq(p, q)) if isinstance(x, arb) else x.root(p, q)


def _root(n: int, q: int) -> int:
    """The q-th root of a natural number, 0 if it is none."""
    r = round(n ** (1 / q)) if n < 10**300 else 0
    return r if r**q == n else 0


def _short(bits: int) -> None:
    if bits > LONGEST:
        raise Undecided("a number of very many digits")


def exp(x: Any) -> Any:
    if isinstance(x, fmpq):
        return ONE if x == 0 else _finite(arb(x).exp())
    return _finite(x.exp()) if isinstance(x, arb) else x.exp()


def log(x: Any) -> Any:
    """log x; 0 for x <= 0."""
    if sgn(x) <= 0:
        return unmeant("the logarithm of what is not positive", ZERO)
    if isinstance(x, fmpq):
        return ZERO if x == 1 else arb(x).log()
    return x.log()


def pi() -> arb:
    return arb.pi()


def _finite(x: arb) -> arb:
    if not x.is_finite() or float(abs(x).log().mid() if x != 0 else 0) > 5000:
        raise Undecided("a number beyond all bounds")
    return x
