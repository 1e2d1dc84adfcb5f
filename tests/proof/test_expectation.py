"""The rules for expectations on random integrands, under densities of every kind."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proof.random_terms import A, S, confirmed, d, mu, n, p, sigma, u, x, y
from vaemath.core import rules
from vaemath.core.terms import POINT, REAL, Term, make
from vaemath.core.theorem import ProofError
from vaemath.errors import VaemathError
from vaemath.terms.build import *
from vaemath.terms.build import symbol

SEEDS = st.integers(0, 2**32)
NORMAL, VECTOR = Normal(y, p), MvNormal(u, S)
COORDINATES = Indep(d, lambda j: Normal(mu[j], sigma[j]))
q = symbol("q", ("dist", POINT))
z = symbol("z", POINT)
g = symbol("g", ("fun", POINT, REAL))


def polynomial(r: random.Random, t: Term, depth: int) -> Term:
    """A polynomial in t with coefficients from elsewhere."""
    if depth == 0:
        return r.choice([t, t, x, p, Rational(r.randrange(-3, 4), 2)])
    parts = polynomial(r, t, depth - 1), polynomial(r, t, depth - 1)
    return r.choice([add(*parts), mul(*parts), parts[0] ** 2 if depth < 2 else parts[0] - parts[1]])


def _minus(a: Term, b: Term) -> Term:
    return add(a, make("scale", (number(-1), b)))


@settings(max_examples=60)
@given(SEEDS, st.integers(1, 3))
def test_linearity_under_a_normal_density(seed, depth):
    r = random.Random(seed)
    try:
        theorem = rules.linearity(term=E(NORMAL, lambda t: polynomial(r, t, depth)))
    except VaemathError:
        return
    assert confirmed(theorem)


@settings(max_examples=40)
@given(SEEDS, st.integers(0, 2))
def test_linearity_of_matrices_under_a_multivariate_normal(seed, depth):
    r = random.Random(seed)
    outer = r.choice([lambda m: m, tr, lambda m: quad(u, m)])

    def integrand(t: Term) -> Term:
        return outer(form_of(r, t, depth))

    try:
        theorem = rules.linearity(term=E(VECTOR, integrand))
    except VaemathError:
        return
    assert confirmed(theorem)


def form_of(r: random.Random, t: Term, depth: int) -> Term:
    if depth == 0:
        centred = _minus(t, u)
        return r.choice([t @ t.T, centred @ centred.T, t @ u.T, A, t @ t.T @ A, S @ t @ u.T])
    parts = form_of(r, t, depth - 1), form_of(r, t, depth - 1)
    choices = [add(*parts), parts[0].T, make("scale", (x, parts[0])), A @ parts[0] @ S]
    return r.choice(choices)


@settings(max_examples=40)
@given(SEEDS, st.integers(1, 2))
def test_independence_of_random_sums(seed, depth):
    r = random.Random(seed)
    state = r.getstate()

    def summand(t: Term, j: Term) -> Term:
        r.setstate(state)
        return polynomial(r, t[j], depth) * mu[j]

    theorem = rules.independence(term=E(COORDINATES, lambda t: Sum(1, d, lambda j: summand(t, j))))
    assert confirmed(theorem)
    vectors = rules.independence(term=E(COORDINATES, lambda t: vec(d, lambda j: summand(t, j))))
    assert confirmed(vectors)


def test_independence_refuses_what_joins_coordinates():
    joined = [
        lambda t: Sum(1, d, lambda j: t[j] * t[d]),
        lambda t: Sum(1, d, lambda j: Sum(1, d, lambda k: t[j] * t[k])),
        lambda t: Sum(1, d, lambda j: t[j]) ** 2,
        lambda t: Sum(1, d + 1, lambda j: t[j]),
        lambda t: vec(d, lambda j: t[j]) @ vec(d, lambda j: t[j]).T,
    ]
    for f in joined:
        with pytest.raises(VaemathError):
            rules.independence(term=E(COORDINATES, f))


def test_the_covariance_of_independent_coordinates_needs_their_means():
    standard = Indep(n, lambda j: Normal(0, 1))
    vector = lambda t: vec(n, lambda j: t[j])
    outer = E(standard, lambda t: vector(t) @ vector(t).T)
    mean = rules.assume(statement=eq(E(Normal(0, 1), lambda t: t), 0))
    assert confirmed(rules.independence(mean, term=outer))
    other = rules.assume(statement=eq(E(Normal(1, 1), lambda t: t), 0))
    with pytest.raises(ProofError):
        rules.independence(other, term=outer)
    with pytest.raises(ProofError):
        rules.independence(
            rules.assume(statement=eq(E(Normal(0, 1), lambda t: t), 0)),
            term=E(COORDINATES, lambda t: vec(d, lambda j: t[j]) @ vec(d, lambda j: t[j]).T),
        )


@settings(max_examples=25)
@given(SEEDS, st.integers(0, 1))
def test_whitening_of_random_forms(seed, depth):
    r = random.Random(seed)
    theorem = rules.whitening(term=E(VECTOR, lambda t: tr(form_of(r, t, depth))))
    assert confirmed(theorem)


@settings(max_examples=60)
@given(SEEDS, st.integers(1, 3))
def test_polynomials_are_integrable(seed, depth):
    r = random.Random(seed)
    theorem = rules.integrable(statement=Integrable(NORMAL, lambda t: polynomial(r, t, depth)))
    assert confirmed(theorem)


@pytest.mark.parametrize(
    ("density", "function"),
    [
        (NORMAL, lambda t: exp(t**2)),
        (NORMAL, lambda t: 1 / t),
        (NORMAL, lambda t: log(t**2)),
        (NORMAL, lambda t: app(symbol("f", ("fun", REAL, REAL)), t)),
        (q, lambda t: app(g, t)),
        (VECTOR, lambda t: exp(scalar(t.T @ t))),
        (VECTOR, lambda t: tr(inv(t @ t.T))),
    ],
)
def test_what_is_no_polynomial_is_not_seen_to_be_integrable(density, function):
    with pytest.raises(VaemathError):
        rules.integrable(statement=Integrable(density, function))


def test_combinations_of_integrable_functions():
    known = rules.assume(statement=Integrable(q, lambda t: app(g, t)))
    total = rules.assume(statement=Normalised(q))
    goal = Integrable(q, lambda t: x * app(g, t) + y)
    theorem = rules.integrable(known, total, statement=goal, factors=(x, y))
    assert theorem.hypotheses == known.hypotheses | total.hypotheses
    assert confirmed(theorem)
    with pytest.raises(ProofError):
        rules.integrable(known, statement=Integrable(q, lambda t: app(g, t) ** 2), factors=(x,))
    with pytest.raises(ProofError):
        rules.integrable(known, total, statement=goal, factors=(x,))


def test_monotone_needs_the_inequality_everywhere():
    below = rules.rearrange(rules.signed(term=pdf(q, z)), statement=lt(1, 1 + pdf(q, z)), factors=(one,))
    assert confirmed(rules.monotone(below, density=q, variable=z))
    at_a_point = rules.assume(statement=le(app(g, z), 0))
    theorem = rules.monotone(at_a_point, density=q, variable=z)
    assert Forall(lambda t: le(app(g, t), 0), POINT) in theorem.hypotheses


def test_a_nonnegative_function_with_mean_zero_vanishes():
    square = rules.signed(term=app(g, z) ** 2)
    mean = rules.assume(statement=eq(E(q, lambda t: app(g, t) ** 2), 0))
    theorem = rules.vanish(mean, square, variable=z)
    assert theorem.statement == AlmostEverywhere(q, lambda t: eq(app(g, t) ** 2, 0))
    with pytest.raises(ProofError):
        rules.vanish(mean, rules.signed(term=app(g, z) ** 4), variable=z)
