"""Algebra, definitions, signs, linear combinations of inequalities."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.proof.models import terms as G
from tests.proof.models.instances.registry import makes
from vaemath.core import rules
from vaemath.core.normal import canon, poly, to_term
from vaemath.core.terms import BIT, POINT, POSITIVE, REAL, Term, make
from vaemath.core.theorem import Theorem
from vaemath.terms.build import *
from vaemath.terms.build import add, chol, div, mul, neg, power, special, zero


@makes("algebra", 3)
def _(r: Random) -> Theorem:
    """A term and its normal form."""
    a = G.any_term(r)
    return rules.algebra(left=a, right=canon(a))


@makes("algebra", 2)
def _(r: Random) -> Theorem:
    """A real term in which something cancels."""
    a, b = G.real(r, 2), G.real(r, 2)
    left = G.one_of(
        r,
        lambda: add(a, b, neg(a)),
        lambda: div(mul(a, b), a),
        lambda: mul(power(a, half), power(a, -half)) * b,
        lambda: power(power(a, half), 2),
        lambda: exp(add(log(a), b)),
        lambda: div(add(a, b) ** 2, add(a, b)),
    )
    return rules.algebra(left=left, right=to_term(poly(left)))


_BOTH: tuple[Callable[[Term, Term], tuple[Term, Term]], ...] = (
    lambda a, b: (log(mul(a, b)), add(log(a), log(b))),
    lambda a, b: (sqrt(a**2), a),
    lambda a, b: (sqrt(mul(a, b)), mul(sqrt(a), sqrt(b))),
    lambda a, b: (exp(log(a)), a),
    lambda a, b: (log(exp(a)), a),
    lambda a, b: (div(a, a), one),
    lambda a, b: (power(a, 0), one),
    lambda a, b: (power(power(a, 4), Rational(1, 4)), power(a, 1)),
    lambda a, b: (log(power(a, 2)), 2 * log(a)),
    lambda a, b: (mul(power(a, -1), power(b, -1)), power(mul(a, b), -1)),
    lambda a, b: (power(add(a, b), -1), add(power(a, -1), power(b, -1))),
    lambda a, b: (exp(add(a, b)), mul(exp(a), exp(b))),
    lambda a, b: (power(exp(a), half), exp(a / 2)),
    lambda a, b: (power(mul(a, exp(b)), -half), mul(power(a, -half), exp(-b / 2))),
    lambda a, b: (log(div(a, b)), log(a) - log(b)),
    lambda a, b: (special("softplus", a), log(1 + exp(a))),
    lambda a, b: (power(2 * a + 2 * b, half), sqrt(2) * power(a + b, half)),
    lambda a, b: (power(-a - b, -1), -power(a + b, -1)),
    lambda a, b: (Sum(1, G.d, lambda j: a), G.d * a),
    lambda a, b: (log(Prod(1, G.d, lambda j: mul(a, exp(G.mu[j])))), Sum(1, G.d, lambda j: log(a) + G.mu[j])),
    lambda a, b: (log(Prod(1, G.d, lambda j: G.sigma[j])), Sum(1, G.d, lambda j: log(G.sigma[j]))),
    lambda a, b: (exp(2 * log(a) + log(b)), mul(a**2, b)),
    lambda a, b: (exp(log(a) / 2), sqrt(a)),
)
_MATRIX: tuple[Callable[[Term, Term], tuple[Term, Term]], ...] = (
    lambda a, b: (tr(a @ b), tr(b @ a)),
    lambda a, b: (tr(a @ b @ G.A), tr(b @ a @ G.A)),
    lambda a, b: (tr(a.T), tr(a)),
    lambda a, b: ((a @ b).T, b.T @ a.T),
    lambda a, b: ((a @ b).T, a.T @ b.T),
    lambda a, b: (inv(a @ b), inv(b) @ inv(a)),
    lambda a, b: (a @ inv(a), eye(G.n)),
    lambda a, b: (inv(inv(a)), a),
    lambda a, b: (inv(a).T, inv(a.T)),
    lambda a, b: (logdet(a @ b), logdet(a) + logdet(b)),
    lambda a, b: (logdet(inv(a)), -logdet(a)),
    lambda a, b: (logdet(make("scale", (G.p, a))), G.n * log(G.p) + logdet(a)),
    lambda a, b: (logdet(make("scale", (G.x, a))), G.n * log(G.x) + logdet(a)),
    lambda a, b: (a.T, a),
    lambda a, b: (chol(a) @ chol(a).T, a),
    lambda a, b: (chol(a).T @ chol(a), a),
    lambda a, b: (inv(a + b), inv(a) + inv(b)),
    lambda a, b: (tr(make("scale", (G.x, a)) @ b), G.x * tr(a @ b)),
    lambda a, b: (inv(make("scale", (G.x, a))), make("scale", (power(G.x, -1), inv(a)))),
    lambda a, b: (tr(eye(G.n)), G.n),
    lambda a, b: (quad(G.u, a), quad(G.u, a.T)),
    lambda a, b: (tr(a @ G.u @ G.u.T), quad(G.u, a)),
    lambda a, b: (scalar(G.u.T @ a @ G.v) ** 2, scalar(G.u.T @ a @ G.v @ G.v.T @ a.T @ G.u)),
)


@makes("algebra", 8)
def _(r: Random) -> Theorem:
    """What looks like a law."""
    depth = r.choice([0, 0, 0, 1, 2])
    if r.random() < 0.5:
        left, right = r.choice(_BOTH)(G.real(r, depth), G.real(r, depth))
    else:
        choices = [
            G.A,
            G.S,
            G.T,
            G.matrix(r, 1),
            G.definite(r, 1),
            diagm(G.n, lambda j: G.mu[j]),
            diagm(G.n, lambda j: G.sigma[j]),
        ]
        left, right = r.choice(_MATRIX)(r.choice(choices), r.choice(choices))
    return rules.algebra(left=left, right=right)


_RISKY = (*_BOTH[:2], *(_BOTH[k] for k in (2, 7, 8, 12, 14)))


@makes("algebra", 2)
def _(r: Random) -> Theorem:
    """Laws of roots and logarithms, of numbers of any sign."""
    number = lambda: r.choice(
        [G.x, G.y, G.mu[G.index], G.phi(G.point), G.f(G.x), tr(G.A), G.x * G.y, -G.p, -G.x]
    )
    left, right = r.choice(_RISKY)(number(), number())
    return rules.algebra(left=left, right=right)


@makes("algebra")
def _(r: Random) -> Theorem:
    """The normal form under a binder."""
    a = G.integral(r, 2) if r.random() < 0.5 else D(lambda t: G.real(r, 2, (t,)), G.leaf(r))
    return rules.algebra(left=a, right=canon(a))


@makes("definition")
def _(r: Random) -> Theorem:
    space = r.choice(G.SPACES)
    q, at = G.density(r, space), lambda: {REAL: G.x, BIT: G.bit, POINT: G.point}.get(space)
    term = G.one_of(
        r,
        lambda: pdf(q, at() or G.of_sort(r, space)),
        lambda: E(q, lambda t: G.real(r, 1, (t,))),
        lambda: E(q, lambda t: G.polynomial(r, t)),
        lambda: KL(q, G.density(r, space)),
        lambda: CE(q, G.density(r, space)),
        lambda: H(q),
        lambda: special(r.choice(G.SPECIAL), G.real(r, 2)),
    )
    return rules.definition(term=term)


@makes("signed")
def _(r: Random) -> Theorem:
    """Whatever is signed by its form: half of the terms are made of parts that are."""
    return rules.signed(term=_nonnegative(r, 3) if r.random() < 0.7 else G.real(r, 3))


def _nonnegative(r: Random, depth: int, more: tuple[Term, ...] = ()) -> Term:
    if depth <= 0:
        return G.one_of(
            r,
            lambda: r.choice(
                [G.p, G.s, G.n, pi, G.bit, one, zero, Rational(2), G.h(G.x), G.psi(G.point), G.sigma[G.index]]
            ),
            lambda: G.real(r, 1, more) ** r.choice([2, -2, 4, half, -half]),
            lambda: pdf(r.choice([Normal(G.x, G.p), G.law]), G.leaf(r, more)),
            lambda: pdf(G.q1, G.point),
        )
    again = lambda *new: _nonnegative(r, depth - 1, (*more, *new))
    q = r.choice(
        [
            Normal(G.x, G.p),
            Normal(G.x, G.bit),
            G.law,
            Density(lambda t: t**2, REAL),
            Density(lambda t: G.real(r, 1, (t,)), REAL),
        ]
    )
    return G.one_of(
        r,
        lambda: add(again(), again()),
        lambda: mul(again(), again()),
        lambda: power(again(), r.choice(G.EXPONENTS)),
        lambda: exp(G.real(r, 1, more)),
        lambda: special(r.choice(G.SPECIAL), G.real(r, 1, more)),
        lambda: E(q, lambda t: again(t)),
        lambda: E(r.choice([G.q1, Density(lambda t: G.psi(t))]), lambda t: again(t)),
        lambda: E(Bernoulli(r.choice([half, G.x])), lambda t: again(t)),
        lambda: Sum(1, G.d, lambda j: again(j)),
        lambda: Prod(1, G.d, lambda j: again(j)),
        lambda: Int(lambda t: again(t), r.choice([BIT, POINT, REAL, POSITIVE])),
        lambda: pdf(q, G.leaf(r)),
        lambda: pdf(Categorical(G.n, lambda j: again(j)), G.index),
        lambda: pdf(Bernoulli(G.x), G.bit),
        lambda: pdf(MvNormal(G.u, r.choice([G.S, G.A])), G.v),
        lambda: pdf(Indep(G.n, lambda j: Normal(G.mu[j], r.choice([G.sigma[j], G.p, G.bit]))), G.z),
    )


@makes("rearrange", 2)
def _(r: Random) -> Theorem:
    """A combination with random factors, some negative, so that only some are taken."""
    count = r.choice([0, 1, 1, 2, 3])
    premises, factors = [], []
    for _ in range(count):
        if r.random() < 0.3:
            premises.append(rules.signed(term=_nonnegative(r, 1)))
        else:
            sides = (G.real(r, r.choice([0, 1])), G.real(r, r.choice([0, 1])))
            premises.append(rules.assume(statement=make(r.choice(("eq", "le", "lt")), sides)))
        factors.append(
            r.choice([one, zero, Rational(2), G.p, G.x, _nonnegative(r, 1), G.x**2, Rational(-1), exp(G.x)])
        )
    total = zero
    for t, k in zip(premises, factors, strict=True):
        total = add(total, mul(k, add(t.rhs, neg(t.lhs))))
    c = G.real(r, 1)
    right = G.one_of(r, lambda: add(c, total), lambda: to_term(poly(add(c, total))))
    left = G.one_of(r, lambda: c, lambda: to_term(poly(c)), lambda: exp(log(c)))
    return rules.rearrange(
        *premises, statement=make(r.choice(("eq", "le", "lt")), (left, right)), factors=tuple(factors)
    )


@makes("rearrange")
def _(r: Random) -> Theorem:
    """Something cancelled by a factor."""
    a, b, c = G.leaf(r), G.leaf(r), G.leaf(r)
    premise = rules.assume(statement=eq(mul(a, b), mul(a, c)))
    return rules.rearrange(premise, statement=eq(b, c), factors=(power(a, -1),))
