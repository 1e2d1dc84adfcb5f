"""Random terms from a seed, and the models in which what is proved of them is checked."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

from flint import ctx

from vaemath.audit.models import Model
from vaemath.audit.statements import Verdict, judge
from vaemath.core.heads import SPECIAL
from vaemath.core.terms import NAT, POSITIVE, REAL, Term, make
from vaemath.core.theorem import Theorem
from vaemath.errors import VaemathError
from vaemath.terms.build import *
from vaemath.terms.build import chol, special, symbol, symbols

x, y = symbols("x y", REAL)
p, q = symbols("p q", POSITIVE)
n, d = symbols("n d", NAT)
mu = symbol("mu", ("fun", NAT, REAL))
sigma = symbol("sigma", ("fun", NAT, POSITIVE))
A, B = symbols("A B", ("mat", n, n))
S, T = symbols("S T", ("spd", n))
u, v = symbols("u v", ("mat", n, one))
f = symbol("f", ("fun", REAL, REAL))

EXPONENTS = [0, 2, 3, 4, -1, -2]
EXPONENTS += [Fraction(a, b) for a, b in ((1, 2), (-1, 2), (1, 3), (2, 3), (3, 2), (-2, 3))]
_RANDOM = [Model(seed) for seed in range(5)]
_SPECIAL = [
    Model(9, numbers=(Fraction(0), Fraction(1), Fraction(-1))),
    Model(10, numbers=(Fraction(2), Fraction(-2))),
]


def rational(r: random.Random) -> Term:
    return Rational(r.choice([-3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 8, 9, 12]), r.choice([1, 1, 1, 2, 3, 4]))


def leaf(r: random.Random, indices: tuple[Term, ...] = ()) -> Term:
    chance = r.random()
    if chance < 0.25:
        return rational(r)
    if chance < 0.3:
        return pi
    if indices and chance < 0.6:
        j = r.choice(indices)
        return r.choice([mu[j], sigma[j], j])
    return r.choice([x, y, p, q, x, y, p, q, n])


def real(r: random.Random, depth: int, indices: tuple[Term, ...] = ()) -> Term:
    """A real term of roughly that depth; `indices` are the bound indices it may use."""
    if depth <= 0:
        return leaf(r, indices)
    again = lambda less=1: real(r, depth - less, indices)
    kind = r.randrange(15 if indices else 16)
    if kind < 3:
        return add(*(again() for _ in range(r.choice([2, 2, 3]))))
    if kind < 6:
        return mul(again(), again())
    if kind < 9:
        return power(again(), r.choice(EXPONENTS))
    if kind == 9:
        return exp(again())
    if kind == 10:
        return log(again())
    if kind == 11:
        return special(r.choice(SPECIAL), again())
    if kind == 12:
        return r.choice([Sum, Prod])(1, d, lambda j: real(r, depth - 2, (*indices, j)))
    if kind == 13:
        return div(again(), again())
    if kind == 14:
        forms = [
            lambda: tr(matrix(r, depth - 1)),
            lambda: logdet(positive_matrix(r, depth - 1)),
            lambda: scalar(matmul(vector(r, depth - 1).T, vector(r, depth - 1))),
            lambda: quad(vector(r, 0), matrix(r, depth - 1)),
        ]
        return r.choice(forms)()
    binders = [
        lambda: E(Normal(x, p), lambda z: z * real(r, depth - 2) + z**2),
        lambda: app(f, again()),
        lambda: D(lambda z: z**2 * real(r, depth - 2) + exp(z), real(r, 0)),
    ]
    return r.choice(binders)()


def positive_matrix(r: random.Random, depth: int) -> Term:
    if depth <= 0:
        return r.choice([S, T, eye(n)])
    factor = r.choice([p, q, exp(x), Rational(2), Rational(1, 2)])
    entry = lambda j: r.choice([sigma[j], sigma[j] ** 2, sigma[j] * p, exp(mu[j])])
    forms = [
        lambda: inv(positive_matrix(r, depth - 1)),
        lambda: make("scale", (factor, positive_matrix(r, depth - 1))),
        lambda: diagm(n, entry),
        lambda: matmul(positive_matrix(r, depth - 1), positive_matrix(r, 0)),
        lambda: matmul(A.T, S, A),
        lambda: matmul(chol(S), chol(S).T),
    ]
    return r.choice(forms)()


def matrix(r: random.Random, depth: int) -> Term:
    if depth <= 0:
        return r.choice([A, B, S, T, eye(n)])
    forms = [
        lambda: add(matrix(r, depth - 1), matrix(r, depth - 1)),
        lambda: matmul(matrix(r, depth - 1), matrix(r, depth - 1)),
        lambda: matrix(r, depth - 1).T,
        lambda: inv(matrix(r, depth - 1)),
        lambda: make("scale", (real(r, 1), matrix(r, depth - 1))),
        lambda: positive_matrix(r, depth - 1),
        lambda: diagm(n, lambda j: mu[j]),
        lambda: matmul(vector(r, 0), vector(r, 0).T),
        lambda: chol(r.choice([S, T])),
    ]
    return r.choice(forms)()


def vector(r: random.Random, depth: int) -> Term:
    if depth <= 0:
        return r.choice([u, v])
    forms = [
        lambda: add(vector(r, depth - 1), vector(r, depth - 1)),
        lambda: matmul(matrix(r, depth - 1), vector(r, 0)),
        lambda: make("scale", (real(r, 1), vector(r, depth - 1))),
        lambda: vec(n, lambda j: sigma[j] * mu[j]),
    ]
    return r.choice(forms)()


def smooth(r: random.Random, depth: int, t: Term) -> Term:
    """A real term in t that the rules for derivatives know, defined for all t."""
    if depth <= 0:
        return r.choice([t, t, x, p, rational(r)])
    again = lambda: smooth(r, depth - 1, t)
    forms = [
        lambda: add(again(), again()),
        lambda: mul(again(), again()),
        lambda: again() ** r.choice([2, 3]),
        lambda: power(1 + again() ** 2, r.choice([Fraction(1, 2), Fraction(-1, 3), -1, -2])),
        lambda: exp(div(again(), 4)),
        lambda: log(2 + again() ** 2),
        lambda: special(r.choice(["expm1", "sigmoid", "softplus", "expm1_minus"]), div(again(), 4)),
        lambda: special(r.choice(["log1p", "log1p_minus"]), again() ** 2),
        lambda: Sum(1, d, lambda j: mu[j] * again()),
        lambda: app(f, div(again(), 4)),
    ]
    return r.choice(forms)()


def readings(theorem: Theorem) -> Iterator[tuple[Model, Verdict]]:
    """The verdicts on a theorem's statement in the models in which its hypotheses hold."""
    with ctx.workdps(65):
        for base in (*_RANDOM, *_SPECIAL):
            model = Model(base.seed, numbers=base.numbers)
            if all(judge(h, model).truth is True for h in theorem.hypotheses):
                yield model, judge(theorem.statement, model)


def refuted(theorem: Theorem) -> tuple[Model, Verdict] | None:
    """A model in which the hypotheses of a theorem hold and its statement is false or has no value."""
    return next(((m, v) for m, v in readings(theorem) if v.truth is False or v.undefined), None)


def confirmed(theorem: Theorem) -> bool:
    """Is the theorem true in some model, and false in none?"""
    verdicts = [v for _, v in readings(theorem)]
    return any(v.truth for v in verdicts) and not any(v.truth is False or v.undefined for v in verdicts)


def made(build: object, *args: object) -> Term | None:
    """A random term, or None where the maker of terms refuses it."""
    try:
        return build(*args)  # type: ignore[operator]
    except VaemathError:
        return None
