"""Attacks through derivatives where there is none."""

from __future__ import annotations

from tests.proof.attacks.registry import A, equal, given, n, refused, vacuous, x
from vaemath.core import rules
from vaemath.core.terms import NAT, POSITIVE, REAL, make
from vaemath.core.theorem import Theorem
from vaemath.terms.build import *
from vaemath.terms.build import chol, mul, symbol

f = symbol("f", ("fun", REAL, REAL))
h = symbol("h", ("fun", REAL, POSITIVE))
S = symbol("S", ("spd", n))


@given("x -> f(x) is differentiable at 0")
def the_slope_of_the_modulus_at_zero() -> Theorem:
    """f is any function, also |t|."""
    return rules.differentiate(term=D(lambda t: f(t) ** 2 + t, zero))


@vacuous("0 < 0**2")
def the_slope_of_the_modulus_written_as_a_root() -> Theorem:
    return rules.differentiate(term=D(lambda t: sqrt(t**2), zero))


@refused("stands for any function")
def the_slope_of_an_abstract_function() -> Theorem:
    return rules.differentiate(term=D(lambda t: f(t), x))


@given("is differentiable at x**2")
def a_chain_through_a_jump() -> Theorem:
    return rules.differentiate(term=D(lambda t: exp(f(t**2)), x))


@given("x2 -> h(x2) is differentiable at x")
def a_positive_function_need_not_be_smooth() -> Theorem:
    return rules.differentiate(term=D(lambda t: log(h(t)), x))


@vacuous("0 < -1")
def the_slope_of_a_logarithm_of_a_negative_number() -> Theorem:
    return rules.differentiate(term=D(lambda t: log(t), number(-1)))


@vacuous("0 != 0")
def the_slope_of_a_reciprocal_at_zero() -> Theorem:
    return rules.differentiate(term=D(lambda t: 1 / t, zero))


@vacuous("0 != 0")
def the_slope_of_a_reciprocal_times_itself() -> Theorem:
    return equal(D(lambda t: t / t, zero), D(lambda t: one, zero))


@vacuous("0 < 0")
def the_slope_of_a_root_at_the_edge() -> Theorem:
    return rules.differentiate(term=D(lambda t: t * sqrt(t), zero))


@refused("is no fresh symbol of sort")
def functions_equal_on_the_half_line_have_one_slope_at_zero() -> Theorem:
    p = symbol("p", POSITIVE)
    return rules.congruence(equal(sqrt(p**2), p), term=D(lambda t: sqrt(t**2), zero), path=(0, 0), names=(p,))


@refused("is no fresh symbol of sort")
def functions_equal_on_the_half_line_have_one_slope_everywhere() -> Theorem:
    p = symbol("p", POSITIVE)
    return rules.congruence(equal(sqrt(p**2), p), term=D(lambda t: sqrt(t**2), x), path=(0, 0), names=(p,))


@refused("is no fresh symbol of sort")
def functions_equal_on_the_half_line_have_one_integral() -> Theorem:
    p = symbol("p", POSITIVE)
    return rules.congruence(
        equal(sqrt(p**2), p), term=IntAB(-1, 1, lambda t: sqrt(t**2)), path=(2, 0), names=(p,)
    )


@given("for all real x: f(x) = x")
def functions_equal_at_one_point_have_one_slope() -> Theorem:
    known = rules.assume(statement=eq(f(x), x))
    return rules.congruence(known, term=D(lambda t: f(t), one), path=(0, 0), names=(x,))


@refused("a real function of a real number or a matrix")
def a_derivative_by_an_index() -> Theorem:
    k = symbol("k", NAT)
    return rules.differentiate(term=make("diff", (lam(lambda j: j * k, NAT), k)))


@refused("a real function of a real number or a matrix")
def a_derivative_by_a_positive_definite_matrix() -> Theorem:
    return rules.differentiate(term=make("diff", (lam(lambda X: logdet(X), ("spd", n)), S)))


@refused("no rule for cholesky")
def a_derivative_of_a_cholesky_factor() -> Theorem:
    return rules.differentiate(term=D(lambda X: tr(chol(X)), S))


@vacuous("0*A is invertible")
def a_derivative_of_an_inverse_that_is_none() -> Theorem:
    return rules.differentiate(term=D(lambda X: tr(inv(X)), make("scale", (zero, A))))


@given("A is symmetric positive definite")
def log_det_at_a_matrix_of_negative_determinant() -> Theorem:
    return rules.differentiate(term=D(lambda X: logdet(X), A))


@refused("A' and A differ")
def the_gradient_of_log_det_uses_symmetry_first() -> Theorem:
    at_s = rules.differentiate(term=D(lambda X: tr(X @ A), S))
    return rules.transitivity(at_s, equal(at_s.rhs, A))


@given("is differentiable at x")
def a_function_that_is_nowhere_smooth_times_zero() -> Theorem:
    return rules.differentiate(term=D(lambda t: mul(x, f(t)), x))
