"""Expectations and integrals."""

from __future__ import annotations

from random import Random

from tests.proof.models import terms as G
from tests.proof.models.instances.registry import makes
from vaemath.core import rules
from vaemath.core.heads import unfold
from vaemath.core.terms import BIT, POINT, POSITIVE, REAL, Term, close, make
from vaemath.core.theorem import Theorem
from vaemath.terms.build import *
from vaemath.terms.build import add, app, mul, power, symbol, zero


def _summand(r: Random, t: Term) -> Term:
    return G.one_of(
        r,
        lambda: mul(G.leaf(r), G.real(r, 1, (t,))),
        lambda: G.polynomial(r, t),
        lambda: mul(G.rational(r), G.polynomial(r, t)),
        lambda: G.leaf(r),
        lambda: zero,
    )


def _matrix_of(r: Random, t: Term) -> Term:
    vector = t if t.sort[0] == "mat" else make("scale", (t, G.u)) if t.sort == REAL else G.u
    return G.one_of(
        r,
        lambda: G.A @ vector @ vector.T,
        lambda: add(vector @ vector.T, G.B),
        lambda: make("scale", (G.leaf(r), vector @ G.v.T)),
        lambda: vector.T @ G.A,
        lambda: add(vector, G.v),
        lambda: make("scale", (G.leaf(r, (t,) if t.sort == REAL else ()), G.A)),
    )


def _binder(r: Random, space: tuple, body: object) -> Term:
    lam_ = lam(body, space)  # type: ignore[arg-type]
    return G.one_of(
        r,
        lambda: make("E", (G.density(r, space), lam_)),
        lambda: make("E", (G.density(r, space), lam_)),
        lambda: make("int", (lam_,)),
        lambda: make("intab", (G.rational(r), G.leaf(r), lam_)) if space == REAL else make("int", (lam_,)),
    )


@makes("linearity", 2)
def _(r: Random) -> Theorem:
    space = r.choice((*G.SPACES, POSITIVE))
    count = r.choice([1, 2, 2, 3])
    return rules.linearity(term=_binder(r, space, lambda t: add(*(_summand(r, t) for _ in range(count)))))


@makes("linearity")
def _(r: Random) -> Theorem:
    space = r.choice((REAL, ("mat", G.n, one), BIT, POINT))
    inside = lambda t: G.one_of(
        r,
        lambda: _matrix_of(r, t),
        lambda: tr(G.A @ t @ t.T) if t.sort[0] == "mat" else tr(make("scale", (G.leaf(r, (t,)), G.A))),
    )
    return rules.linearity(term=_binder(r, space, inside))


@makes("independence")
def _(r: Random) -> Theorem:
    factor = lambda j: r.choice(
        [
            Normal(G.mu[j], G.sigma[j]),
            Normal(0, 1),
            Normal(G.x, G.p),
            app(G.family, G.mu[j]),
            G.law,
            Normal(G.mu[j], G.x),
        ]
    )
    bits = lambda j: r.choice([Bernoulli(half), Bernoulli(G.x), Density(lambda t: mul(G.mu[j], t + 1), BIT)])
    chosen = r.choice([factor, factor, factor, bits])
    q = Indep(G.n, chosen)
    inside = G.one_of(
        r,
        lambda: E(
            q, lambda z: Sum(1, G.n, lambda j: mul(G.mu[j], app(z, j) ** r.choice([1, 2])) + G.leaf(r))
        ),
        lambda: E(q, lambda z: Sum(1, G.n, lambda j: G.real(r, 1, (app(z, j), j)))),
        lambda: E(q, lambda z: vec(G.n, lambda j: mul(G.sigma[j], app(z, j)))),
        lambda: E(q, lambda z: one),
        lambda: E(q, lambda z: Sum(1, G.n, lambda j: mul(app(z, j), app(z, G.index)))),
    )
    return rules.independence(term=inside)


@makes("independence")
def _(r: Random) -> Theorem:
    """Sums of which a part may diverge."""
    scale = r.choice([one, G.p])
    q = Indep(G.n, lambda j: Normal(0, scale))
    return rules.independence(term=E(q, lambda z: Sum(1, G.n, lambda j: exp(mul(G.mu[j], app(z, j) ** 2)))))


@makes("independence")
def _(r: Random) -> Theorem:
    q = r.choice([Normal(0, 1), Normal(G.x, G.p), Normal(0, G.p), G.law, Normal(0, G.x)])
    vector = lambda w: vec(G.n, lambda j: app(w, j))
    mean = rules.assume(statement=eq(E(q, lambda y: y), 0))
    return rules.independence(mean, term=E(Indep(G.n, lambda j: q), lambda w: vector(w) @ vector(w).T))


@makes("whitening")
def _(r: Random) -> Theorem:
    q = MvNormal(
        G.vector(r, r.choice([0, 1])),
        G.one_of(r, lambda: r.choice([G.S, G.A, eye(G.n)]), lambda: G.definite(r, 1)),
    )
    inside = lambda t: G.one_of(
        r,
        lambda: quad(t, G.matrix(r, 1)),
        lambda: G.polynomial(r, t),
        lambda: one,
        lambda: t,
        lambda: t @ t.T,
        lambda: exp(scalar(G.u.T @ t)),
        lambda: power(scalar(G.u.T @ t), r.choice([2, 3])),
    )
    return rules.whitening(term=E(q, inside))


@makes("monotone")
def _(r: Random) -> Theorem:
    space = r.choice([REAL, REAL, POINT, BIT, ("fin", G.n)])
    t = symbol("t0", space)
    kind = r.randrange(3)
    if kind == 0:
        premise = rules.assume(
            statement=make(r.choice(["le", "lt"]), (G.real(r, 1, (t,)), G.real(r, 1, (t,))))
        )
    elif kind == 1:
        a = G.real(r, 1, (t,))
        premise = rules.signed(term=r.choice([a**2, exp(a), a**2 + G.p]))
    else:
        premise = rules.log_tangent(term=r.choice([G.real(r, 1, (t,)), exp(G.leaf(r, (t,)))]))
    return rules.monotone(premise, density=G.density(r, space), variable=t)


@makes("vanish")
def _(r: Random) -> Theorem:
    space = r.choice([REAL, POINT, BIT, ("fin", G.n)])
    t = symbol("t0", space)
    a = r.choice([G.leaf(r, (t,)), G.real(r, 1, (t,)), mul(G.x, G.leaf(r, (t,))), zero])
    body = r.choice([a**2, a**2, mul(G.p, a**2), a])
    q = G.density(r, space)
    mean = rules.assume(statement=eq(make("E", (q, close(t, body))), 0))
    sign = (
        rules.signed(term=body)
        if body.head != "add" and r.random() < 0.7
        else rules.assume(statement=le(0, body))
    )
    return rules.vanish(mean, sign, variable=t)


@makes("almost_everywhere")
def _(r: Random) -> Theorem:
    space = r.choice([REAL, POINT, BIT, BIT, ("fin", G.n)])
    t = symbol("t0", space)
    claim = make(r.choice(["eq", "le", "lt"]), (G.leaf(r, (t,)), G.leaf(r, (t,))))
    q = r.choice(
        [G.density(r, space), Density(lambda w: w, space) if space in (REAL, BIT) else G.density(r, space)]
    )
    known = rules.assume(statement=make("ae", (q, close(t, claim))))
    premise = rules.assume(statement=claim)
    kind = r.randrange(4)
    if kind == 0 and claim.head == "eq":
        whole = G.one_of(
            r,
            lambda: make("E", (G.density(r, space), close(t, claim.args[0]))),
            lambda: make("int", (close(t, claim.args[0]),)),
        )
        used = rules.congruence(premise, term=whole, path=(len(whole.args) - 1, 0), names=(t,))
        both = rules.rearrange(used, premise, statement=used.statement, factors=(one, zero))
        return rules.almost_everywhere(known, both, variable=t)
    if kind == 1 and claim.head == "eq":
        return rules.almost_everywhere(
            known, rules.congruence(premise, term=exp(claim.args[0]), path=(0,), names=()), variable=t
        )
    k = r.choice([one, G.p, G.x**2, exp(G.leaf(r, (t,))), zero])
    a, b = claim.args
    head = "le" if k == zero or claim.head == "le" else claim.head
    result = rules.rearrange(
        premise, statement=make("eq" if claim.head == "eq" else head, (mul(k, a), mul(k, b))), factors=(k,)
    )
    return rules.almost_everywhere(known, result, variable=t)


@makes("integrable")
def _(r: Random) -> Theorem:
    scale = r.choice([G.p, one, G.x, G.bit, Rational(-1)])
    poly = lambda t: r.choice(
        [G.polynomial(r, t), t**3, mul(G.f(G.x), t), power(t, -1), app(G.f, t), exp(t), t**half]
    )
    body = G.one_of(
        r,
        lambda: E(Normal(G.leaf(r), scale), poly),
        lambda: E(MvNormal(G.u, r.choice([G.S, G.A])), lambda t: G.polynomial(r, t)),
        lambda: E(
            Indep(G.n, lambda j: Normal(G.mu[j], r.choice([G.sigma[j], G.mu[j]]))),
            lambda t: G.polynomial(r, t),
        ),
        lambda: Int(
            lambda t: mul(poly(t), exp(mul(r.choice([-1, -G.p, G.x, -(G.x**2), one]), t**2) + mul(G.y, t)))
        ),
        lambda: Int(lambda t: add(mul(t, exp(-G.p * t**2)), mul(poly(t), exp(-(t**2))))),
        lambda: E(MvNormal(G.u, G.S), lambda t: t @ t.T),
        lambda: Int(lambda t: poly(t)),
    )
    args = unfold(body).args if body.head == "E" else body.args
    return rules.integrable(statement=make("integrable", args))


@makes("integrable")
def _(r: Random) -> Theorem:
    from tests.proof.models.instances.calculus import of_t

    body = lam(lambda t: r.choice([of_t(r, 2, t), of_t(r, 1, t), app(G.f, t)]), REAL)
    return rules.integrable(statement=make("integrable", (G.rational(r), r.choice([G.leaf(r), one]), body)))


@makes("integrable")
def _(r: Random) -> Theorem:
    """A combination of convergent integrals, or of what looks like one."""
    parts, factors, total = [], [], None
    t = symbol("t0", r.choice([REAL, POINT, POSITIVE]))
    for _ in range(r.choice([1, 2])):
        q = G.density(r, t.sort) if t.sort != POSITIVE else None
        body = mul(pdf(q, t), G.leaf(r, (t,))) if q is not None else G.leaf(r, (t,))
        integral = make("int", (close(t, body),))
        statement = r.choice(
            [make("integrable", integral.args), eq(integral, r.choice([1, 2])), eq(integral, 0)]
        )
        parts.append(rules.assume(statement=statement))
        factors.append(r.choice([one, zero, G.x, Rational(-2)]))
        part = mul(factors[-1], body)
        total = part if total is None else add(total, part)
    return rules.integrable(*parts, statement=make("integrable", (close(t, total),)), factors=tuple(factors))
