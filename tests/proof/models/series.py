"""Derivatives: values with slopes where a function is analytic, one-sided expansions where it is not.

`Slopes` carries the value at a point and the slopes along some directions. Where a branch would be taken on
the edge of its condition it gives up. `Germ` is a function of e > 0 near 0: a sum of powers of e up to an
error of a known order; a function has a derivative where both one-sided germs agree with its value and with
one slope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from flint import fmpq

from tests.proof.models import scalars as S
from tests.proof.models.scalars import (
    ONE,
    ZERO,
    Undecided,
    close_to_zero,
    inverse,
    is_number,
    is_zero,
    power,
    sgn,
)

_TAGS = count()


class Slopes:
    """A value and its slopes along directions; `tag` tells nested derivatives apart."""

    def __init__(self, value: Any, slopes: tuple[Any, ...], tag: int) -> None:
        self.value, self.slopes, self.tag = value, slopes, tag

    def _with(self, other: Any) -> tuple[Slopes, Slopes] | None:
        if isinstance(other, Slopes) and other.tag == self.tag:
            return self, other
        if isinstance(other, Slopes) and other.tag > self.tag:
            return Slopes(self, tuple(ZERO for _ in other.slopes), other.tag), other
        return self, Slopes(other, tuple(ZERO for _ in self.slopes), self.tag)

    def __add__(self, other: Any) -> Any:
        if hasattr(other, "wraps"):
            return NotImplemented
        a, b = self._with(other)
        return Slopes(a.value + b.value, tuple(x + y for x, y in zip(a.slopes, b.slopes, strict=True)), a.tag)

    def __mul__(self, other: Any) -> Any:
        if hasattr(other, "wraps"):
            return NotImplemented
        a, b = self._with(other)
        slopes = tuple(a.value * y + b.value * x for x, y in zip(a.slopes, b.slopes, strict=True))
        return Slopes(a.value * b.value, slopes, a.tag)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Any:
        return self * fmpq(-1)

    def __sub__(self, other: Any) -> Any:
        return self + other * fmpq(-1)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def sgn(self) -> int:
        s = sgn(self.value)
        if s == 0:
            raise Undecided("a branch taken on its edge")
        return s

    def is_zero(self) -> bool:
        return False

    def _chain(self, value: Any, rate: Any) -> Slopes:
        return Slopes(value, tuple(rate * s for s in self.slopes), self.tag)

    def inverse(self) -> Any:
        if sgn(self.value) == 0:
            raise Undecided("division by zero at a point")
        r = inverse(self.value)
        return self._chain(r, r * r * fmpq(-1))

    def root(self, p: int, q: int) -> Any:
        value = power(self.value, p, q)
        return self._chain(value, value * inverse(self.value) * fmpq(p, q))

    def exp(self) -> Any:
        value = S.exp(self.value)
        return self._chain(value, value)

    def log(self) -> Any:
        return self._chain(S.log(self.value), inverse(self.value))


def slopes(f: Callable[[Any], Any], at: Any) -> Any:
    """The derivative of an analytic function of a real number."""
    tag = next(_TAGS)
    return _along(f(Slopes(at, (ONE,), tag)), 0, tag)


def _along(out: Any, k: int, tag: int) -> Any:
    """The slope of a value along a direction."""
    if hasattr(out, "wraps"):
        return out.with_factors(lambda c: _along(c, k, tag))
    return out.slopes[k] if isinstance(out, Slopes) and out.tag == tag else ZERO


def gradient(f: Callable[[list[Any]], Any], at: list[Any]) -> list[Any]:
    """The partial derivatives of an analytic function of some numbers."""
    tag, n = next(_TAGS), len(at)
    out = f([Slopes(x, tuple(ONE if i == k else ZERO for i in range(n)), tag) for k, x in enumerate(at)])
    return [_along(out, k, tag) for k in range(n)]


ORDER = fmpq(3)


class Germ:
    """sum_r c_r e^r + O(e^top) for small e > 0; `top` is None where the sum is all."""

    def __init__(self, terms: dict[fmpq, Any], top: fmpq | None = None) -> None:
        self.terms = {r: c for r, c in terms.items() if not is_zero(c) and (top is None or r < top)}
        self.top = top

    def lowest(self) -> fmpq:
        """The exponent with which the germ begins."""
        for r in sorted(self.terms):
            if not close_to_zero(self.terms[r]):
                return r
        raise Undecided("a germ that vanishes as far as it is known")

    def __add__(self, other: Any) -> Any:
        if hasattr(other, "wraps"):
            return NotImplemented
        b = _germ(other)
        terms = dict(self.terms)
        for r, c in b.terms.items():
            terms[r] = terms[r] + c if r in terms else c
        return Germ(terms, _least(self.top, b.top))

    def __mul__(self, other: Any) -> Any:
        if hasattr(other, "wraps"):
            return NotImplemented
        b = _germ(other)
        if b.is_zero() or self.is_zero():
            return ZERO
        top = None
        for f, g in ((self, b), (b, self)):
            if f.top is not None:
                top = _least(top, f.top + (min(g.terms) if g.terms else g.top or ZERO))
        terms: dict[fmpq, Any] = {}
        for r, c in self.terms.items():
            for s, d in b.terms.items():
                terms[r + s] = terms[r + s] + c * d if r + s in terms else c * d
        return Germ(terms, top)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Any:
        return self * fmpq(-1)

    def __sub__(self, other: Any) -> Any:
        return self + other * fmpq(-1)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def is_zero(self) -> bool:
        return not self.terms and self.top is None

    def sgn(self) -> int:
        if self.is_zero():
            return 0
        return sgn(self.terms[self.lowest()])

    def _parts(self) -> tuple[Any, fmpq, Any]:
        """c, r, u with the germ = c e^r (1 + u), u small."""
        r = self.lowest()
        c = self.terms[r]
        top = ORDER if self.top is None else min(self.top - r, ORDER)
        return c, r, Germ({s - r: d * inverse(c) for s, d in self.terms.items() if s > r}, top)

    def inverse(self) -> Any:
        return ZERO if self.is_zero() else self._power(-1, 1)

    def root(self, p: int, q: int) -> Any:
        return self._power(p, q)

    def _power(self, p: int, q: int) -> Any:
        c, r, u = self._parts()
        e = fmpq(p, q)
        factors = lambda: _coefficients(lambda k: (e - k) / (k + 1))
        return _composed(u, factors()) * Germ({r * e: power(c, p, q)})

    def exp(self) -> Any:
        if any(r < 0 for r in self.terms):
            raise Undecided("the exponential of an unbounded germ")
        start = self.terms.get(ZERO, ZERO)
        top = ORDER if self.top is None else min(self.top, ORDER)
        rest = Germ({r: c for r, c in self.terms.items() if r > 0}, top)
        return _composed(rest, _coefficients(lambda k: fmpq(1, k + 1))) * S.exp(start)

    def log(self) -> Any:
        c, r, u = self._parts()
        if r != 0:
            raise Undecided("the logarithm of an unbounded germ")
        terms = (fmpq((-1) ** (k + 1), k) if k else ZERO for k in count())
        return _composed(u, terms) + S.log(c)


def _least(a: fmpq | None, b: fmpq | None) -> fmpq | None:
    return b if a is None else a if b is None else min(a, b)


def _germ(x: Any) -> Germ:
    if isinstance(x, Germ):
        return x
    if not is_number(x):
        raise Undecided("a germ of a germ")
    return Germ({ZERO: x})


def _coefficients(ratio: Callable[[int], fmpq]) -> Iterable[fmpq]:
    c = ONE
    for k in count():
        yield c
        c = c * ratio(k)


def _composed(u: Germ, coefficients: Iterable[fmpq]) -> Any:
    """sum_k a_k u^k, for a germ u that begins with a positive power."""
    top = u.top if u.top is not None else ORDER
    total, term = Germ({}, top), Germ({ZERO: ONE}, top)
    least = min(u.terms) if u.terms else top
    for k, a in enumerate(coefficients):
        if least * k >= top:
            return total
        total = total + term * a if a != 0 else total
        term = _germ(term * u) if u.terms else Germ({}, top)
    raise AssertionError


def derivative(f: Callable[[Any], Any], at: Any) -> Any | None:
    """The derivative of a real function at a point; None where there is none."""
    try:
        return slopes(f, at)
    except Undecided:
        if not is_number(at):
            raise
    here = f(at)
    found = [_one_sided(f, at, here, fmpq(side)) for side in (1, -1)]
    if None in found or not S.equal(found[0], found[1]):
        return None
    return found[0]


def _one_sided(f: Callable[[Any], Any], at: Any, here: Any, side: fmpq) -> Any | None:
    gap = _germ(f(Germ({ZERO: at, ONE: side}))) - here
    gap = _germ(gap)
    for r in sorted(gap.terms):
        if r < 1 and not close_to_zero(gap.terms[r]):
            return None
    if gap.top is not None and gap.top <= 1:
        raise Undecided("a germ known to too low an order")
    return gap.terms.get(ONE, ZERO) * side
