"""Random terms of every sort, over one set of symbols."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

from vaemath.core.heads import SPECIAL
from vaemath.core.terms import BIT, NAT, POINT, POSITIVE, REAL, Sort, Term, fits, make
from vaemath.terms.build import *
from vaemath.terms.build import add, app, chol, div, mul, power, special, symbol, symbols

x, y, t0 = symbols("x y t", REAL)
p, s = symbols("p s", POSITIVE)
n, d = symbols("n d", NAT)
bit, index, point = symbol("b", BIT), symbol("i", ("fin", n)), symbol("o", POINT)
mu, sigma = symbol("mu", ("fun", NAT, REAL)), symbol("sigma", ("fun", NAT, POSITIVE))
A, B = symbols("A B", ("mat", n, n))
C = symbol("C", ("mat", n, d))
S, T = symbols("S T", ("spd", n))
u, v = symbols("u v", ("mat", n, one))
f, g = symbols("f g", ("fun", REAL, REAL))
h = symbol("h", ("fun", REAL, POSITIVE))
phi, psi = symbol("phi", ("fun", POINT, REAL)), symbol("psi", ("fun", POINT, POSITIVE))
q1, q2 = symbols("q_1 q_2", ("dist", POINT))
law, other = symbols("law other", ("dist", REAL))
family = symbol("family", ("fun", REAL, ("dist", REAL)))
fb = symbol("beta", ("fun", BIT, REAL))
z = symbol("z", ("fun", ("fin", n), REAL))

EXPONENTS = [0, 1, 2, 3, -1, -2]
EXPONENTS += [Fraction(a, b) for a, b in ((1, 2), (-1, 2), (1, 3), (2, 3), (3, 2), (-2, 3))]
Random = random.Random
More = tuple[Term, ...]


def one_of(r: Random, *makers: Callable[[], Term]) -> Term:
    return r.choice(makers)()


def rational(r: Random) -> Term:
    return Rational(r.choice([-3, -2, -1, 0, 0, 1, 1, 2, 3, 4, 6]), r.choice([1, 1, 1, 2, 3]))


def leaf(r: Random, more: More = ()) -> Term:
    """A small real term; `more` are bound variables of any sort that it may use."""
    usable = [a for m in more for a in _numbers(m)]
    if usable and r.random() < 0.6:
        return r.choice(usable)
    if r.random() < 0.3:
        return rational(r)
    return r.choice(
        [x, y, p, s, x, y, p, pi, n, bit, mu[index], sigma[index], phi(point), pdf(q1, point), f(x), h(y)]
    )


def _numbers(m: Term) -> list[Term]:
    """Real terms that a variable gives."""
    if fits(m.sort, REAL):
        return (
            [m, mu[m], sigma[m]]
            if fits(m.sort, NAT)
            else [m, m, app(f, m), app(h, m)]
            if m.sort == REAL
            else [m]
        )
    if m.sort == POINT:
        return [phi(m), psi(m), pdf(q1, m)]
    if m.sort[0] == "mat" and m.sort[2] == one:
        return [scalar(u.T @ m)] if m.sort[1] == n else []
    return [tr(m)] if m.sort[0] == "mat" and m.sort[1] == m.sort[2] else []


def real(r: Random, depth: int = 3, more: More = ()) -> Term:
    """A real term of roughly that depth."""
    if depth <= 0:
        return leaf(r, more)
    again = lambda less=1: real(r, depth - less, more)
    kind = r.randrange(20)
    if kind < 4:
        return add(*(again() for _ in range(r.choice([2, 2, 3]))))
    if kind < 8:
        return mul(again(), again())
    if kind < 11:
        return power(again(), r.choice(EXPONENTS))
    if kind == 11:
        return exp(again())
    if kind == 12:
        return log(again())
    if kind == 13:
        return special(r.choice(SPECIAL), again())
    if kind == 14:
        return r.choice([Sum, Prod])(1, d, lambda j: real(r, depth - 2, (*more, j)))
    if kind == 15:
        return div(again(), again())
    if kind == 16:
        return of_matrices(r, depth - 1)
    if kind == 17:
        return integral(r, depth - 2, more)
    if kind == 18:
        return D(lambda t: real(r, depth - 2, (*more, t)), again(2))
    return app(r.choice([f, g, h]), again())


def of_matrices(r: Random, depth: int) -> Term:
    return one_of(
        r,
        lambda: tr(matrix(r, depth)),
        lambda: logdet(definite(r, depth)),
        lambda: logdet(matrix(r, depth)),
        lambda: scalar(matmul(vector(r, depth).T, vector(r, depth))),
        lambda: quad(vector(r, 0), matrix(r, depth)),
        lambda: tr(matmul(C, C.T, matrix(r, depth - 1))),
    )


def density(r: Random, space: Sort, more: More = ()) -> Term:
    """A density over a space: a family, a formula of any sign and total, or a symbol."""
    scale = lambda: r.choice([p, s, one, Rational(2), Rational(1, 3), app(h, leaf(r, more)), rational(r)])
    if space == REAL:
        return one_of(
            r,
            lambda: Normal(leaf(r, more), scale()),
            lambda: Normal(leaf(r, more), scale()),
            lambda: Normal(x, 1),
            lambda: r.choice([law, other, app(family, x)]),
            lambda: Density(lambda t: mul(real(r, 1, (*more, t)), exp(-(t**2))), REAL),
            lambda: Density(lambda t: power(1 + t**2, -1), REAL),
        )
    if space == POINT:
        return one_of(r, lambda: q1, lambda: q2, lambda: Density(lambda t: real(r, 1, (*more, t)), POINT))
    if space == BIT:
        formula = lambda: Density(lambda t: real(r, 1, (*more, t)), BIT)
        return one_of(r, lambda: Bernoulli(r.choice([half, Rational(1, 3), x, one, zero])), formula)
    if space[0] == "fin":
        return Categorical(space[1], lambda j: real(r, 1, (*more, j)))
    if space[0] == "mat" and space != ("mat", n, one):
        return Density(lambda t: exp(-tr(matmul(t.T, t))), space)
    if space == POSITIVE:
        return Density(lambda t: r.choice([p, one]) * exp(-t * p), POSITIVE)
    if space == NAT:
        half_to = lambda t: exp(-t * r.choice([log(2), one, p]))
        return Density(
            lambda t: r.choice([half_to(t), half_to(t), power(t, -2), power(t, -1), half_to(t) * x]), NAT
        )
    if space == ("mat", n, one):
        return MvNormal(r.choice([u, v]), r.choice([S, T, make("scale", (p, S)), eye(n), A]))
    return Indep(space[1][1], lambda j: density(r, space[2], (*more, j)))


SPACES = (
    REAL,
    REAL,
    REAL,
    POINT,
    POINT,
    BIT,
    ("fin", n),
    ("fin", d),
    ("mat", n, one),
    ("fun", ("fin", n), REAL),
)


def integral(r: Random, depth: int, more: More = ()) -> Term:
    """A real integral, expectation or entropy over some space."""
    space = r.choice(SPACES)
    inside = lambda t: real(r, max(depth, 0), (*more, *_opened(t)))
    q = density(r, space, more)
    return one_of(
        r,
        lambda: E(q, inside),
        lambda: E(q, lambda t: polynomial(r, t, more)),
        lambda: KL(q, density(r, space, more)),
        lambda: CE(q, density(r, space, more)),
        lambda: H(q),
        lambda: IntAB(rational(r), leaf(r), lambda t: real(r, depth, (*more, t))),
        lambda: Int(lambda t: mul(inside(t), pdf(q, t)), space),
        lambda: Int(inside, space),
    )


def _opened(t: Term) -> More:
    """What may be said of a point of a space: of a tuple, its coordinates."""
    return (app(t, index),) if t.sort[0] == "fun" and t.sort[1] == ("fin", n) else (t,)


def polynomial(r: Random, t: Term, more: More = ()) -> Term:
    """A polynomial in the entries of a variable."""
    if t.sort[0] == "mat":
        if t.sort[2] != one or t.sort[1] != n:
            return tr(matmul(t, t.T))
        return one_of(
            r, lambda: quad(t, matrix(r, 1)), lambda: scalar(u.T @ t), lambda: scalar(u.T @ t) ** 2 + leaf(r)
        )
    if t.sort[0] == "fun":
        return Sum(1, t.sort[1][1], lambda j: mul(leaf(r, (*more, j)), app(t, j) ** r.choice([1, 2])))
    if not fits(t.sort, REAL):
        return real(r, 1, (*more, t))
    return add(mul(leaf(r, more), t ** r.choice([1, 2, 3])), mul(leaf(r, more), t), leaf(r, more))


def definite(r: Random, depth: int) -> Term:
    """Mostly a positive definite matrix."""
    if depth <= 0:
        return r.choice([S, T, eye(n)])
    entry = lambda j: r.choice([sigma[j], sigma[j] ** 2, sigma[j] * p, exp(mu[j]), mu[j]])
    return one_of(
        r,
        lambda: inv(definite(r, depth - 1)),
        lambda: make("scale", (r.choice([p, s, exp(x), Rational(2), x]), definite(r, depth - 1))),
        lambda: diagm(n, entry),
        lambda: matmul(definite(r, depth - 1), definite(r, 0)),
        lambda: matmul(A.T, S, A),
        lambda: matmul(chol(r.choice([S, A])), chol(S).T),
        lambda: add(definite(r, depth - 1), definite(r, 0)),
    )


def matrix(r: Random, depth: int) -> Term:
    """A square matrix of size n."""
    if depth <= 0:
        return r.choice([A, B, S, T, eye(n)])
    return one_of(
        r,
        lambda: add(matrix(r, depth - 1), matrix(r, depth - 1)),
        lambda: matmul(matrix(r, depth - 1), matrix(r, depth - 1)),
        lambda: matmul(matrix(r, depth - 1), inv(matrix(r, 0)), matrix(r, 0)),
        lambda: matrix(r, depth - 1).T,
        lambda: inv(matrix(r, depth - 1)),
        lambda: make("scale", (real(r, 1), matrix(r, depth - 1))),
        lambda: definite(r, depth - 1),
        lambda: diagm(n, lambda j: r.choice([mu[j], sigma[j], mu[j] * sigma[j]])),
        lambda: matmul(vector(r, 0), vector(r, 0).T),
        lambda: chol(r.choice([S, T, A, make("scale", (x, S))])),
        lambda: matmul(C, C.T),
    )


def vector(r: Random, depth: int) -> Term:
    if depth <= 0:
        return r.choice([u, v, vec(n, lambda j: mu[j])])
    return one_of(
        r,
        lambda: add(vector(r, depth - 1), vector(r, depth - 1)),
        lambda: matmul(matrix(r, depth - 1), vector(r, 0)),
        lambda: make("scale", (real(r, 1), vector(r, depth - 1))),
        lambda: vec(n, lambda j: sigma[j] * mu[j]),
    )


def any_term(r: Random, depth: int = 3) -> Term:
    """A term of a sort that can stand in an equation."""
    return one_of(
        r,
        lambda: real(r, depth),
        lambda: real(r, depth),
        lambda: matrix(r, depth - 1),
        lambda: vector(r, depth - 1),
        lambda: density(r, r.choice(SPACES)),
    )


def of_sort(r: Random, sort: Sort, depth: int = 1, more: More = ()) -> Term:
    """A term that may, or may not quite, be a value of a sort: `instantiate` has to say what is missing."""
    if sort == POSITIVE:
        return one_of(
            r, lambda: r.choice([p, s]), lambda: real(r, depth, more), lambda: exp(real(r, depth, more))
        )
    if sort == REAL:
        return real(r, depth, more)
    if sort == NAT:
        return r.choice([n, d, one, Rational(2), Rational(3)])
    if sort == BIT:
        return bit
    if sort[0] == "fin":
        return symbol("i", sort)
    if sort == POINT:
        return point
    if sort[0] == "mat" and sort == ("mat", n, n):
        return matrix(r, depth)
    if sort[0] == "mat" and sort == ("mat", n, one):
        return vector(r, depth)
    if sort[0] == "spd" and sort[1] == n:
        return one_of(r, lambda: definite(r, depth), lambda: matrix(r, depth))
    if sort[0] == "dist":
        return density(r, sort[1], more)
    if sort[0] == "fun" and r.random() < 0.8:
        return lam(lambda t: of_sort(r, sort[2], depth, (*more, *_opened(t))), sort[1])
    return symbol("w", sort)


def statement(r: Random, depth: int = 2, more: More = ()) -> Term:
    """A statement of any head."""
    side = lambda: real(r, depth - 1, more)
    return one_of(
        r,
        lambda: make(r.choice(["eq", "le", "lt", "ne"]), (side(), side())),
        lambda: make(r.choice(["eq", "le", "lt"]), (side(), side())),
        lambda: make("eq", (r.choice([x, y]), side())),
        lambda: make("eq", (A, matrix(r, depth - 1))),
        lambda: make("eq", (law, density(r, REAL, more))),
        lambda: make("spd", (matrix(r, depth - 1),)),
        lambda: make("invertible", (matrix(r, depth - 1),)),
        lambda: Forall(
            lambda t: statement(r, depth - 1, (*more, t)), r.choice([REAL, POSITIVE, BIT, ("fin", n), POINT])
        ),
        lambda: Integrable(density(r, REAL, more), lambda t: real(r, depth - 1, (*more, t))),
        lambda: Differentiable(lambda t: real(r, depth - 1, (*more, t)), leaf(r, more)),
        lambda: AlmostEverywhere(density(r, BIT, more), lambda t: statement(r, depth - 1, (*more, t))),
    )
