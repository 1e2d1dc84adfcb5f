"""Functions on an interval, exactly: sums of c R(x) exp(p(x)), R rational, p a polynomial with p(0) = 0.

A function with branches is evaluated on an interval at a time: where a branch depends on the sign of
something that changes sign inside, `Split` says where, and the interval is cut there. What happens at
single points does not matter here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Any

from flint import acb, acb_poly, arb, fmpq, fmpq_poly

from tests.proof.models import scalars as S
from tests.proof.models.scalars import ONE, ZERO, Undecided, inverse, is_number, is_zero, power, sgn


class Interval:
    """An open interval of a variable, which `variable` tells from others; None for an infinite end."""

    def __init__(self, low: fmpq | None, high: fmpq | None, variable: object) -> None:
        self.low, self.high, self.variable = low, high, variable

    def cut(self, points: Iterable[fmpq]) -> list[Interval]:
        ends = [self.low, *points, self.high]
        return [Interval(a, b, self.variable) for a, b in pairwise(ends)]


LINE, HALF_LINE = (None, None), (ZERO, None)
_X = fmpq_poly([0, 1])
_UNIT = fmpq_poly([1])


class Split(Exception):
    """The interval is to be cut at these points."""

    def __init__(self, points: Iterable[fmpq], inside: Interval) -> None:
        self.points, self.inside = sorted(set(points)), inside


class Part:
    """c num(x)/den(x) exp(rate(x))."""

    def __init__(self, c: Any, num: fmpq_poly, den: fmpq_poly, rate: fmpq_poly) -> None:
        common = num.gcd(den)
        num, den = num // common, den // common
        lead = den.leading_coefficient()
        self.c, self.num, self.den, self.rate = c, num / lead, den / lead, rate
        if not isinstance(c, fmpq):  # all exact factors of a term that is no rational stand in c
            top = self.num.leading_coefficient()
            self.c, self.num = c * top, self.num / top
        else:
            self.c, self.num = ONE, self.num * c


class Line:
    """A function on an open interval. Values of other kinds are constants to it, as `wraps` says."""

    wraps = True

    def __init__(self, parts: Iterable[Part], inside: Interval) -> None:
        self.inside = inside
        merged: dict[Any, Part] = {}
        for p in parts:
            exact = isinstance(p.c, fmpq)
            key = (str(p.rate),) if exact else (str(p.rate), str(p.num), str(p.den))
            if key in merged and exact:
                q = merged[key]
                p = Part(ONE, p.num * q.den + q.num * p.den, p.den * q.den, p.rate)
            elif key in merged:
                p = Part(merged[key].c + p.c, p.num, p.den, p.rate)
            merged[key] = p
        self.parts = [p for p in merged.values() if p.num != 0 and not _vanishes(p.c)]

    def with_factors(self, change: Callable[[Any], Any]) -> Line:
        """The function with each factor that is constant here changed."""
        return Line(
            [Part(change(p.c), p.num, p.den, p.rate) for p in self.parts if not isinstance(p.c, fmpq)],
            self.inside,
        )

    def _lift(self, x: Any) -> Line:
        if isinstance(x, Line):
            if x.inside.variable is not self.inside.variable:
                raise Undecided("a function of two variables")
            return x
        return Line([Part(x, _UNIT, _UNIT, fmpq_poly())], self.inside)

    def __add__(self, other: Any) -> Any:
        return Line([*self.parts, *self._lift(other).parts], self.inside)

    def __mul__(self, other: Any) -> Any:
        b = self._lift(other)
        parts = [
            Part(p.c * q.c, p.num * q.num, p.den * q.den, p.rate + q.rate)
            for p in self.parts
            for q in b.parts
        ]
        return Line(parts, self.inside)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Any:
        return self * fmpq(-1)

    def __sub__(self, other: Any) -> Any:
        return self + other * fmpq(-1)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def is_zero(self) -> bool:
        return not self.parts

    def sgn(self) -> int:
        signs = {sgn(p.c) * _sign(p.num, self.inside) * _sign(p.den, self.inside) for p in self.parts}
        if len(signs) > 1:
            raise Undecided("a sum whose sign is not seen")
        return signs.pop() if signs else 0

    def _single(self) -> Part:
        if len(self.parts) != 1:
            raise Undecided("a function of a sum")
        return self.parts[0]

    def inverse(self) -> Any:
        if not self.parts:
            return ZERO
        p = self._single()
        _sign(
            p.num, self.inside
        )  # where the value is 0 the inverse is another function: the interval is cut there
        return Line([Part(inverse(p.c), p.den, p.num, -p.rate)], self.inside)

    def root(self, p: int, q: int) -> Any:
        """A power of a function that is positive on the interval."""
        part, e = self._single(), fmpq(p, q)
        top, a = _rooted(part.num, p, q, self.inside)
        bottom, b = _rooted(part.den, p, q, self.inside)
        c = power(abs_(part.c) * a * inverse(b), p, q)
        num, den = (top, bottom) if p > 0 else (bottom, top)
        return Line([Part(c, num, den, part.rate * e)], self.inside)

    def exp(self) -> Any:
        rate, c = fmpq_poly(), ONE
        for p in self.parts:
            if p.den.degree() > 0 or p.rate != 0 or (p.num.degree() > 0 and not isinstance(p.c, fmpq)):
                raise Undecided("the exponential of no polynomial")
            rest = p.num - p.num[0]
            rate, c = rate + rest, c * S.exp(p.num[0] * p.c if p.num[0] != 0 else ZERO)
        return Line([Part(c, _UNIT, _UNIT, rate)], self.inside)

    def log(self) -> Any:
        """The logarithm of a function that is positive on the interval."""
        p = self._single()
        if p.num.degree() > 0 or p.den.degree() > 0:
            raise Undecided("the logarithm of a polynomial")
        constant = self._lift(S.log(p.c * p.num[0] * inverse(p.den[0])))
        return constant + Line([Part(ONE, p.rate, _UNIT, fmpq_poly())], self.inside)


def abs_(x: Any) -> Any:
    return x if sgn(x) >= 0 else -x


def _vanishes(c: Any) -> bool:
    if isinstance(c, fmpq):
        return bool(c == 0)
    if is_zero(c):
        return True
    return is_number(c) and S.close_to_zero(c)


def _at(p: fmpq_poly, x: fmpq) -> fmpq:
    return p(x)


def _some_point(inside: Interval) -> fmpq:
    low, high = inside.low, inside.high
    if low is not None and high is not None:
        return (low + high) / 2
    return low + 1 if low is not None else high - 1 if high is not None else ZERO


def _within(x: Any, inside: Interval) -> bool:
    low, high = inside.low, inside.high
    return bool((low is None or x > low) and (high is None or x < high))


def real_roots(p: fmpq_poly, inside: Interval) -> tuple[list[fmpq], bool]:
    """The rational roots inside an interval, and whether an irrational one may be inside too."""
    if p.degree() <= 0:
        return [], False
    if p.degree() > 24:
        raise Undecided("a polynomial of high degree")
    exact, other = [], False
    for factor, _ in p.factor()[1]:
        if factor.degree() == 1:
            exact.append(-factor[0] / factor[1])
        elif factor.degree() > 1:
            for root, _ in factor.complex_roots():
                if root.imag.contains(0):
                    low, high = inside.low, inside.high
                    outside = (low is not None and root.real < low) or (high is not None and root.real > high)
                    other = other or not outside
    return [r for r in exact if _within(r, inside)], other


def _sign(p: fmpq_poly, inside: Interval) -> int:
    """The sign of a polynomial on an interval."""
    if p.degree() <= 0:
        return sgn(p[0])
    exact, other = real_roots(p, inside)
    if exact:
        raise Split(exact, inside)
    if other:
        raise Undecided("a change of sign at an irrational point")
    return sgn(p(_some_point(inside)))


def _rooted(p: fmpq_poly, a: int, q: int, inside: Interval) -> tuple[fmpq_poly, Any]:
    """A polynomial r and a number c with |p|^(|a|/q) = r |c|^(|a|/q), r positive on the interval."""
    c, factors = p.factor()
    out = _UNIT
    for f, k in factors:
        if k * abs(a) % q:
            raise Undecided("a root of a polynomial")
        f = f if _sign(f, inside) > 0 else -f
        out = out * f ** (k * abs(a) // q)
    return out, abs_(fmpq(c))


# --- integrals ---


def pieces(f: Callable[[Line], Any], low: fmpq | None, high: fmpq | None) -> list[tuple[Interval, Any]]:
    """f on the parts of an interval on which it has no branches, in order."""
    done, todo = [], [Interval(low, high, object())]
    while todo:
        if len(done) + len(todo) > 60:
            raise Undecided("a function of many pieces")
        inside = todo.pop(0)
        x = Line([Part(ONE, _X, _UNIT, fmpq_poly())], inside)
        try:
            done.append((inside, f(x)))
        except Split as s:
            if s.inside.variable is not inside.variable:
                raise
            todo = [*inside.cut(s.points), *todo]
    return done


def integral(value: Any, inside: Interval, only_whether: bool = False) -> Any | None:
    """The integral of a function without branches; None where it does not converge absolutely.

    The factors of its parts may depend on other variables; then each part has to converge.
    """
    if is_number(value):
        if inside.low is None or inside.high is None:
            return None if not is_zero(value) and sgn(value) else ZERO
        return value * (inside.high - inside.low)
    if not isinstance(value, Line):
        value = Line([Part(value, _UNIT, _UNIT, fmpq_poly())], inside)
    if value.inside.variable is not inside.variable:
        raise Undecided("an integrand of another kind")
    line = Line(value.parts, inside)
    for p in line.parts:
        exact, other = real_roots(p.den, inside)
        if exact:
            raise Split(exact, inside)
        if other and (len(line.parts) > 1 or not is_number(p.c)):
            raise Undecided("poles of a sum")
        if other:
            return None
    for end, low in ((inside.low, True), (inside.high, False)):
        if end is None:
            if not _tail_converges(line.parts, low):
                return None
        else:
            poles = [p for p in line.parts if _at(p.den, end) == 0]
            if len(poles) > 1 or not all(is_number(p.c) for p in poles):
                raise Undecided("poles of a sum")
            if poles:
                return None
    total: Any = ZERO
    for p in [] if only_whether else line.parts:
        total = total + p.c * _integral(p, inside.low, inside.high)
    return total


def _growth(p: Part, low: bool) -> tuple[int, Any]:
    """The sign of the growth of exp(rate), and the degree of the rational factor, towards an end."""
    rate = p.rate(-_X) if low else p.rate
    return (sgn(rate.leading_coefficient()) if rate.degree() > 0 else 0), p.num.degree() - p.den.degree()


def _tail_converges(parts: list[Part], low: bool) -> bool:
    bad = []
    for p in parts:
        grows, degree = _growth(p, low)
        if grows > 0 or (grows == 0 and degree >= -1):
            bad.append((grows, degree, p))
    if not bad:
        return True
    if not all(is_number(p.c) for _, _, p in bad):
        raise Undecided("tails that depend on another variable")
    if len(bad) == 1:
        return False

    # the part that grows most decides, if it is alone
    def over(a: Part, b: Part) -> int:
        rate = a.rate - b.rate
        rate = rate(-_X) if low else rate
        if rate.degree() > 0:
            return sgn(rate.leading_coefficient())
        da, db = (p.num.degree() - p.den.degree() for p in (a, b))
        return (da > db) - (da < db)

    for _, _, p in bad:
        if all(q is p or over(p, q) > 0 for _, _, q in bad):
            return False
    raise Undecided("tails that may cancel")


def _integral(p: Part, low: fmpq | None, high: fmpq | None) -> Any:
    if low is None and high is None:
        return _integral(p, ZERO, None) + _integral(p, None, ZERO)
    if low is None:
        mirrored = Part(ONE, p.num(-_X), p.den(-_X), p.rate(-_X))
        return _integral(mirrored, -high, None) * mirrored.c
    if high is None:
        return _upper(p, low)
    if p.rate == 0 and p.den.degree() == 0:
        whole = p.num.integral() / p.den[0]
        return whole(high) - whole(low)
    return _between(p, low, high)


def _between(p: Part, low: fmpq, high: fmpq) -> Any:
    return _enclosed(*(tuple(q.coeffs()) for q in (p.num, p.den, p.rate)), low, high)


@lru_cache(maxsize=4096)
def _enclosed(num: Any, den: Any, rate: Any, low: fmpq, high: fmpq) -> Any:
    """The integral of num/den exp(rate) between two points, in a ball."""
    top, bottom, exponent = (acb_poly([acb(arb(c)) for c in q]) for q in (num, den, rate))

    def f(z: acb, analytic: bool) -> acb:
        height = top(z) / bottom(z)
        return height * exponent(z).exp() if rate else height

    small = arb(2) ** -150
    value = acb.integral(f, acb(arb(low)), acb(arb(high)), rel_tol=small, abs_tol=small)
    if not value.is_finite() or float(value.real.rad()) > S.FINE * (1 + abs(float(value.real.mid()))):
        raise Undecided("an integral that was not enclosed")
    return value.real


def _upper(p: Part, low: fmpq) -> Any:
    """The integral from a point to infinity."""
    if p.rate == 0:
        start = max(low, ZERO) + 1
        while real_roots(p.den, Interval(start, None, None)) != ([], False):
            start = start * 2
        first = ZERO if start == low else _integral(p, low, start)
        # x = 1/t: the integral of R(1/t)/t^2 from 0 to 1/start
        shift = p.den.degree() - p.num.degree() - 2
        num, den = (fmpq_poly(list(reversed(q.coeffs()))) for q in (p.num, p.den))
        return first + _integral(Part(ONE, num * _X**shift, den, fmpq_poly()), ZERO, 1 / start)
    if p.den.degree() > 0:
        raise Undecided("a quotient times an exponential")
    c = p.num.coeffs()
    scale = 1 / p.den[0]
    if p.rate.degree() == 2:
        a, b = -p.rate[2], p.rate[1]
        root = arb(a).sqrt()
        whole = (arb(b) ** 2 / (4 * arb(a))).exp() * (arb.pi() / arb(a)).sqrt()
        here = [whole / 2 * (root * (arb(low) - arb(b / (2 * a)))).erfc()]
        edge = arb(p.rate(low)).exp()
        for k in range(1, len(c)):
            value = arb(b) * here[k - 1] + edge * arb(low ** (k - 1) if k > 1 else ONE)
            if k > 1:
                value += (k - 1) * here[k - 2]
            here.append(value / (2 * arb(a)))
    elif p.rate.degree() == 1:
        b = -p.rate[1]
        edge = arb(p.rate(low)).exp()
        here = [edge / arb(b)]
        for k in range(1, len(c)):
            here.append((k * here[k - 1] + edge * arb(low**k)) / arb(b))
    else:
        raise Undecided("an exponential of a polynomial of high degree")
    return sum((arb(x * scale) * h for x, h in zip(c, here, strict=True)), arb(0))


def integrate(
    f: Callable[[Line], Any], low: fmpq | None, high: fmpq | None, only_whether: bool = False
) -> Any | None:
    """The integral of f over an interval; None where it does not converge absolutely.

    With `only_whether` the number given back where it converges means nothing.
    """
    total: Any = ZERO
    diverges = False
    todo = pieces(f, low, high)
    while todo:
        inside, value = todo.pop()
        try:
            found = integral(value, inside, only_whether)
        except Split as s:
            todo += [(part, value) for part in inside.cut(s.points)]
            continue
        if found is None:
            if only_whether:
                return None
            diverges = True
        total = total if found is None else total + found
    return None if diverges else total


def sum_of_all(f: Callable[[Line], Any]) -> Any | None:
    """The sum of f(1), f(2), ...; None where it does not converge absolutely."""
    ((_, value), *more) = pieces(f, fmpq(1, 2), None)
    if more:
        raise Undecided("a sequence with branches")
    if is_number(value):
        return ZERO if is_zero(value) else None
    parts = value.parts if isinstance(value, Line) else [Part(value, _UNIT, _UNIT, fmpq_poly())]
    if not _tail_converges(parts, False):  # a term of a sequence that is monotone in the end
        return None
    total: Any = ZERO
    for p in parts:
        total = total + p.c * _sum(p)
    return total


@lru_cache(maxsize=1024)
def _power_sum(k: int, rate: fmpq) -> arb:
    """The sum of n^k exp(rate n)."""
    if rate == 0:
        return arb(-k).zeta()
    found = acb(arb(rate).exp()).polylog(acb(-k)).real
    if not found.is_finite():
        raise Undecided("a sum that was not enclosed")
    return found


def _sum(p: Part) -> Any:
    if p.rate.degree() > 1 or any(c != 0 for c in p.den.coeffs()[:-1]):
        raise Undecided("a sum of no powers and exponentials")
    shift, rate = p.den.degree(), p.rate[1] if p.rate.degree() == 1 else ZERO
    terms = ((c, k - shift) for k, c in enumerate(p.num.coeffs()) if c != 0)
    return sum((arb(c / p.den[shift]) * _power_sum(k, rate) for c, k in terms), arb(0))
