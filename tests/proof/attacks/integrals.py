"""Attacks through integrals that do not converge, densities that are none, and exchanges of limits."""

from __future__ import annotations

from tests.proof.attacks.registry import A, given, n, positive, q, refused, vacuous, x
from vaemath.core import rules
from vaemath.core.terms import BIT, NAT, REAL, make
from vaemath.core.theorem import Theorem
from vaemath.terms.build import *
from vaemath.terms.build import mul, power, symbol

f = symbol("f", ("fun", REAL, REAL))
cauchy = Density(lambda t: 1 / (pi * (1 + t**2)), REAL)


@vacuous("int [|1|] dx is finite")
def the_line_has_length_zero() -> Theorem:
    """The integral of 1 + exp(-x^2) is that of 1 plus that of exp(-x^2)."""
    return rules.linearity(term=Int(lambda t: 1 + exp(-(t**2))))


@vacuous("int [|1|] dx is finite")
def a_constant_out_of_a_divergent_integral() -> Theorem:
    return rules.linearity(term=Int(lambda t: x * 2))


@vacuous("int [|x**2|] dx is finite")
def a_divergent_integral_minus_itself() -> Theorem:
    return rules.linearity(term=Int(lambda t: t**2 - t**2 + exp(-(t**2))))


@vacuous("E_x~(x -> 1/(pi*(1 + x**2)))[|x|] is finite")
def the_mean_of_a_cauchy_law() -> Theorem:
    return rules.linearity(term=E(cauchy, lambda t: t + 1))


@refused("no closed form")
def the_mean_of_a_cauchy_law_by_sympy() -> Theorem:
    return rules.integrate(term=Int(lambda t: t / (1 + t**2)))


@vacuous("0 < -1")
def an_odd_integral_by_substitution() -> Theorem:
    return rules.substitution(term=Int(lambda t: f(t)), inner=lam(lambda u: -u, REAL), bounds=())


@vacuous("0 < 0")
def a_substitution_by_a_constant() -> Theorem:
    return rules.substitution(term=Int(lambda t: f(t)), inner=lam(lambda u: x + 0 * u, REAL), bounds=())


@refused("must be linear in")
def a_substitution_by_a_cube_over_the_line() -> Theorem:
    return rules.substitution(term=Int(lambda t: f(t)), inner=lam(lambda u: u**3, REAL), bounds=())


@given("for all real x: x2 -> f(x2) is differentiable at x")
def a_substitution_with_a_kink() -> Theorem:
    inner = lam(lambda u: u + f(u), REAL)
    return rules.substitution(term=IntAB(f(zero), 1 + f(one), lambda t: t), inner=inner, bounds=(zero, one))


@vacuous("[|x**2|] is finite")
def monotone_where_one_side_diverges() -> Theorem:
    t = symbol("t", REAL)
    bound = rules.rearrange(rules.signed(term=t**2), statement=le(0, t**2), factors=(one,))
    return rules.monotone(bound, density=cauchy, variable=t)


@vacuous("for all x in 0, 1: 0 <= (x -> x - 1)(x)")
def monotone_under_a_density_of_any_sign() -> Theorem:
    b = symbol("b", BIT)
    return rules.monotone(rules.signed(term=exp(b)), density=Density(lambda t: t - 1, BIT), variable=b)


@refused("does not say that an integral converges")
def convergence_from_an_integral_that_is_zero() -> Theorem:
    integral = Int(lambda t: f(t))
    known = rules.assume(statement=eq(integral, 0))
    return rules.integrable(known, statement=make("integrable", integral.args), factors=(one,))


@refused("does not show that its integral converges")
def convergence_of_a_polynomial() -> Theorem:
    return rules.integrable(statement=make("integrable", Int(lambda t: t**2).args))


@refused("does not show that its integral converges")
def convergence_of_a_growing_exponential() -> Theorem:
    return rules.integrable(statement=make("integrable", Int(lambda t: exp(x * t**2)).args))


@vacuous("0 < -1")
def convergence_under_a_normal_law_of_negative_scale() -> Theorem:
    return rules.integrable(statement=Integrable(Normal(0, -1), lambda t: t))


@refused("does not show that its integral converges")
def convergence_of_a_pole_under_a_normal_law() -> Theorem:
    return rules.integrable(statement=Integrable(Normal(0, 1), lambda t: 1 / t))


@vacuous("for all real x: x != 0")
def convergence_over_an_interval_with_a_pole() -> Theorem:
    return rules.integrable(statement=make("integrable", IntAB(0, 1, lambda t: 1 / t).args))


@given("for all real x: x2 -> f(x2) is differentiable at x")
def convergence_of_any_function_over_an_interval() -> Theorem:
    return rules.integrable(statement=make("integrable", IntAB(0, 1, lambda t: f(t)).args))


@refused("dimensions that no binder takes")
def a_polynomial_with_as_many_terms_as_its_variable() -> Theorem:
    """A sum up to the variable itself is no polynomial."""
    return rules.integrable(
        statement=Integrable(Density(lambda k: exp(-k), NAT), lambda k: Sum(1, k, lambda j: j))
    )


@given("[|j|] is finite")
def a_sum_over_all_numbers_split() -> Theorem:
    return rules.linearity(term=E(Density(lambda k: 1 / k**2, NAT), lambda k: k + 1))


@vacuous("int_(-1)^1 [|1/x|] dx is finite")
def an_integral_across_a_pole_is_split() -> Theorem:
    return rules.linearity(term=IntAB(-1, 1, lambda t: 1 / t + t))


@vacuous("for all real x: 0 < x")
def a_logarithm_integrated_where_it_is_none() -> Theorem:
    return rules.linearity(term=IntAB(-1, 1, lambda t: log(t) + t))


@vacuous("int [(x -> exp(-x**2))(x)] dx = 1")
def independent_densities_that_do_not_integrate_to_one() -> Theorem:
    flat = Indep(n, lambda j: Density(lambda t: exp(-(t**2)), REAL))
    return rules.independence(term=E(flat, lambda z: one))


@vacuous("E_x~(x -> 1/(pi*(1 + x**2)))[|x|] is finite")
def independent_coordinates_without_means() -> Theorem:
    return rules.independence(term=E(Indep(n, lambda j: cauchy), lambda z: Sum(1, n, lambda j: z[j])))


@given("derivative and integral may be exchanged")
def a_derivative_moved_under_an_integral_that_is_not_dominated() -> Theorem:
    """t |t| w^2/(t^2 + w^2)^2: the integral is pi t/2, and the slope of each value at t = 0 is zero."""
    bump = lambda t, w: mul(mul(f(t), w**2), power(t**2 + w**2, -2))
    return rules.leibniz(term=D(lambda t: Int(lambda w: bump(t, w)), zero))


@given("x -> f(x) is differentiable at 0")
def a_derivative_moved_under_a_finite_sum_of_kinks() -> Theorem:
    return rules.leibniz(term=D(lambda t: E(Bernoulli(half), lambda b: b * f(t) - (1 - b) * f(t)), zero))


@vacuous("for all real x: 0 <= x")
def nothing_positive_vanishes() -> Theorem:
    """E[t] = 0 under N(0, 1), as if t were nonnegative."""
    t = symbol("t", REAL)
    mean = rules.assume(statement=eq(E(Normal(0, 1), lambda w: w), 0))
    return rules.vanish(mean, rules.assume(statement=le(0, t)), variable=t)


@refused(">= 0 by its form")
def a_mean_of_squares_under_a_density_of_any_sign() -> Theorem:
    b = symbol("b", BIT)
    mean = rules.assume(statement=eq(E(Density(lambda t: x, BIT), lambda t: t**2), 0))
    return rules.vanish(mean, rules.signed(term=b**2), variable=b)


@given("for all x in 0, 1: g(x) = 0")
def almost_everywhere_and_everywhere() -> Theorem:
    """What needs P(b) for every b, from P(b) for almost every one."""
    b, g = symbol("b", BIT), symbol("g", ("fun", BIT, REAL))
    known = rules.assume(statement=AlmostEverywhere(Density(lambda w: w, BIT), lambda w: eq(g(w), 0)))
    here = rules.assume(statement=eq(g(b), 0))
    total = rules.congruence(here, term=E(Bernoulli(half), lambda w: g(w)), path=(1, 0), names=(b,))
    both = rules.rearrange(total, here, statement=total.statement, factors=(one, zero))
    return rules.almost_everywhere(known, both, variable=b)


@vacuous("0*I(n) is symmetric positive definite")
def whitening_with_a_singular_covariance() -> Theorem:
    law = MvNormal(symbol("m", ("mat", n, one)), make("scale", (zero, eye(n))))
    return rules.whitening(term=E(law, lambda v: one))


@vacuous("0 < 1 - 2")
def an_entropy_of_what_is_no_probability() -> Theorem:
    return rules.definition(term=H(Bernoulli(2)))


@refused("is of sort ('dist', ('nat',))")
def a_categorical_law_cut_short() -> Theorem:
    """A law on 1..k is none on all natural numbers."""
    k, law = symbol("k", NAT), symbol("law", ("dist", NAT))
    total = rules.definition(term=E(law, lambda j: one))
    return rules.instantiate(total, mapping={law: Categorical(k, lambda j: 1 / k)})


@given("0 < x")
def a_normal_law_for_a_positive_density() -> Theorem:
    law, t = symbol("law", ("dist", REAL)), symbol("t", REAL)
    return rules.instantiate(rules.signed(term=pdf(law, t)), mapping={law: Normal(0, x)})


@refused("is no variable for")
def an_expectation_is_monotone_in_its_density() -> Theorem:
    known = rules.assume(statement=le(pdf(q, symbol("z", ("point",))), positive))
    return rules.monotone(known, density=symbol("r", ("dist", REAL)), variable=symbol("z", ("point",)))


@refused("no closed form")
def an_integral_by_sympy_whose_convergence_depends_on_a_sign() -> Theorem:
    return rules.integrate(term=Int(lambda t: exp(-x * t**2)))


@given("int_0^1 [|1/(x2 + x)|] dx2 is finite")
def an_integral_by_sympy_of_a_parameter_between_poles() -> Theorem:
    return rules.integrate(term=IntAB(0, 1, lambda t: 1 / (t + x)))


@vacuous("[|x|] is finite")
def a_trace_moved_through_an_expectation_that_diverges() -> Theorem:
    scaled = lambda t: make("scale", (t, A))
    return rules.linearity(term=E(cauchy, lambda t: tr(scaled(t))))
