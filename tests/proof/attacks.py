"""Attempts to prove something false: slips that this core, or other systems, once allowed.

Each gives back a theorem or raises. A theorem is no success by itself: it may carry a hypothesis that
is false. It is one when the audit finds a model in which its hypotheses hold and its statement does not.
"""

from __future__ import annotations

from collections.abc import Callable

from vaemath.proof import rules
from vaemath.proof.theorem import Theorem
from vaemath.terms.build import *
from vaemath.terms.build import chol, symbol, symbols
from vaemath.terms.term import NAT, POINT, POSITIVE, REAL, Term, make

x, y = symbols("x y", REAL)
positive, scale = symbols("positive scale", POSITIVE)
d, n = symbols("d n", NAT)
q = symbol("q", ("dist", POINT))
z = symbol("z", POINT)
mu = symbol("mu", ("fun", NAT, REAL))
A, B, C = symbols("A B C", ("mat", n, n))

ATTACKS: dict[str, Callable[[], Theorem]] = {}


def attack(body: Callable[[], Theorem]) -> Callable[[], Theorem]:
    ATTACKS[body.__name__] = body
    return body


def equal(left: Term, right: Term) -> Theorem:
    return rules.algebra(left=left, right=right)


@attack
def a_dimension_and_a_matrix_instantiated_at_once() -> Theorem:
    """tr(S S^-1) = n, with k for n and an n x n matrix for S."""
    k, s, m = symbol("k", NAT), symbol("S", ("spd", n)), symbol("M", ("spd", n))
    return rules.instantiate(equal(tr(s @ inv(s)), n), mapping={n: k, s: m})


@attack
def a_derivative_at_the_edge_of_a_domain() -> Theorem:
    return equal(D(lambda t: sqrt(t) ** 2, zero), D(lambda t: t, zero))


@attack
def a_derivative_at_the_edge_of_the_domain_of_a_sum() -> Theorem:
    roots = D(lambda t: Sum(1, d, lambda j: sqrt(j * t) ** 2), zero)
    return equal(roots, D(lambda t: Sum(1, d, lambda j: j * t), zero))


@attack
def two_symbols_exchanged_one_after_the_other() -> Theorem:
    return rules.instantiate(rules.assume(statement=lt(x, y)), mapping={x: y, y: x})


@attack
def a_hypothesis_cut_with_the_hypotheses_of_its_proof() -> Theorem:
    doubled = rules.assume(statement=eq(2 * x, 2))
    proof = rules.rearrange(doubled, statement=eq(x, 1), factors=(half,))
    return rules.cut(rules.assume(statement=eq(x, 1)), proof, names=())


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
def a_negative_density() -> Theorem:
    """0 < q(z) for every density q, then q = -1."""
    claim = rules.instantiate(rules.signed(term=pdf(q, z)), mapping={q: Density(lambda w: number(-1))})
    return rules.rearrange(claim, rules.definition(term=claim.rhs), statement=lt(0, -1), factors=(one, one))


@attack
def a_negative_density_by_definition() -> Theorem:
    named = rules.define(name=q, meaning=Density(lambda w: number(-1)), at=())
    height = rules.congruence(named, term=pdf(q, z), path=(0,), names=())
    value = rules.transitivity(height, rules.definition(term=height.rhs))
    return rules.rearrange(rules.signed(term=pdf(q, z)), value, statement=lt(0, -1), factors=(one, one))


@attack
def a_positive_symbol_made_negative() -> Theorem:
    return rules.instantiate(rules.signed(term=positive), mapping={positive: number(-1)})


@attack
def five_differs_from_five() -> Theorem:
    """A hypothesis `x != 5` lost beside `0 < x`."""
    claim = rules.instantiate(rules.assume(statement=ne(positive, 5)), mapping={positive: x})
    return rules.instantiate(claim, mapping={x: number(5)})


@attack
def a_free_symbol_captured_by_independence() -> Theorem:
    named = symbol("y#coordinate", REAL)
    term = E(Indep(d, lambda j: Normal(0, 1)), lambda w: Sum(1, d, lambda j: w[j] * named))
    return rules.independence(term=term)


@attack
def an_index_captured_by_independence() -> Theorem:
    index = symbol("j#0", NAT)
    density = Indep(d, lambda i: Normal(mu[i] + mu[index], 1))
    return rules.independence(term=E(density, lambda w: Sum(1, d, lambda j: w[j])))


@attack
def another_coordinate_under_independence() -> Theorem:
    density = Indep(d, lambda i: Normal(mu[i], 1))
    return rules.independence(term=E(density, lambda w: Sum(1, d, lambda j: w[j] * w[d])))


@attack
def a_free_symbol_captured_by_integrability() -> Theorem:
    """From E|c y| finite, E|x^2| finite: c is named as the rule names its variable."""
    wild = Density(lambda t: exp(-t * positive) / (1 + t**2) ** 2, REAL)
    c = symbol("x#0", REAL)
    known = rules.assume(statement=Integrable(wild, lambda t: c * t))
    return rules.integrable(known, density=wild, function=lam(lambda x: x**2, REAL), factors=(one,))


@attack
def a_captured_slot_in_a_derivative() -> Theorem:
    two = symbol("f", ("fun", REAL, ("fun", REAL, REAL)))
    named = symbol("u#slot", REAL)
    return rules.differentiate(term=D(lambda t: app(app(two, named), t**2), x))


@attack
def a_captured_variable_when_a_derivative_moves_under_an_integral() -> Theorem:
    at = symbol("x#0", REAL)
    return rules.leibniz(term=D(lambda t: E(Normal(0, 1), lambda x: t * x + t**2), at))


@attack
def congruence_under_a_binder_with_a_captured_name() -> Theorem:
    """x = 1 rewritten inside E_x[x], as if the bound x were the free one."""
    known = rules.assume(statement=eq(x, 1))
    return rules.congruence(known, term=E(Normal(0, 1), lambda x: x), path=(1, 0), names=(x,))


@attack
def congruence_under_a_binder_where_the_name_is_free_outside() -> Theorem:
    known = rules.assume(statement=eq(x, 1))
    return rules.congruence(known, term=x + E(Normal(0, 1), lambda w: w), path=(1, 1, 0), names=(x,))


@attack
def a_substitution_that_is_not_injective() -> Theorem:
    """z = u^2 on [-1, 1] turns the integral of 1 over [1, 1] into that of 2u over [-1, 1], and back."""
    inner = lam(lambda u: u**2, REAL)
    return rules.substitution(term=IntAB(1, 1, lambda z: z**2), inner=inner, bounds=(number(-1), one))


@attack
def a_substitution_with_bounds_swapped() -> Theorem:
    inner = lam(lambda u: -u, REAL)
    return rules.substitution(term=IntAB(0, 1, lambda z: z), inner=inner, bounds=(zero, number(-1)))


@attack
def a_decreasing_substitution_over_the_line() -> Theorem:
    inner = lam(lambda u: -2 * u, REAL)
    return rules.substitution(term=Int(lambda z: exp(-(z**2))), inner=inner, bounds=())


@attack
def a_derivative_moved_under_an_integral_with_moving_bounds() -> Theorem:
    return rules.leibniz(term=D(lambda t: IntAB(0, t, lambda w: w * t), x))


@attack
def a_derivative_moved_under_a_moving_density() -> Theorem:
    return rules.leibniz(term=D(lambda t: E(Normal(t, 1), lambda w: w * t), x))


@attack
def the_derivative_of_log_det_is_zero() -> Theorem:
    derived = rules.differentiate(term=D(lambda X: logdet(X), symbol("S", ("spd", n))))
    return equal(derived.rhs, make("scale", (zero, derived.rhs)))


@attack
def a_recursive_definition() -> Theorem:
    f = symbol("f", REAL)
    claim = rules.define(name=f, meaning=f + 1, at=())
    return rules.rearrange(claim, statement=eq(0, 1), factors=(one,))


@attack
def a_recursive_definition_of_a_function() -> Theorem:
    f = symbol("f", ("fun", REAL, REAL))
    claim = rules.define(name=f, meaning=lam(lambda t: app(f, t) + 1, REAL), at=(x,))
    return rules.rearrange(claim, statement=eq(0, 1), factors=(one,))


@attack
def mutually_recursive_definitions() -> Theorem:
    f, g = symbols("f g", REAL)
    first = rules.define(name=f, meaning=g + 1, at=())
    second = rules.define(name=g, meaning=f + 1, at=())
    return rules.rearrange(first, second, statement=eq(0, 2), factors=(one, one))


@attack
def two_definitions_of_one_name() -> Theorem:
    f = symbol("f", REAL)
    first = rules.define(name=f, meaning=zero, at=())
    second = rules.define(name=f, meaning=one, at=())
    return rules.transitivity(rules.symmetry(first), second)


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
def an_inequality_times_a_negative_number() -> Theorem:
    return rules.rearrange(rules.signed(term=x**2), statement=le(x**2, 0), factors=(number(-1),))


@attack
def a_strict_inequality_from_a_weak_one() -> Theorem:
    return rules.rearrange(rules.signed(term=x**2), statement=lt(0, x**2), factors=(one,))


@attack
def an_equation_from_an_inequality() -> Theorem:
    return rules.rearrange(rules.signed(term=x**2), statement=eq(0, x**2), factors=(one,))


@attack
def expectations_in_the_wrong_order() -> Theorem:
    at_z = rules.rearrange(rules.signed(term=pdf(q, z)), statement=lt(1, 1 + pdf(q, z)), factors=(one,))
    bound = rules.monotone(at_z, density=q, variable=z)
    return rules.rearrange(bound, statement=le(bound.rhs, bound.lhs), factors=(one,))


@attack
def a_product_of_expectations() -> Theorem:
    term = E(Normal(x, 1), lambda w: w * (w + 0))
    split = rules.linearity(term=E(Normal(x, 1), lambda w: w * w))
    return rules.transitivity(equal(term, split.lhs), split)


@attack
def an_assumption_dropped_by_a_cut() -> Theorem:
    known = rules.assume(statement=eq(x, 1))
    proof = rules.assume(statement=eq(x, 1))
    return rules.cut(known, proof, names=(x,))


@attack
def a_hypothesis_generalised_over_its_own_symbol() -> Theorem:
    claim = rules.assume(statement=make("forall", (lam(lambda t: eq(t, 1), REAL),)))
    return rules.cut(claim, rules.assume(statement=eq(x, 1)), names=(x,))


@attack
def the_tangent_touches_elsewhere() -> Theorem:
    return rules.log_tangent_equality(rules.assume(statement=eq(log(positive), positive)))


@attack
def everything_is_nonnegative() -> Theorem:
    return rules.signed(term=x)


@attack
def a_divergent_integral() -> Theorem:
    return rules.integrate(term=Int(lambda w: exp(w * x)))


@attack
def an_integral_across_a_pole() -> Theorem:
    return rules.integrate(term=IntAB(-1, 1, lambda w: w**-2))


@attack
def whitening_with_a_matrix_that_is_not_positive() -> Theorem:
    normal = MvNormal(symbol("m", ("mat", n, one)), A)
    white = rules.whitening(term=E(normal, lambda w: one))
    return rules.instantiate(white, mapping={A: make("scale", (number(-1), eye(n)))})


@attack
def a_covariance_from_means_that_are_not_zero() -> Theorem:
    standard = Indep(n, lambda j: Normal(1, 1))
    mean = rules.assume(statement=eq(E(Normal(1, 1), lambda y: y), 0))
    vector = lambda w: vec(n, lambda j: w[j])
    return rules.independence(mean, term=E(standard, lambda w: vector(w) @ vector(w).T))


@attack
def a_cholesky_factor_the_wrong_way_round() -> Theorem:
    """L' L = S."""
    s = symbol("S", ("spd", n))
    return equal(chol(s).T @ chol(s), s)
