"""Polynomials times exponentials of quadratics in many variables: closed under integration over some.

An element is {(quadratic, monomial): number}; a monomial is a sorted tuple of (variable, exponent), a
quadratic a sorted tuple of (monomial, rational) without constant term. Distinct elements of this form are
linearly independent.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from flint import arb, fmpq, fmpq_mat

from tests.proof.models import scalars as S
from tests.proof.models.scalars import ONE, ZERO, Undecided, inverse, is_number, power, sgn

Mono = tuple[tuple[int, int], ...]
Quad = tuple[tuple[Mono, fmpq], ...]
_NAMES = count()


class Gauss:
    def __init__(self, terms: dict[tuple[Quad, Mono], Any]) -> None:
        self.terms = {k: c for k, c in terms.items() if not _vanishes(c)}
        if len(self.terms) > 400:
            raise Undecided("an element of very many terms")

    def __add__(self, other: Any) -> Any:
        if hasattr(other, "wraps"):
            return NotImplemented
        terms = dict(self.terms)
        for k, c in _lift(other).terms.items():
            terms[k] = terms[k] + c if k in terms else c
        return Gauss(terms)

    def __mul__(self, other: Any) -> Any:
        if hasattr(other, "wraps"):
            return NotImplemented
        terms: dict[tuple[Quad, Mono], Any] = {}
        for (q, m), c in self.terms.items():
            for (r, n), d in _lift(other).terms.items():
                key = (_plus(q, r), _times(m, n))
                terms[key] = terms[key] + c * d if key in terms else c * d
        return Gauss(terms)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Any:
        return self * fmpq(-1)

    def __sub__(self, other: Any) -> Any:
        return self + other * fmpq(-1)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def is_zero(self) -> bool:
        return not self.terms

    def sgn(self) -> int:
        """The sign that is seen everywhere: that of a number, or of exponentials."""
        signs = {sgn(c) for (_, m), c in self.terms.items() if m == ()}
        if len(signs) == 1 and all(
            sgn(c) in signs and all(e % 2 == 0 for _, e in m) for (_, m), c in self.terms.items()
        ):
            return signs.pop()
        if self.terms:
            raise Undecided("the sign of a polynomial")
        return 0

    def _single(self) -> tuple[Quad, Any]:
        if len(self.terms) != 1:
            raise Undecided("a function of a sum")
        (((q, m), c),) = self.terms.items()
        if m:
            raise Undecided("a function of a polynomial")
        return q, c

    def inverse(self) -> Any:
        return self._raised(fmpq(-1)) if self.terms else ZERO

    def root(self, p: int, q: int) -> Any:
        return self._raised(fmpq(p, q))

    def _raised(self, e: fmpq) -> Any:
        q, c = self._single()
        value = inverse(c) if e == -1 else power(c, int(e.p), int(e.q))
        return Gauss({(tuple((m, x * e) for m, x in q), ()): value})

    def exp(self) -> Any:
        quad, c = [], ONE
        for (q, m), x in self.terms.items():
            if q:
                raise Undecided("the exponential of an exponential")
            if not m:
                c = S.exp(x)
            elif not isinstance(x, fmpq) or sum(e for _, e in m) > 2:
                raise Undecided("the exponential of no quadratic")
            else:
                quad.append((m, x))
        return Gauss({(tuple(sorted(quad)), ()): c})

    def log(self) -> Any:
        q, c = self._single()
        return Gauss({((), m): x for m, x in q}) + S.log(c)


def _vanishes(c: Any) -> bool:
    return bool(c == 0) if isinstance(c, fmpq) else S.is_zero(c) or S.close_to_zero(c)


def _lift(x: Any) -> Gauss:
    if isinstance(x, Gauss):
        return x
    if not is_number(x):
        raise Undecided("an element of another kind")
    return Gauss({((), ()): x})


def _plus(q: Quad, r: Quad) -> Quad:
    if not q or not r:
        return q or r
    terms = dict(q)
    for m, c in r:
        terms[m] = terms.get(m, ZERO) + c
    return tuple(sorted((m, c) for m, c in terms.items() if c != 0))


def _times(m: Mono, n: Mono) -> Mono:
    if not m or not n:
        return m or n
    powers = dict(m)
    for x, e in n:
        powers[x] = powers.get(x, 0) + e
    return tuple(sorted(powers.items()))


def variable() -> tuple[int, Gauss]:
    """A new variable: its name and the element."""
    name = next(_NAMES)
    return name, Gauss({((), ((name, 1),)): ONE})


def integrate(value: Any, names: list[int]) -> Any | None:
    """The integral over all values of some variables; None where it does not converge absolutely."""
    mine = set(names)
    groups: dict[Quad, list[tuple[Mono, Any]]] = {}
    for (q, m), c in _lift(value).terms.items():
        groups.setdefault(q, []).append((m, c))
    free = [q for q in groups if not _decays(q, names)]
    if any(_grows(q, names) for q in free) and not _others(groups, mine):
        return None  # on almost every ray of some cone the part that grows most decides
    if free and len(groups) > 1 and (len(names) > 1 or _others(groups, mine)):
        raise Undecided("several exponentials, not all of which decay")
    if free and _others(groups, mine):
        raise Undecided("divergence that depends on another variable")
    if free:
        return None
    total: Any = ZERO
    for q, monos in groups.items():
        total = total + _integral(q, monos, names)
    return _plain(total)


def _others(groups: dict[Quad, Any], mine: set[int]) -> bool:
    """Does anything depend on other variables?"""
    monos = [m for q, parts in groups.items() for m in ([x for x, _ in q] + [x for x, _ in parts])]
    return any(v not in mine for m in monos for v, _ in m)


def _plain(x: Any) -> Any:
    if isinstance(x, Gauss) and set(x.terms) <= {((), ())}:
        return x.terms.get(((), ()), ZERO)
    return x


def _precision(q: Quad, names: list[int]) -> fmpq_mat:
    """The matrix P with q = -1/2 x'Px + ... in some variables."""
    place = {v: k for k, v in enumerate(names)}
    p = fmpq_mat(len(names), len(names))
    for m, c in q:
        vs = [v for v, e in m for _ in range(e)]
        if len(vs) == 2 and all(v in place for v in vs):
            a, b = (place[v] for v in vs)
            if a == b:
                p[a, a] = -2 * c
            else:
                p[a, b] = p[b, a] = -c
    return p


def _grows(q: Quad, names: list[int]) -> bool:
    """Does exp(q) grow beyond all bounds along an axis, and so in a cone around it?"""
    p = _precision(q, names)
    return any(p[k, k] < 0 for k in range(len(names)))


def _decays(q: Quad, names: list[int]) -> bool:
    p = _precision(q, names)
    n = len(names)
    rows = p.tolist()
    return all(fmpq_mat([r[:k] for r in rows[:k]]).det() > 0 for k in range(1, n + 1))


def _integral(q: Quad, monos: list[tuple[Mono, Any]], names: list[int]) -> Any:
    """exp(q) times a polynomial: completing the square, and the moments of a normal law (Isserlis)."""
    mine, n = set(names), len(names)
    precision = _precision(q, names)
    covariance = precision.inv()
    linear: list[Any] = [ZERO] * n  # the coefficient of each variable, in the other ones
    rest: Quad = ()
    for m, c in q:
        inside = [v for v, e in m if v in mine for _ in range(e)]
        outside = tuple((v, e) for v, e in m if v not in mine)
        if len(inside) == 1:
            k = names.index(inside[0])
            linear[k] = linear[k] + (Gauss({((), outside): c}) if outside else c)
        elif not inside:
            rest = _plus(rest, ((m, c),))
    mean = [_total(linear[j] * covariance[i, j] for j in range(n)) for i in range(n)]
    exponent = _total(linear[i] * mean[i] for i in range(n)) * fmpq(1, 2)
    height = S.exp(exponent) * ((2 * arb.pi()) ** arb(fmpq(n, 2)) / arb(precision.det()).sqrt())
    if rest:
        height = height * Gauss({(rest, ()): ONE})
    memo: dict[tuple[int, ...], Any] = {}

    def moment(powers: tuple[int, ...]) -> Any:
        if powers not in memo:
            if not any(powers):
                return ONE
            i = next(k for k, e in enumerate(powers) if e)
            less = _lower(powers, i)
            total = mean[i] * moment(less)
            for j in range(n):
                if less[j]:
                    total = total + moment(_lower(less, j)) * (covariance[i, j] * less[j])
            memo[powers] = total
        return memo[powers]

    total: Any = ZERO
    for m, c in monos:
        powers = [0] * n
        for v, e in m:
            if v in mine:
                powers[names.index(v)] = e
        outside = tuple((v, e) for v, e in m if v not in mine)
        part = moment(tuple(powers)) * c
        total = total + (part * Gauss({((), outside): ONE}) if outside else part)
    return total * height


def _total(parts: Any) -> Any:
    out: Any = ZERO
    for p in parts:
        out = out + p
    return out


def _lower(powers: tuple[int, ...], k: int) -> tuple[int, ...]:
    return (*powers[:k], powers[k] - 1, *powers[k + 1 :])


def put(value: Any, name: int, x: Any) -> Any:
    """The element with a number, or an element, for one variable."""
    if not isinstance(value, Gauss):
        return value
    total: Any = ZERO
    for (q, m), c in value.terms.items():
        exponent: Any = ZERO
        for n, r in q:
            exponent = exponent + _put_mono(n, name, x) * r
        total = total + _put_mono(m, name, x) * c * S.exp(exponent)
    return _plain(total)


def _put_mono(m: Mono, name: int, x: Any) -> Any:
    kept = tuple((v, e) for v, e in m if v != name)
    e = dict(m).get(name, 0)
    value: Any = power(x, e)
    return Gauss({((), kept): ONE}) * value if kept else value


def real_integral(f: Callable[[Any], Any]) -> Any | None:
    """The integral of f over the line; None where it diverges."""
    name, x = variable()
    return integrate(f(x), [name])
