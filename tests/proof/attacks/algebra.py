"""Attacks through the laws of numbers, roots, logarithms and matrices."""

from __future__ import annotations

from tests.proof.attacks.registry import A, B, C, attack, equal, n, scale, x, y
from vaemath.core import rules
from vaemath.core.terms import POSITIVE, REAL, make
from vaemath.core.theorem import Theorem
from vaemath.terms.build import *
from vaemath.terms.build import chol, symbol


@attack
def one_is_two() -> Theorem:
    return equal(number(1), number(2))


@attack
def division_by_zero() -> Theorem:
    """x/x = 1, at x = 0."""
    return rules.instantiate(equal(x / x, one), mapping={x: zero})


@attack
def division_by_a_zero_written_otherwise() -> Theorem:
    return rules.instantiate(equal(x / x, one), mapping={x: make("num", (), (0, 5))})


@attack
def a_reciprocal_written_as_a_root() -> Theorem:
    inverse = make("pow", (x,), (1, -1))
    return rules.instantiate(equal(x * inverse, one), mapping={x: zero})


@attack
def cancelling_a_factor_that_may_be_zero() -> Theorem:
    """From x y = 0, y = 0."""
    product = rules.assume(statement=eq(x * y, 0))
    claim = rules.rearrange(product, statement=eq(y, 0), factors=(1 / x,))
    at_zero = rules.instantiate(claim, mapping={x: zero})
    return rules.cut(at_zero, equal(zero * y, zero), names=())


@attack
def cancelling_a_common_denominator() -> Theorem:
    return equal((x**2 - y**2) / (x - y) * (x - y) ** 0, x + y)


@attack
def the_root_of_a_square() -> Theorem:
    return equal(sqrt(x**2), x)


@attack
def the_logarithm_of_a_square() -> Theorem:
    """log(x^2) = 2 log x for real x."""
    return equal(log(x**2), 2 * log(x))


@attack
def the_logarithm_of_a_square_of_a_difference() -> Theorem:
    return equal(exp(log((x - y) ** 2) / 2), x - y)


@attack
def the_logarithm_of_a_product_of_negative_factors() -> Theorem:
    return equal(log(x * y), log(x) + log(y))


@attack
def a_sum_from_minus_one() -> Theorem:
    return equal(Sum(-1, -1, lambda j: sqrt(j**2)), Sum(-1, -1, lambda j: j))


@attack
def a_bound_variable_of_another_sort() -> Theorem:
    index = make("bv", (), (0, POSITIVE))
    left, right = (make("lam", (b,), ("x", REAL)) for b in (sqrt(index**2), index))
    return equal(make("diff", (left, number(-1))), make("diff", (right, number(-1))))


@attack
def a_cube_root_of_a_negative_number() -> Theorem:
    from fractions import Fraction

    return rules.instantiate(equal((x**3) ** Fraction(1, 3), x), mapping={x: number(-1)})


@attack
def a_trace_of_three_reversed() -> Theorem:
    return equal(tr(matmul(A, B, C)), tr(matmul(A, C, B)))


@attack
def matrices_that_commute() -> Theorem:
    return equal(A @ B, B @ A)


@attack
def a_matrix_that_equals_its_transpose() -> Theorem:
    return equal(A, A.T)


@attack
def log_det_of_a_multiple_without_its_power() -> Theorem:
    s = symbol("S", ("spd", n))
    return equal(logdet(make("scale", (scale, s))), log(scale) + logdet(s))


@attack
def a_cholesky_factor_the_wrong_way_round() -> Theorem:
    """L' L = S."""
    s = symbol("S", ("spd", n))
    return equal(chol(s).T @ chol(s), s)
