"""Attacks through the laws of numbers, roots, logarithms and matrices."""

from __future__ import annotations

from tests.proof.attacks.registry import A, B, C, equal, given, n, refused, scale, vacuous, x, y
from vaemath.core import rules
from vaemath.core.terms import POSITIVE, REAL, make
from vaemath.core.theorem import Theorem
from vaemath.terms.build import *
from vaemath.terms.build import chol, symbol


@refused("the two sides differ by -1")
def one_is_two() -> Theorem:
    return equal(number(1), number(2))


@vacuous("0 != 0")
def division_by_zero() -> Theorem:
    """x/x = 1, at x = 0."""
    return rules.instantiate(equal(x / x, one), mapping={x: zero})


@refused("fraction in lowest terms")
def division_by_a_zero_written_otherwise() -> Theorem:
    return rules.instantiate(equal(x / x, one), mapping={x: make("num", (), (0, 5))})


@refused("fraction in lowest terms")
def a_reciprocal_written_as_a_root() -> Theorem:
    inverse = make("pow", (x,), (1, -1))
    return rules.instantiate(equal(x * inverse, one), mapping={x: zero})


@vacuous("0 != 0")
def cancelling_a_factor_that_may_be_zero() -> Theorem:
    """From x y = 0, y = 0."""
    product = rules.assume(statement=eq(x * y, 0))
    claim = rules.rearrange(product, statement=eq(y, 0), factors=(1 / x,))
    at_zero = rules.instantiate(claim, mapping={x: zero})
    return rules.cut(at_zero, equal(zero * y, zero), names=())


@given("x - y != 0")
def cancelling_a_common_denominator() -> Theorem:
    return equal((x**2 - y**2) / (x - y) * (x - y) ** 0, x + y)


@refused("differ by sqrt(x**2) - x")
def the_root_of_a_square() -> Theorem:
    return equal(sqrt(x**2), x)


@refused("differ by log(x**2) - 2*log(x)")
def the_logarithm_of_a_square() -> Theorem:
    """log(x^2) = 2 log x for real x."""
    return equal(log(x**2), 2 * log(x))


@refused("the two sides differ by")
def the_logarithm_of_a_square_of_a_difference() -> Theorem:
    return equal(exp(log((x - y) ** 2) / 2), x - y)


@refused("differ by log(x*y) - log(x) - log(y)")
def the_logarithm_of_a_product_of_negative_factors() -> Theorem:
    return equal(log(x * y), log(x) + log(y))


@refused("run from 1 to a dimension")
def a_sum_from_minus_one() -> Theorem:
    return equal(Sum(-1, -1, lambda j: sqrt(j**2)), Sum(-1, -1, lambda j: j))


@refused("a bound variable of another sort")
def a_bound_variable_of_another_sort() -> Theorem:
    index = make("bv", (), (0, POSITIVE))
    left, right = (make("lam", (b,), ("x", REAL)) for b in (sqrt(index**2), index))
    return equal(make("diff", (left, number(-1))), make("diff", (right, number(-1))))


@refused("differ by (x**3)**(1/3) - x")
def a_cube_root_of_a_negative_number() -> Theorem:
    from fractions import Fraction

    return rules.instantiate(equal((x**3) ** Fraction(1, 3), x), mapping={x: number(-1)})


@refused("differ by tr(A @ B @ C) - tr(A @ C @ B)")
def a_trace_of_three_reversed() -> Theorem:
    return equal(tr(matmul(A, B, C)), tr(matmul(A, C, B)))


@refused("A @ B and B @ A differ")
def matrices_that_commute() -> Theorem:
    return equal(A @ B, B @ A)


@refused("A and A' differ")
def a_matrix_that_equals_its_transpose() -> Theorem:
    return equal(A, A.T)


@refused("differ by -log(scale) + log(scale)*n")
def log_det_of_a_multiple_without_its_power() -> Theorem:
    s = symbol("S", ("spd", n))
    return equal(logdet(make("scale", (scale, s))), log(scale) + logdet(s))


@refused("cholesky(S)' @ cholesky(S) and S differ")
def a_cholesky_factor_the_wrong_way_round() -> Theorem:
    """L' L = S."""
    s = symbol("S", ("spd", n))
    return equal(chol(s).T @ chol(s), s)
