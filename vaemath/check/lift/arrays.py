"""Arrays of terms beside their values at one point, and every operation on them.

The values decide comparisons: a clamp, a branch, an absolute value is followed on the side on which the
point lies, and the condition is recorded. Everything smooth is exact.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from scipy import special as sp

from vaemath.check.core import (
    POSITIVE,
    REAL,
    Term,
    add,
    app,
    exp,
    log,
    mul,
    neg,
    number,
    one,
    power,
    special,
    sub,
    symbol,
    zero,
)
from vaemath.check.lift.constants import EPSILON, constant_term, epsilon

__all__ = ["LOG", "Log", "Sym", "Unliftable", "draw", "lifted", "record"]


class Unliftable(Exception):
    """The function does something that has no meaning on symbols."""


@dataclass
class Log:
    """What happened while a function ran on symbols: conditions (a term that was found positive, and by
    which operation), what was drawn, and remarks.
    """

    conditions: dict[tuple[str, Term], None] = field(default_factory=dict)
    draws: dict[str, str] = field(default_factory=dict)  # name of a drawn symbol -> normal, uniform
    notes: dict[str, None] = field(default_factory=dict)
    seeded: bool = False
    whole_abs: bool = False  # |x| as the square root of x^2, on both sides at once


LOG = Log()


def restart() -> Log:
    """Forget everything."""
    LOG.__init__()  # type: ignore[misc]
    return LOG


def record(kind: str, positive: Term) -> None:
    """Remember that the path taken needs this term to be positive."""
    if positive.head != "num":
        LOG.conditions[kind, positive] = None


@dataclass
class Sym:
    """Terms and their values, of one shape."""

    t: Any  # object array of terms
    v: Any  # float array

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(np.shape(self.t))

    def each(self, f: Callable[[Any], Any]) -> Sym:
        """The same view taken of both."""
        return Sym(f(self.t), f(self.v))


_TERMS = np.frompyfunc(lambda c: constant_term(float(c)), 1, 1)


def lifted(x: Any, *, added: bool = False) -> Sym:
    """Numbers as constant terms; with `added`, small ones as epsilons."""
    if isinstance(x, Sym):
        return x
    v = np.asarray(x, dtype=np.float64)
    if added and v.size and 0 < np.max(np.abs(v)) <= EPSILON and np.ptp(v) == 0:
        return Sym(_full(v.shape, epsilon(float(v.flat[0]))), v)
    try:
        return Sym(_object(_TERMS(v), v.shape), v)
    except ValueError as error:
        raise Unliftable(str(error)) from None


def _object(x: Any, shape: tuple[int, ...]) -> Any:
    out = np.empty(shape, dtype=object)
    out[...] = x
    return out


def _full(shape: tuple[int, ...], t: Term) -> Any:
    out = np.empty(shape, dtype=object)
    for i in np.ndindex(shape):
        out[i] = t
    return out


def _plus(a: Term, b: Term) -> Term:
    if a is zero:
        return b
    return a if b is zero else add(a, b)


def _minus(a: Term, b: Term) -> Term:
    return a if b is zero else neg(b) if a is zero else sub(a, b)


def _times(a: Term, b: Term) -> Term:
    if a is zero or b is zero:
        return zero
    if a is one:
        return b
    if b is one:
        return a
    if a.head == b.head == "num":
        return number(Fraction(*a.data) * Fraction(*b.data))
    return mul(a, b)


def _over(a: Term, b: Term) -> Term:
    if b.head == "num" and b.data[0]:
        return _times(a, number(1 / Fraction(*b.data)))
    return a if a is zero else _times(a, power(b, -1))


_ADD, _SUB, _MUL, _DIV = (np.frompyfunc(f, 2, 1) for f in (_plus, _minus, _times, _over))


def _binary(op: Any, value: Callable[[Any, Any], Any], added: bool) -> Callable[[Any, Any], Sym]:
    def run(a: Any, b: Any) -> Sym:
        a, b = lifted(a, added=added), lifted(b, added=added)
        with np.errstate(all="ignore"):
            v = np.asarray(value(a.v, b.v), dtype=np.float64)
        return Sym(_object(op(a.t, b.t), v.shape), v)

    return run


plus = _binary(_ADD, np.add, True)
minus = _binary(_SUB, np.subtract, True)
times = _binary(_MUL, np.multiply, False)
over = _binary(_DIV, np.divide, False)


@cache
def _opaque(name: str) -> Term:
    return symbol(name, ("fun", REAL, REAL))


_SIGMOID: Callable[[Any], Any] = sp.expit
_UNARY: dict[str, tuple[Callable[[Term], Term], Callable[[Any], Any]]] = {
    "exp": (exp, np.exp),
    "log": (log, np.log),
    "neg": (lambda t: _minus(zero, t), np.negative),
    "sqrt": (lambda t: power(t, Fraction(1, 2)), np.sqrt),
    "rsqrt": (lambda t: power(t, Fraction(-1, 2)), lambda v: 1 / np.sqrt(v)),
    "reciprocal": (lambda t: _over(one, t), np.reciprocal),
    "square": (lambda t: power(t, 2), np.square),
    "exp2": (lambda t: exp(mul(log(number(2)), t)), np.exp2),
    "log2": (lambda t: mul(power(log(number(2)), -1), log(t)), np.log2),
    "log10": (lambda t: mul(power(log(number(10)), -1), log(t)), np.log10),
    "log1p": (lambda t: log(add(one, t)), np.log1p),
    "expm1": (lambda t: sub(exp(t), one), np.expm1),
    "sigmoid": (lambda t: special("sigmoid", t), _SIGMOID),
    "softplus": (lambda t: special("softplus", t), lambda v: np.logaddexp(0, v)),
    "log_sigmoid": (lambda t: neg(special("softplus", neg(t))), lambda v: -np.logaddexp(0, -v)),
    "tanh": (lambda t: sub(mul(number(2), special("sigmoid", mul(number(2), t))), one), np.tanh),
    "sinh": (lambda t: mul(number(Fraction(1, 2)), sub(exp(t), exp(neg(t)))), np.sinh),
    "cosh": (lambda t: mul(number(Fraction(1, 2)), add(exp(t), exp(neg(t)))), np.cosh),
    **{
        name: ((lambda n: lambda t: app(_opaque(n), t))(name), f)
        for name, f in {
            "lgamma": sp.gammaln,
            "digamma": sp.digamma,
            "erf": sp.erf,
            "erfc": sp.erfc,
            "erfinv": sp.erfinv,
            "sin": np.sin,
            "cos": np.cos,
            "tan": np.tan,
            "atan": np.arctan,
            "i0": sp.i0,
            "i1": sp.i1,
            "i0e": sp.i0e,
            "i1e": sp.i1e,
            "log_ndtr": sp.log_ndtr,
        }.items()
    },
}


def unary(name: str, x: Any) -> Sym:
    """A smooth function of one argument, elementwise. Raises `KeyError` for an unknown one."""
    term, value = _UNARY[name]
    x = lifted(x)
    with np.errstate(all="ignore"):
        v = np.asarray(value(x.v), dtype=np.float64)
    return Sym(_object(np.frompyfunc(term, 1, 1)(x.t), v.shape), v)


def is_unary(name: str) -> bool:
    """Whether `unary` knows the function."""
    return name in _UNARY


def raised(x: Any, exponent: Any) -> Sym:
    """x^e; a symbolic exponent is exp(e log x)."""
    if isinstance(exponent, Sym):
        if all(t.head == "num" for t in exponent.t.flat) and np.ptp(exponent.v) == 0:
            exponent = float(exponent.v.flat[0])
        else:
            return unary("exp", times(exponent, unary("log", x)))
    x = lifted(x)
    exponents = np.unique(np.asarray(exponent, dtype=np.float64))
    if exponents.size > 1:
        return unary("exp", times(lifted(exponent), unary("log", x)))
    e = Fraction(float(exponents[0])).limit_denominator(1000)
    if e == 0:
        return lifted(np.ones(x.shape))
    with np.errstate(all="ignore"):
        v = np.asarray(x.v ** float(exponents[0]))
    return Sym(_object(np.frompyfunc(lambda t: power(t, e) if e != 1 else t, 1, 1)(x.t), v.shape), v)


def masked(x: Any, mask: Any) -> Sym:
    """x where the mask holds, zero elsewhere."""
    x = lifted(x)
    mask = np.broadcast_to(mask, np.broadcast_shapes(np.shape(mask), x.shape))
    nothing = np.empty(mask.shape, dtype=object)
    nothing[...] = zero
    return Sym(np.where(mask, x.t, nothing), np.where(mask, x.v, 0.0))


def _axes(ndim: int, dim: Any) -> tuple[int, ...]:
    if dim is None or (isinstance(dim, list | tuple) and not dim):
        return tuple(range(ndim))
    dims = dim if isinstance(dim, list | tuple) else [dim]
    return tuple(sorted(d % max(ndim, 1) for d in dims))


def _along(x: Sym, dim: Any, keep: bool, f: Callable[[list[Term]], Term], v: Any) -> Sym:
    axes = _axes(x.t.ndim, dim)
    rest = [a for a in range(x.t.ndim) if a not in axes]
    moved = np.transpose(x.t, [*rest, *axes])
    shape = moved.shape[: len(rest)]
    rows = moved.reshape((*shape, -1))
    out = np.empty(shape, dtype=object)
    for i in np.ndindex(shape):
        out[i] = f(list(rows[i]))
    if keep:
        out = out.reshape(tuple(1 if a in axes else n for a, n in enumerate(x.t.shape)))
    return Sym(out, np.asarray(v, dtype=np.float64).reshape(out.shape))


def _added(terms: list[Term]) -> Term:
    kept = [t for t in terms if t is not zero]
    return add(*kept) if kept else zero


def _product(terms: list[Term]) -> Term:
    out = one
    for t in terms:
        out = _times(out, t)
    return out


def total(x: Any, dim: Any = None, keep: bool = False) -> Sym:
    """The sum over axes."""
    x = lifted(x)
    axes = _axes(x.t.ndim, dim)
    return _along(x, dim, keep, _added, x.v.sum(axis=axes))


def mean(x: Any, dim: Any = None, keep: bool = False) -> Sym:
    """The mean over axes."""
    x = lifted(x)
    s = total(x, dim, keep)
    return over(s, float(max(x.t.size // max(s.t.size, 1), 1)))


def product(x: Any, dim: Any = None, keep: bool = False) -> Sym:
    """The product over axes."""
    x = lifted(x)
    return _along(x, dim, keep, _product, x.v.prod(axis=_axes(x.t.ndim, dim)))


def variance(x: Any, dim: Any = None, correction: float = 1.0, keep: bool = False) -> Sym:
    """The sample variance over axes."""
    x = lifted(x)
    d = minus(x, mean(x, dim, True))
    s = total(times(d, d), dim, keep)
    return over(s, float(x.t.size // max(s.t.size, 1)) - correction)


def logsumexp(x: Any, dim: Any = None, keep: bool = False) -> Sym:
    """log of the sum of exponentials."""
    return unary("log", total(unary("exp", x), dim, keep))


def log_softmax(x: Any, dim: int = -1) -> Sym:
    """x less its logsumexp."""
    return minus(x, logsumexp(x, dim, True))


def norm(x: Any, order: float = 2.0, dim: Any = None, keep: bool = False) -> Sym:
    """The norm of a vector, for orders 1 and 2."""
    if order == 2:
        return unary("sqrt", total(times(x, x), dim, keep))
    if order == 1:
        return total(absolute(x), dim, keep)
    raise Unliftable(f"a norm of order {order}")


def chosen(kind: str, condition: Any, a: Any, b: Any, gap: Sym | None = None) -> Sym:
    """a where the condition holds, else b; `gap` is positive just where it does."""
    a, b = lifted(a), lifted(b)
    condition = np.asarray(condition, dtype=bool)
    shape = np.broadcast_shapes(condition.shape, a.shape, b.shape)
    at, bt, ct = (np.broadcast_to(x, shape) for x in (a.t, b.t, condition))
    if gap is not None:
        gaps: Any = np.broadcast_to(gap.t, shape)
        for i in np.ndindex(shape):
            record(kind, gaps[i] if ct[i] else neg(gaps[i]))
    out = np.empty(shape, dtype=object)
    for i in np.ndindex(shape):
        out[i] = at[i] if ct[i] else bt[i]
    return Sym(out, np.where(condition, a.v, b.v))


def larger(a: Any, b: Any, kind: str = "max") -> Sym:
    """The larger of two, elementwise."""
    a, b = lifted(a), lifted(b)
    return chosen(kind, a.v >= b.v, a, b, minus(a, b))


def smaller(a: Any, b: Any, kind: str = "min") -> Sym:
    """The smaller of two, elementwise."""
    a, b = lifted(a), lifted(b)
    return chosen(kind, a.v <= b.v, a, b, minus(b, a))


def clamp(x: Any, low: Any = None, high: Any = None) -> Sym:
    """x between two bounds."""
    out = lifted(x)
    if low is not None:
        out = larger(out, low, "clamp")
    return out if high is None else smaller(out, high, "clamp")


def absolute(x: Any) -> Sym:
    """The absolute value."""
    x = lifted(x)
    if LOG.whole_abs:
        return unary("sqrt", unary("square", x))
    return chosen("abs", x.v >= 0, x, unary("neg", x), x)


def extreme(x: Any, dim: Any = None, keep: bool = False, largest: bool = True) -> Sym:
    """The largest (or smallest) entry over axes."""
    x = lifted(x)
    axes = _axes(x.t.ndim, dim)
    rest = [a for a in range(x.t.ndim) if a not in axes]
    rows = x.each(lambda y: np.transpose(y, [*rest, *axes]).reshape((*[x.shape[a] for a in rest], -1)))
    columns: list[Sym] = [rows.each(lambda y, k=k: y[..., k]) for k in range(rows.shape[-1])]
    out = columns[0]
    for c in columns[1:]:
        out = larger(out, c) if largest else smaller(out, c)
    if keep:
        out = out.each(
            lambda y: np.asarray(y).reshape([1 if a in axes else n for a, n in enumerate(x.shape)])
        )
    return out.each(np.asarray)


def compared(name: str, a: Any, b: Any) -> Any:
    """The truth of a comparison at the point; what it needs is recorded."""
    a, b = lifted(a), lifted(b)
    truth = {"gt": np.greater, "ge": np.greater_equal, "lt": np.less, "le": np.less_equal}
    truth |= {"eq": np.equal, "ne": np.not_equal}
    found = np.asarray(truth[name](a.v, b.v))
    if name in ("gt", "ge", "lt", "le"):
        gap = minus(a, b).t if name in ("gt", "ge") else minus(b, a).t
        for i in np.ndindex(found.shape):
            record("compare", gap[i] if found[i] else neg(gap[i]))
    return found


def matmul(a: Any, b: Any) -> Sym:
    """The product of matrices, vectors or batches of them, as `@` has it."""
    a, b = lifted(a), lifted(b)
    v = np.asarray(np.matmul(a.v, b.v))
    at = a.t[None, :] if a.t.ndim == 1 else a.t
    bt = b.t[:, None] if b.t.ndim == 1 else b.t
    batch = np.broadcast_shapes(at.shape[:-2], bt.shape[:-2])
    at, bt = np.broadcast_to(at, (*batch, *at.shape[-2:])), np.broadcast_to(bt, (*batch, *bt.shape[-2:]))
    out = np.empty((*batch, at.shape[-2], bt.shape[-1]), dtype=object)
    for i in np.ndindex(out.shape):
        *rest, r, c = i
        pairs = zip(at[(*rest, r)], bt[(*rest, slice(None), c)], strict=True)
        out[i] = _added([_times(p, q) for p, q in pairs])
    return Sym(out.reshape(v.shape), v)


def _square(x: Sym) -> int:
    n = x.shape[-1]
    if x.t.ndim < 2 or x.shape[-2] != n or n > 3:
        raise Unliftable(f"linear algebra on shape {x.shape}")
    return n


def _each_matrix(x: Sym, f: Callable[[Any], Any], v: Any) -> Sym:
    v = np.asarray(v, dtype=np.float64)
    batch = x.shape[:-2]
    out = np.empty(v.shape, dtype=object)
    for i in np.ndindex(batch):
        out[i] = f(x.t[i])
    return Sym(out, v)


def _determinant(m: Any) -> Term:
    n = m.shape[0]
    parts = []
    for p in itertools.permutations(range(n)):
        odd = sum(p[i] > p[j] for i in range(n) for j in range(i + 1, n)) % 2
        t = _product([m[i, p[i]] for i in range(n)])
        parts.append(neg(t) if odd and t is not zero else t)
    return _added(parts)


def determinant(x: Any) -> Sym:
    """The determinant of matrices up to 3 x 3."""
    x = lifted(x)
    _square(x)
    return _each_matrix(x, _determinant, np.linalg.det(x.v))


def inverse(x: Any) -> Sym:
    """The inverse of matrices up to 3 x 3, by cofactors."""
    x = lifted(x)
    n = _square(x)

    def one_matrix(m: Any) -> Any:
        d = power(_determinant(m), -1)
        out = np.empty((n, n), dtype=object)
        for r, c in np.ndindex(n, n):
            minor = _determinant(np.delete(np.delete(m, c, 0), r, 1)) if n > 1 else one
            out[r, c] = _times(minor if (r + c) % 2 == 0 or minor is zero else neg(minor), d)
        return out

    return _each_matrix(x, one_matrix, np.linalg.inv(x.v))


def cholesky(x: Any) -> Sym:
    """The lower Cholesky factor of matrices up to 3 x 3."""
    x = lifted(x)
    n = _square(x)

    def one_matrix(m: Any) -> Any:
        out = _full((n, n), zero)
        for j in range(n):
            rest = [_times(out[j, k], out[j, k]) for k in range(j)]
            out[j, j] = power(_minus(m[j, j], _added(rest)), Fraction(1, 2))
            for i in range(j + 1, n):
                inner = _added([_times(out[i, k], out[j, k]) for k in range(j)])
                out[i, j] = _over(_minus(m[i, j], inner), out[j, j])
        return out

    return _each_matrix(x, one_matrix, np.linalg.cholesky(x.v))


def slogdet(x: Any) -> tuple[Any, Sym]:
    """The sign (at the point) and log |det|."""
    d = determinant(x)
    signs = np.sign(d.v)
    return signs, unary("log", times(d, signs))


def solve(a: Any, b: Any) -> Sym:
    """A^-1 b."""
    return matmul(inverse(a), b)


def xlogy(x: Any, y: Any) -> Sym:
    """x log y."""
    return times(x, unary("log", y))


def entropy_of_bits(p: Any, x: Any) -> Sym:
    """-(x log p + (1 - x) log(1 - p))."""
    one_less = unary("log", minus(1.0, p))
    return unary("neg", plus(times(x, unary("log", p)), times(minus(1.0, x), one_less)))


def entropy_of_logits(logits: Any, x: Any, weight: Any = None) -> Sym:
    """softplus(l) - x l, with the positive class weighted if asked."""
    if weight is None:
        return minus(unary("softplus", logits), times(x, logits))
    one_side = times(times(weight, x), unary("softplus", unary("neg", logits)))
    return plus(one_side, times(minus(1.0, x), unary("softplus", logits)))


_DRAWN = itertools.count()


def draw(kind: str, shape: Sequence[int], values: Any) -> Sym:
    """Fresh symbols for numbers that were drawn; `values` are those at the point."""
    sort = REAL if kind == "normal" else POSITIVE
    call = next(_DRAWN)
    out = np.empty(tuple(shape), dtype=object)
    for i in np.ndindex(out.shape):
        name = f"{kind}{call}|{','.join(map(str, i))}"
        LOG.draws[name] = kind
        out[i] = symbol(name, sort)
    return Sym(out, np.asarray(values, dtype=np.float64))
