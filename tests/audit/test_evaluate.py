"""The evaluator against known values: every head, every kind of integral, and what has no value."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from flint import ctx

from tests.audit.terms import *
from vaemath.audit.evaluate import unreadable
from vaemath.audit.values import BeyondError, Coordinates, UndefinedError, ball, show, spread
from vaemath.core.terms import BIT, POINT, REAL, make
from vaemath.terms.build import *
from vaemath.terms.build import special


def value(term, **given):
    """A real term at numbers, as an mpmath number of 50 digits."""
    with ctx.workdps(70):
        numbers = {s: ball(Fraction(given[s.data[0]])) for s in term.free if s.data[0] in given}
        model = Model(0, given=numbers)
    with mpmath.workdps(60):
        return mpmath.mpf(evaluate(term, model).str(55, radius=False))


def close_to(a, b):
    with mpmath.workdps(60):
        return abs(a - b) < mpmath.mpf(10) ** -45 * (1 + abs(b))


def test_every_head_of_the_language_is_read():
    assert unreadable() == frozenset()


@pytest.mark.parametrize(
    ("head", "reference"),
    [
        ("expm1", lambda t: mpmath.expm1(t)),
        ("log1p", lambda t: mpmath.log1p(t)),
        ("expm1_minus", lambda t: mpmath.expm1(t) - t),
        ("log1p_minus", lambda t: t - mpmath.log1p(t)),
        ("sigmoid", lambda t: 1 / (1 + mpmath.exp(-t))),
        ("softplus", lambda t: mpmath.log1p(mpmath.exp(t))),
    ],
)
def test_special_functions(head, reference):
    with mpmath.workdps(60):
        for t in (Fraction(3, 2), Fraction(-1, 3)):
            expected = reference(mpmath.mpf(t.numerator) / t.denominator)
            assert close_to(value(special(head, x), x=t), expected)


def test_powers_and_roots():
    with mpmath.workdps(60):
        assert close_to(value(x ** Fraction(-2, 3), x=5), mpmath.mpf(5) ** (mpmath.mpf(-2) / 3))
        assert value(sqrt(x), x=0) == 0
        assert value(x ** Fraction(2, 3), x=0) == 0
        assert value(x**0, x=0) == 1


@pytest.mark.parametrize("term", [log(x), sqrt(x), x**-1 + 1 / (x + 1), logdet(make("scale", (x, S)))])
def test_what_has_no_value_is_undefined(term):
    model = Model(0, given={x: ball(Fraction(-1))}, dimension=1)
    with pytest.raises(UndefinedError):
        evaluate(term, model)


def test_the_integral_of_an_explicit_integrand():
    with mpmath.workdps(60):
        assert close_to(value(Int(lambda z: exp(-((z - x) ** 2) * 3)), x=7), mpmath.sqrt(mpmath.pi / 3))
        assert close_to(value(IntAB(1, 2, lambda z: 1 / z)), mpmath.log(2))
        assert close_to(value(IntAB(2, 1, lambda z: 1 / z)), -mpmath.log(2))


@pytest.mark.parametrize("integrand", [lambda z: exp(z), lambda z: z, lambda z: z**0])
def test_divergent_integrals_have_no_value(integrand):
    with pytest.raises(UndefinedError):
        evaluate(Int(integrand), Model(0))


def test_expectations_of_polynomials_and_of_analytic_functions():
    with mpmath.workdps(60):
        normal = Normal(Rational(1, 2), Rational(3, 2))
        assert close_to(value(E(normal, lambda z: z**6)), mpmath.mpf("229.9375"))
        assert close_to(value(E(normal, lambda z: exp(z))), mpmath.exp(mpmath.mpf(1) / 2 + mpmath.mpf(9) / 8))
    assert everywhere(
        eq(E(Normal(m1, s1), lambda z: log(pdf(Normal(m2, s2), z))), -CE(Normal(m1, s1), Normal(m2, s2)))
    )


def test_what_quadrature_leaves_open_is_in_the_radius():
    """Softplus has its singularities near: two steps of the rule agree to some digits only."""
    with ctx.workdps(65):
        coarse = evaluate(
            E(Indep(2, lambda j: Normal(0, 1)), lambda z: special("softplus", z[1] + z[2])), Model(0)
        )
        single = evaluate(E(Normal(0, 1), lambda z: special("softplus", z * sqrt(2))), Model(0))
        assert coarse.overlaps(single)
        assert 1e-30 < spread(coarse) < 1e-9


def test_moments_of_independent_coordinates_and_of_vectors():
    product = Indep(d, lambda j: Normal(mu[j], sigma[j]))
    assert everywhere(
        eq(
            E(product, lambda z: Sum(1, d, lambda j: z[j] ** 2)),
            Sum(1, d, lambda j: mu[j] ** 2 + sigma[j] ** 2),
        )
    )
    normal = MvNormal(u, S)
    assert everywhere(eq(E(normal, lambda z: z), u))
    assert everywhere(eq(E(normal, lambda z: z @ z.T), add(S, u @ u.T)))
    assert nowhere(eq(E(normal, lambda z: z @ z.T), S))


def test_discrete_densities():
    prob = Rational(1, 3)
    assert everywhere(eq(E(Bernoulli(prob), lambda b: 6 * b), 2))
    assert everywhere(eq(Sum(1, d, lambda j: j), E(Categorical(d, lambda j: 1 + 0 * j), lambda j: j)))
    assert everywhere(Normalised(p))
    assert everywhere(eq(E(p, lambda z: pdf(q, z) / pdf(p, z)), 1))
    assert everywhere(eq(KL(p, p), 0))
    assert everywhere(eq(Int(lambda b: 1 + b, BIT), 3))
    assert everywhere(eq(E(Density(lambda z: 2 * pdf(q, z), POINT), lambda z: 1), 2))


def test_densities_are_not_normalised_on_request():
    assert all(verdict(Normalised(p), Model(seed, normalised=False)).truth is False for seed in range(4))


def test_derivatives_of_numbers_and_matrices():
    assert everywhere(eq(D(lambda t: exp(2 * t) * t, x), exp(2 * x) * (1 + 2 * x)))
    assert everywhere(eq(D(lambda X: logdet(X), S), inv(S)))
    assert everywhere(eq(D(lambda X: tr(X @ A), S), A.T))
    assert everywhere(eq(D(lambda t: E(Normal(t, 1), lambda z: z**2), x), 2 * x))


def test_matrices():
    assert everywhere(eq(tr(A @ S), tr(S @ A)))
    assert everywhere(eq(inv(S @ T), inv(T) @ inv(S)))
    assert everywhere(eq(quad(u, S), tr(u @ u.T @ S)))
    assert everywhere(eq(logdet(diagm(n, lambda j: sigma[j])), Sum(1, n, lambda j: log(sigma[j]))))
    assert everywhere(make("spd", (S,)))
    assert nowhere(make("spd", (make("scale", (number(-1), S)),)))
    assert everywhere(make("invertible", (S,)))
    assert nowhere(make("invertible", (make("scale", (number(0), S)),)))


def test_statements_about_all_values():
    assert everywhere(Forall(lambda t: le(0, t**2), REAL))
    assert nowhere(Forall(lambda t: lt(0, t**2), REAL))
    assert everywhere(Forall(lambda z: lt(0, pdf(p, z)), POINT))
    assert everywhere(AlmostEverywhere(p, lambda z: ne(pdf(p, z), 0)))
    assert nowhere(AlmostEverywhere(p, lambda z: eq(pdf(p, z), pdf(q, z))))


def test_integrability():
    assert everywhere(Integrable(Normal(0, 1), lambda z: exp(z)))
    assert verdict(Integrable(Normal(0, 1), lambda z: exp(z**2)), Model(0)).truth is None
    assert verdict(Integrable(Normal(0, 3), lambda z: exp(z**2)), Model(0)).undefined


def test_a_statement_without_a_value_is_neither_true_nor_false():
    found = verdict(eq(log(x - x), 0), Model(0))
    assert found.truth is None
    assert found.undefined


def test_a_missing_coordinate_is_beyond_the_evaluator():
    with pytest.raises(BeyondError, match="coordinate 3 of a point with 2"):
        Coordinates((ball(1), ball(2)))(3)


def test_values_are_shown_as_people_write_them():
    assert show(evaluate(Rational(1, 3), Model(0))) == "1/3"
    assert show(evaluate(pi, Model(0))) == "3.141593"
