"""Derivatives, integrals and the tangent of the logarithm."""

from __future__ import annotations

from functools import cache
from random import Random
from unittest.mock import patch

from tests.proof.models import terms as G
from tests.proof.models.instances.registry import makes
from vaemath.core import rules
from vaemath.core.terms import REAL, Term, make
from vaemath.core.theorem import Theorem
from vaemath.errors import VaemathError
from vaemath.proof import oracle
from vaemath.terms.build import *
from vaemath.terms.build import add, app, div, mul, power, special, zero


@makes("log_tangent")
def _(r: Random) -> Theorem:
    return rules.log_tangent(term=G.real(r, r.choice([0, 1, 2, 3])))


@makes("log_tangent_equality")
def _(r: Random) -> Theorem:
    a = G.one_of(
        r, lambda: G.leaf(r), lambda: G.real(r, 1), lambda: mul(G.p, power(G.p, -1)), lambda: G.real(r, 2)
    )
    return rules.log_tangent_equality(rules.assume(statement=eq(log(a), a - 1)))


def of_t(r: Random, depth: int, t: Term) -> Term:
    """A real term in t that the rules for derivatives may know, smooth or not."""
    if depth <= 0:
        return r.choice([t, t, t, G.x, G.p, G.rational(r)])
    again = lambda: of_t(r, depth - 1, t)
    return G.one_of(
        r,
        lambda: add(again(), again()),
        lambda: mul(again(), again()),
        lambda: power(again(), r.choice(G.EXPONENTS)),
        lambda: exp(again()),
        lambda: log(again()),
        lambda: special(r.choice(G.SPECIAL), again()),
        lambda: Sum(1, G.d, lambda j: mul(G.mu[j], again())),
        lambda: Sum(1, G.d, lambda j: power(add(G.sigma[j], again()), r.choice([2, -1]))),
        lambda: app(r.choice([G.f, G.g, G.h]), again()),
        lambda: div(again(), again()),
        lambda: tr(make("scale", (again(), G.A))),
    )


@makes("differentiate", 3)
def _(r: Random) -> Theorem:
    at = G.one_of(r, lambda: r.choice([G.x, G.p, zero, one]), lambda: G.real(r, 1))
    return rules.differentiate(term=D(lambda t: of_t(r, r.choice([1, 2, 2, 3]), t), at))


@makes("differentiate")
def _(r: Random) -> Theorem:
    """A sum with a function that may have no slope."""
    at = r.choice([G.x, zero, one, Rational(-1), G.p])
    inner = lambda t: r.choice([t, t * G.x, t**2, exp(t)])
    return rules.differentiate(term=D(lambda t: add(app(r.choice([G.f, G.h]), inner(t)), of_t(r, 1, t)), at))


def of_matrix(r: Random, X: Term) -> Term:
    side = lambda: G.one_of(r, lambda: G.matrix(r, 0), lambda: G.matrix(r, 1))
    return G.one_of(
        r,
        lambda: tr(side() @ X),
        lambda: tr(X @ side() @ X),
        lambda: tr(X.T @ side() @ X),
        lambda: tr(inv(X) @ side()),
        lambda: tr(inv(X).T @ side() @ X),
        lambda: tr(inv(X) @ side() @ inv(X)),
        lambda: logdet(X),
        lambda: logdet(inv(X)),
        lambda: logdet(make("scale", (G.p, X))),
        lambda: quad(G.u, X),
        lambda: quad(G.u, inv(X)),
        lambda: quad(X @ G.u, side()),
        lambda: tr(X) ** 2,
        lambda: mul(G.x, tr(X)) + logdet(X),
    )


@makes("differentiate", 2)
def _(r: Random) -> Theorem:
    at = G.one_of(r, lambda: r.choice([G.S, G.A]), lambda: G.definite(r, 1), lambda: G.matrix(r, 1))
    term = D(lambda X: add(of_matrix(r, X), r.choice([zero, mul(G.x, of_matrix(r, X))])), at)
    return rules.differentiate(term=term)


@makes("leibniz")
def _(r: Random) -> Theorem:
    inside = lambda t, w: G.one_of(
        r,
        lambda: mul(of_t(r, 1, t), of_t(r, 1, w)),
        lambda: add(t * w, G.polynomial(r, w)),
        lambda: mul(t**2, w**2),
    )
    q = r.choice([G.density(r, REAL), Normal(0, 1), Normal(G.x, G.p)])
    term = G.one_of(
        r,
        lambda: D(lambda t: E(q, lambda w: inside(t, w)), r.choice([G.x, zero, one, G.p])),
        lambda: D(lambda t: IntAB(0, 1, lambda w: inside(t, w)), r.choice([G.x, zero, one, G.p])),
        lambda: D(lambda t: Int(lambda w: mul(inside(t, w), exp(-(w**2)))), G.x),
        lambda: D(lambda t: E(G.q1, lambda w: mul(G.phi(w), of_t(r, 2, t))), G.x),
        lambda: D(lambda t: E(Bernoulli(half), lambda w: mul(w, of_t(r, 2, t))), G.x),
        lambda: D(lambda t: Sum(1, G.d, lambda j: mul(G.mu[j], of_t(r, 2, t))), G.x),
        lambda: D(
            lambda t: E(Normal(t, G.p), lambda w: G.polynomial(r, w)), G.x
        ),  # refused: the density moves
    )
    return rules.leibniz(term=term)


def _concrete(r: Random) -> Term:
    """An integral of a kind that SymPy is asked for."""
    a, m = r.choice([G.p, G.s, one, Rational(2), G.x]), r.choice([G.x, G.y, zero, one])
    quadratic = lambda z: -div((z - m) ** 2, 2 * a**2) if r.random() < 0.5 else -mul(a, z**2)
    power_of = lambda z: r.choice([one, z, z**2, z**3, (z - m) ** 2, z - m, z**4, G.y * z])
    return G.one_of(
        r,
        lambda: Int(lambda z: mul(power_of(z), exp(quadratic(z)))),
        lambda: Int(lambda z: mul(power_of(z), pdf(Normal(m, a), z))),
        lambda: Int(lambda z: power(1 + z**2, r.choice([-1, -2]))),
        lambda: Int(lambda z: mul(z, power(1 + z**2, -1))),
        lambda: IntAB(r.choice([0, -1, 1]), r.choice([1, 2, G.p, G.x]), lambda z: power_of(z)),
        lambda: IntAB(
            r.choice([0, -1, 1]), r.choice([1, 2]), lambda z: power(z, r.choice([-1, -2, half, -half, 2]))
        ),
        lambda: IntAB(0, r.choice([1, G.x]), lambda z: exp(mul(r.choice([one, -1, Rational(2)]), z))),
        lambda: IntAB(0, 1, lambda z: log(z + r.choice([0, 1]))),
        lambda: IntAB(0, 1, lambda z: power(z + a, -1)),
        lambda: Int(lambda z: exp(mul(G.x, z))),
        lambda: Int(lambda z: exp(-mul(a, z**2) + mul(G.y, z))),
        lambda: Int(lambda z: power_of(z)),
    )


INTEGRALS = 8  # more in a campaign: each takes SymPy about a second
_remembered = cache(oracle.integral)


@cache
def integrals(most: int) -> tuple[Term, ...]:
    """Some integrals that SymPy knows; what it answers is remembered, and tried in many models."""
    r, found = Random(5), dict[Term, None]()
    by_x = IntAB(0, 1, lambda z: power(z + G.x, -2))  # diverges for x from -1 to 0
    for term in (by_x, *(_concrete(r) for _ in range(200))):
        try:
            _remembered(term)
            found[term] = None
        except (VaemathError, RecursionError):
            continue
        if len(found) >= most:
            break
    return tuple(found)


@makes("integrate")
def _(r: Random) -> Theorem:
    with patch.object(oracle, "integral", _remembered):
        return rules.integrate(term=r.choice(integrals(INTEGRALS)))


@makes("substitution", 2)
def _(r: Random) -> Theorem:
    inner = G.one_of(
        r,
        lambda: lam(
            lambda t: add(mul(r.choice([G.p, one, Rational(2), G.x, Rational(-1), zero]), t), G.leaf(r)), REAL
        ),
        lambda: lam(lambda t: G.x + exp(G.y) * t, REAL),
    )
    f = G.one_of(
        r,
        lambda: lam(lambda t: mul(G.polynomial(r, t), exp(-(t**2))), REAL),
        lambda: lam(lambda t: mul(app(r.choice([G.f, G.h]), t), pdf(Normal(G.y, 1), t)), REAL),
        lambda: lam(lambda t: G.real(r, 2, (t,)), REAL),
        lambda: lam(lambda t: power(1 + t**2, -1), REAL),
        lambda: lam(lambda t: pdf(G.density(r, REAL), t), REAL),
    )
    if r.random() < 0.5:
        return rules.substitution(term=make("int", (f,)), inner=inner, bounds=())
    a, b = r.choice([zero, one, Rational(-1), G.x]), r.choice([one, Rational(2), G.y, G.x])
    curved = lam(lambda t: of_t(r, 2, t), REAL)
    g = r.choice([inner, curved, curved])
    at = lambda e: make("app", (g, e))
    return rules.substitution(term=make("intab", (at(a), at(b), f)), inner=g, bounds=(a, b))
