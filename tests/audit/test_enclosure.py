"""Enclosures in ball arithmetic: they contain the truth, refute slips, and refuse what they cannot bound."""

from __future__ import annotations

import pytest
from flint import arb, ctx

from tests.audit.terms import *
from vaemath.audit.enclosure import compare, converges
from vaemath.audit.growth import growth
from vaemath.audit.values import BeyondError, UndefinedError
from vaemath.core.terms import REAL, make
from vaemath.terms.build import *

NORMAL = Normal(m1, s1)
MOMENTS = [
    (lambda z: pdf(NORMAL, z), one),
    (lambda z: pdf(NORMAL, z) * z, m1),
    (lambda z: pdf(NORMAL, z) * (z - m1) ** 2, s1**2),
    (lambda z: pdf(NORMAL, z) * z**4, m1**4 + 6 * m1**2 * s1**2 + 3 * s1**4),
    (lambda z: pdf(NORMAL, z) * exp(z), exp(m1 + s1**2 / 2)),
    (lambda z: exp(-((z - m1) ** 2) / (2 * s1**2)) / sqrt(2 * pi) / s1, one),
]


@pytest.mark.parametrize(("integrand", "value"), MOMENTS)
@pytest.mark.parametrize("seed", range(4))
def test_gaussian_integrals_lie_in_their_balls(integrand, value, seed):
    found = compare(eq(Int(integrand), value), Model(seed))
    assert found.holds
    assert compare(eq(Int(integrand), value + Rational(1, 10**9)), Model(seed)).refuted


def test_integrals_over_an_interval():
    assert compare(eq(IntAB(1, 4, lambda z: sqrt(z)), Rational(14, 3)), Model(0)).holds
    assert compare(eq(IntAB(1, 2, lambda z: 1 / z), log(2)), Model(0)).holds
    assert compare(eq(IntAB(0, 1, lambda z: z**2), Rational(1, 2)), Model(0)).refuted


def test_a_substitution_that_is_not_injective_is_refuted():
    """u = x^2 on [-1, 1] turns the integral of x^2 into an integral from 1 to 1."""
    assert compare(eq(IntAB(-1, 1, lambda z: z**2), 0), Model(0)).refuted
    assert compare(eq(IntAB(-1, 1, lambda z: z**2), Rational(2, 3)), Model(0)).holds


@pytest.mark.parametrize("integrand", [lambda z: exp(z), lambda z: z, lambda z: exp(z**2 - 1)])
def test_divergent_integrals_are_not_enclosed(integrand):
    with pytest.raises(UndefinedError):
        compare(eq(Int(integrand), 1), Model(0))


def test_what_has_no_bound_is_refused():
    with pytest.raises(BeyondError):
        compare(eq(Int(lambda z: 1 / (1 + z**2)), pi), Model(0))
    with pytest.raises(BeyondError):
        compare(eq(Int(lambda z: exp(-(z**4))), 1), Model(0))


def test_convergence_under_a_normal_density():
    assert converges(Integrable(NORMAL, lambda z: z**7 - z), Model(0))
    assert converges(Integrable(NORMAL, lambda z: exp(3 * z)), Model(0))
    assert not converges(Integrable(Normal(0, 2), lambda z: exp(z**2)), Model(0))


def test_the_tail_is_part_of_the_ball(monkeypatch):
    monkeypatch.setattr("vaemath.audit.enclosure._between", lambda f, low, high: arb(1))
    monkeypatch.setattr("vaemath.audit.growth.Growth.tail", lambda self, reach: arb("5e-23"))
    assert compare(eq(Int(lambda z: pdf(NORMAL, z)), 1), Model(0)).integral.rad() >= arb("4.9e-23")


def test_growth_of_sums_and_products():
    at = make("bv", (), (0, REAL))
    with ctx.workdps(40):
        assert growth(at + at**3, Model(0), (None,)).m == 3
        assert growth(at * at**3, Model(0), (None,)).m == 4
        both = growth(exp(-(at**2)) + exp(-3 * at**2 + 2 * at), Model(0), (None,))
        assert (both.a, both.b) == (1, 2)


def test_tails_are_bounded_from_above():
    integrand = (lambda z: (1 + z**3) * exp(-(z**2)))(make("bv", (), (0, REAL)))
    with ctx.workdps(40):
        bound = growth(integrand, Model(0), (None,))
        for reach in (4, 6, 9):
            r = arb(reach)
            exact = (
                r * (-(r**2)).exp() * r + (-(r**2)).exp()
            ) + r.erfc() * arb.const_sqrt_pi()  # 2 x^3 and 1 parts
            assert bound.tail(r) > exact
        steep = growth((lambda z: z**30 * exp(-(z**2)))(make("bv", (), (0, REAL))), Model(0), (None,))
        assert steep.tail(arb(16)) > arb(16) ** 29 * arb(-256).exp() * 9 / 10
        with pytest.raises(UndefinedError):  # at 6 the power still grows faster than the exponential falls
            steep.tail(arb(6))
    with pytest.raises(UndefinedError):
        bound.tail(arb(1) / 2)
