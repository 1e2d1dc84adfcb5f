"""How people write terms: Python operators, and functions named as in the notes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from vaemath.core.heads import unfold
from vaemath.core.terms import (
    NAT,
    POINT,
    REAL,
    Sort,
    Term,
    TermError,
    close,
    fits,
    flat,
    is_matrix,
    make,
    substitute,
)
from vaemath.core.terms import number as number
from vaemath.core.terms import opened as opened

_counter = 0


def term(value: Any) -> Term:
    """A term from a term, an integer or a fraction.

    Raises:
        TermError: anything else, floats above all: 0.1 is not one tenth.
    """
    if isinstance(value, Term):
        return value
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return number(value)
    raise TermError(f"expected a term, an integer or a Fraction, got {value!r}")


def Rational(p: int, q: int = 1) -> Term:
    """The number p/q."""
    return number(Fraction(p, q))


def symbol(name: str, sort: Sort) -> Term:
    return make("sym", (), (name, sort))


def symbols(names: str, sort: Sort) -> tuple[Term, ...]:
    return tuple(symbol(n, sort) for n in names.replace(",", " ").split())


pi = make("pi")
zero = number(0)
one = number(1)
half = Rational(1, 2)


def add(*parts: Any) -> Term:
    return flat("add", *map(term, parts))


def neg(a: Any) -> Term:
    a = term(a)
    if a.head == "num":
        return number(-Fraction(*a.data))
    return mul(-1, a)


def sub(a: Any, b: Any) -> Term:
    return add(a, neg(b))


def mul(a: Any, b: Any) -> Term:
    a, b = term(a), term(b)
    if is_matrix(a) or is_matrix(b):
        if is_matrix(a) and is_matrix(b):
            raise TermError("two matrices are multiplied with `@`, not `*`")
        return make("scale", (b, a) if is_matrix(a) else (a, b))
    return flat("mul", a, b)


def power(a: Any, exponent: Any) -> Term:
    a = term(a)
    if isinstance(exponent, Term):
        if exponent.head != "num":
            raise TermError(f"exponent: expected a rational number, got `{exponent}`; write exp(b*log(a))")
        exponent = Fraction(*exponent.data)
    e = Fraction(exponent)
    return make("pow", (a,), (e.numerator, e.denominator))


def div(a: Any, b: Any) -> Term:
    a, b = term(a), term(b)
    if a.head == "num" and b.head == "num" and b.data[0] != 0:
        return number(Fraction(*a.data) / Fraction(*b.data))
    inverse = power(b, -1)
    return inverse if a is one else mul(a, inverse)


def transpose(a: Term) -> Term:
    return make("T", (a,))


def sqrt(a: Any) -> Term:
    return power(a, Fraction(1, 2))


def app(f: Term, *args: Any) -> Term:
    return make("app", (f, *map(term, args)))


def exp(a: Any) -> Term:
    return make("exp", (term(a),))


def log(a: Any) -> Term:
    return make("log", (term(a),))


def special(head: str, a: Any) -> Term:
    """A defined scalar function: expm1, log1p, expm1_minus, log1p_minus, sigmoid, softplus."""
    return make(head, (term(a),))


def lam(f: Callable[[Term], Any], sort: Sort, hint: str | None = None) -> Term:
    """An abstraction from a Python function; its argument's name is the printed one."""
    global _counter
    _counter += 1
    code = getattr(f, "__code__", None)  # a symbol for a function has none
    name = hint or (code.co_varnames[0].strip("_") if code and code.co_varnames else "") or "t"
    var = symbol(f"{name}#b{_counter}", sort)
    return close(var, term(f(var)), name)


def _counted(lower: Any, upper: Any, f: Callable[[Term], Any]) -> Term:
    """The abstraction of f over 1..upper.

    Raises:
        TermError: the lower bound is not 1, or the upper one no dimension.
    """
    lower, upper = term(lower), term(upper)
    if lower != one or not fits(upper.sort, NAT):
        raise TermError(
            f"sums and products run from 1 to a dimension, got {lower} to {upper}; shift the index"
        )
    return lam(f, ("fin", upper))


def Sum(lower: Any, upper: Any, f: Callable[[Term], Any]) -> Term:
    """The sum of f(1), ..., f(upper): the integral over 1..upper, which counts."""
    return make("int", (_counted(lower, upper, f),))


def Prod(lower: Any, upper: Any, f: Callable[[Term], Any]) -> Term:
    """The product of f(1), ..., f(upper)."""
    return make("prod", (_counted(lower, upper, f),))


def Int(f: Callable[[Term], Any], over: Sort = REAL) -> Term:
    """The integral over the whole space `over`."""
    return make("int", (lam(f, over),))


def IntAB(lower: Any, upper: Any, f: Callable[[Term], Any]) -> Term:
    """The integral from `lower` to `upper`."""
    return make("intab", (term(lower), term(upper), lam(f, REAL)))


def E(q: Term, f: Callable[[Term], Any]) -> Term:
    """The expectation of f under q."""
    if q.sort[0] != "dist":
        raise TermError(f"E: expected a density first, got `{q}`")
    return make("E", (q, lam(f, q.sort[1])))


def D(f: Callable[[Term], Any], at: Any) -> Term:
    """The derivative of f at a point (for a matrix: the gradient, of the matrix's shape)."""
    at = term(at)
    sort = ("mat", at.sort[1], at.sort[1]) if at.sort[0] == "spd" else at.sort
    return make("diff", (lam(f, REAL if fits(sort, REAL) else sort), at))


def pdf(q: Term, at: Any) -> Term:
    return make("pdf", (q, term(at)))


def KL(p: Term, q: Term) -> Term:
    return make("KL", (p, q))


def H(p: Term) -> Term:
    return make("H", (p,))


def CE(p: Term, q: Term) -> Term:
    """The cross-entropy H(p, q) = E_p[-log q]."""
    return make("CE", (p, q))


def Normal(loc: Any, scale: Any) -> Term:
    return make("normal", (term(loc), term(scale)))


def Indep(d: Any, f: Callable[[Term], Term]) -> Term:
    """The density of d independent coordinates; f(j) is the density of coordinate j."""
    return make("indep", (_counted(1, d, f),))


def MvNormal(mean: Term, covariance: Term) -> Term:
    return make("mvn", (mean, covariance))


def Density(f: Callable[[Term], Any], over: Sort = POINT) -> Term:
    """The density whose value at a point is given by f."""
    return make("density", (lam(f, over),))


def Bernoulli(p: Any) -> Term:
    return make("bernoulli", (term(p),))


def Categorical(k: Any, f: Callable[[Term], Any]) -> Term:
    """The distribution on 1..k with probabilities f(1), ..., f(k); its mass at j is f(j)."""
    return make("categorical", (_counted(1, k, f),))


def eq(a: Any, b: Any) -> Term:
    return make("eq", (term(a), term(b)))


def le(a: Any, b: Any) -> Term:
    return make("le", (term(a), term(b)))


def lt(a: Any, b: Any) -> Term:
    return make("lt", (term(a), term(b)))


def ne(a: Any, b: Any) -> Term:
    return make("ne", (term(a), term(b)))


def Forall(f: Callable[[Term], Term], sort: Sort) -> Term:
    return make("forall", (lam(f, sort),))


def AlmostEverywhere(q: Term, f: Callable[[Term], Term]) -> Term:
    return make("ae", (q, lam(f, q.sort[1])))


def Integrable(q: Term, f: Callable[[Term], Any]) -> Term:
    """The statement that E_q[f] converges absolutely."""
    return make("integrable", unfold(E(q, f)).args)


def Differentiable(f: Callable[[Term], Any], at: Any) -> Term:
    """The statement that f is differentiable at a point."""
    return make("differentiable", D(f, at).args)


def Normalised(q: Term) -> Term:
    """The statement that q integrates to one."""
    return eq(make("int", (lam(lambda z: pdf(q, z), q.sort[1]),)), 1)


def matmul(*parts: Term) -> Term:
    return flat("matmul", *map(term, parts))


def inv(a: Term) -> Term:
    return make("inv", (a,))


def chol(a: Term) -> Term:
    """The lower-triangular L with L L' = A and a positive diagonal."""
    return make("chol", (a,))


def tr(a: Term) -> Term:
    return make("tr", (a,))


def scalar(a: Term) -> Term:
    """The entry of a 1 x 1 matrix."""
    return make("scalar", (a,))


def logdet(a: Term) -> Term:
    return make("logdet", (a,))


def eye(n: Any) -> Term:
    return make("eye", (term(n),))


def diagm(n: Any, f: Callable[[Term], Any]) -> Term:
    """The diagonal matrix with entries f(1), ..., f(n)."""
    return make("diagm", (_counted(1, n, f),))


def vec(n: Any, f: Callable[[Term], Any]) -> Term:
    """The column vector with entries f(1), ..., f(n)."""
    return make("vec", (_counted(1, n, f),))


def quad(v: Term, a: Term) -> Term:
    """The quadratic form v' A v."""
    return scalar(matmul(v.T, a, v))


def at_index(family: Term, k: int) -> Term:
    """The entry number k of a family over 1..n."""
    j, body = opened(family)
    return substitute(body, {j: number(k)})


def is_sum(t: Term) -> bool:
    """Is it a sum over 1..n?"""
    return t.head == "int" and bool(t.args[0].data[1][0] == "fin")
