"""Attacks through derivatives, integrals, expectations and densities of several coordinates."""

from __future__ import annotations

from tests.proof.attacks.registry import A, d, equal, given, mu, n, positive, q, refused, vacuous, x, z
from vaemath.core import rules
from vaemath.core.terms import NAT, REAL, make
from vaemath.core.theorem import Theorem
from vaemath.terms.build import *
from vaemath.terms.build import symbol


@vacuous("0 < 0")
def a_derivative_at_the_edge_of_a_domain() -> Theorem:
    return equal(D(lambda t: sqrt(t) ** 2, zero), D(lambda t: t, zero))


@vacuous("for all j in 1..d: 0 < j*0")
def a_derivative_at_the_edge_of_the_domain_of_a_sum() -> Theorem:
    roots = D(lambda t: Sum(1, d, lambda j: sqrt(j * t) ** 2), zero)
    return equal(roots, D(lambda t: Sum(1, d, lambda j: j * t), zero))


@refused("a name is a letter followed by")
def a_free_symbol_captured_by_independence() -> Theorem:
    named = symbol("y#coordinate", REAL)
    term = E(Indep(d, lambda j: Normal(0, 1)), lambda w: Sum(1, d, lambda j: w[j] * named))
    return rules.independence(term=term)


@given("for all j in 1..d: int [N(mu[j] + mu[j#0], 1)(x)] dx = 1")
def an_index_captured_by_independence() -> Theorem:
    index = symbol("j#0", NAT)
    density = Indep(d, lambda i: Normal(mu[i] + mu[index], 1))
    return rules.independence(term=E(density, lambda w: Sum(1, d, lambda j: w[j])))


@refused("`app` expects a function and its arguments")
def another_coordinate_under_independence() -> Theorem:
    density = Indep(d, lambda i: Normal(mu[i], 1))
    return rules.independence(term=E(density, lambda w: Sum(1, d, lambda j: w[j] * w[d])))


@refused("differs from the combination")
def a_free_symbol_captured_by_integrability() -> Theorem:
    """From E|c y| finite, E|x^2| finite: c is named as the rule names its variable."""
    wild = Density(lambda t: exp(-t * positive) / (1 + t**2) ** 2, REAL)
    c = symbol("x#0", REAL)
    known = rules.assume(statement=Integrable(wild, lambda t: c * t))
    return rules.integrable(known, statement=Integrable(wild, lambda x: x**2), factors=(one,))


@refused("a name is a letter followed by")
def a_captured_slot_in_a_derivative() -> Theorem:
    two = symbol("f", ("fun", REAL, ("fun", REAL, REAL)))
    named = symbol("u#slot", REAL)
    return rules.differentiate(term=D(lambda t: app(app(two, named), t**2), x))


@given("derivative and integral may be exchanged in d/dx[E_x2~N(0, 1)[x*x2 + x**2] at x=x#0]")
def a_captured_variable_when_a_derivative_moves_under_an_integral() -> Theorem:
    at = symbol("x#0", REAL)
    return rules.leibniz(term=D(lambda t: E(Normal(0, 1), lambda x: t * x + t**2), at))


@vacuous("for all real x: 0 < 2*x")
def a_substitution_that_is_not_injective() -> Theorem:
    """z = u^2 on [-1, 1] turns the integral of 1 over [1, 1] into that of 2u over [-1, 1], and back."""
    inner = lam(lambda u: u**2, REAL)
    return rules.substitution(term=IntAB(1, 1, lambda z: z**2), inner=inner, bounds=(number(-1), one))


@vacuous("0 < -1")
def a_substitution_with_bounds_swapped() -> Theorem:
    inner = lam(lambda u: -u, REAL)
    return rules.substitution(term=IntAB(0, 1, lambda z: z), inner=inner, bounds=(zero, number(-1)))


@vacuous("0 < -2")
def a_decreasing_substitution_over_the_line() -> Theorem:
    inner = lam(lambda u: -2 * u, REAL)
    return rules.substitution(term=Int(lambda z: exp(-(z**2))), inner=inner, bounds=())


@refused("under a fixed density")
def a_derivative_moved_under_an_integral_with_moving_bounds() -> Theorem:
    return rules.leibniz(term=D(lambda t: IntAB(0, t, lambda w: w * t), x))


@refused("under a fixed density")
def a_derivative_moved_under_a_moving_density() -> Theorem:
    return rules.leibniz(term=D(lambda t: E(Normal(t, 1), lambda w: w * t), x))


@refused("inv(S) and 0*inv(S)' differ")
def the_derivative_of_log_det_is_zero() -> Theorem:
    derived = rules.differentiate(term=D(lambda X: logdet(X), symbol("S", ("spd", n))))
    return equal(derived.rhs, make("scale", (zero, derived.rhs)))


@refused("the two sides differ by")
def expectations_in_the_wrong_order() -> Theorem:
    at_z = rules.rearrange(rules.signed(term=pdf(q, z)), statement=lt(1, 1 + pdf(q, z)), factors=(one,))
    bound = rules.monotone(at_z, density=q, variable=z)
    return rules.rearrange(bound, statement=le(bound.rhs, bound.lhs), factors=(one,))


@refused("has no sum and no constant factor")
def a_product_of_expectations() -> Theorem:
    term = E(Normal(x, 1), lambda w: w * (w + 0))
    split = rules.linearity(term=E(Normal(x, 1), lambda w: w * w))
    return rules.transitivity(equal(term, split.lhs), split)


@refused("no closed form")
def a_divergent_integral() -> Theorem:
    return rules.integrate(term=Int(lambda w: exp(w * x)))


@refused("no closed form")
def an_integral_across_a_pole() -> Theorem:
    return rules.integrate(term=IntAB(-1, 1, lambda w: w**-2))


@vacuous("(-1)*I(n) is symmetric positive definite")
def whitening_with_a_matrix_that_is_not_positive() -> Theorem:
    normal = MvNormal(symbol("m", ("mat", n, one)), A)
    white = rules.whitening(term=E(normal, lambda w: one))
    return rules.instantiate(white, mapping={A: make("scale", (number(-1), eye(n)))})


@vacuous("E_x~N(1, 1)[x] = 0")
def a_covariance_from_means_that_are_not_zero() -> Theorem:
    standard = Indep(n, lambda j: Normal(1, 1))
    mean = rules.assume(statement=eq(E(Normal(1, 1), lambda y: y), 0))
    vector = lambda w: vec(n, lambda j: w[j])
    return rules.independence(mean, term=E(standard, lambda w: vector(w) @ vector(w).T))
