"""Attacks through values outside of their sorts, names, sorts, exponents and what looks the same."""

from __future__ import annotations

from tests.proof.attacks.registry import A, equal, n, positive, refused, vacuous, x, y
from vaemath.core import rules
from vaemath.core.terms import BIT, NAT, POSITIVE, REAL, make
from vaemath.core.theorem import Theorem
from vaemath.terms.build import *
from vaemath.terms.build import symbol

f = symbol("f", ("fun", REAL, REAL))
h = symbol("h", ("fun", REAL, POSITIVE))
S = symbol("S", ("spd", n))
negative = Density(lambda w: number(-1), REAL)


@refused("expected a sort")
def a_function_of_densities() -> Theorem:
    """A term for a density may have values that no function of densities knows."""
    wild = symbol("F", ("fun", ("dist", REAL), POSITIVE))
    return rules.signed(term=make("app", (wild, negative)))


@refused("expected a sort")
def a_function_of_functions_to_densities() -> Theorem:
    symbol("F", ("fun", ("fun", REAL, ("dist", REAL)), POSITIVE))
    return rules.signed(term=one)


@refused("expected a sort")
def for_all_densities() -> Theorem:
    every = make("forall", (lam(lambda r: lt(0, pdf(r, 0)), ("dist", REAL)),))
    return rules.specialise(rules.assume(statement=every), value=negative)


@vacuous("0 < 0")
def zero_for_a_positive_number() -> Theorem:
    return rules.instantiate(rules.signed(term=positive), mapping={positive: zero})


@vacuous("for all real x: 0 < x")
def the_identity_for_a_positive_function() -> Theorem:
    return rules.instantiate(rules.signed(term=h(x)), mapping={h: lam(lambda t: t, REAL)})


@vacuous("0*A is symmetric positive definite")
def a_singular_matrix_for_a_definite_one() -> Theorem:
    return rules.instantiate(equal(S @ inv(S), eye(n)), mapping={S: make("scale", (zero, A))})


@refused("is of sort ('nat',)")
def zero_for_a_dimension() -> Theorem:
    return rules.instantiate(equal(tr(eye(n)), n), mapping={n: zero})


@refused("is of sort ('nat',)")
def one_half_for_a_dimension() -> Theorem:
    return rules.instantiate(equal(tr(eye(n)), n), mapping={n: half})


@refused("is of sort ('bit',)")
def a_number_for_a_bit() -> Theorem:
    b = symbol("b", BIT)
    return rules.instantiate(rules.signed(term=b), mapping={b: number(-1)})


@refused("`app` expects a function and its arguments")
def an_index_out_of_range() -> Theorem:
    w = symbol("w", ("fun", ("fin", number(2)), REAL))
    return rules.assume(statement=eq(make("app", (w, number(3))), 0))


@refused("`app` expects a function and its arguments")
def an_index_out_of_a_range_that_shrinks() -> Theorem:
    w = symbol("w", ("fun", ("fin", n), REAL))
    return rules.assume(statement=eq(make("app", (w, number(2))), 0))


@refused("expected ('positive',)")
def a_real_number_for_a_positive_one_in_a_binder() -> Theorem:
    p = symbol("p", POSITIVE)
    every = make("forall", (lam(lambda t: lt(0, t), POSITIVE),))
    del p
    return rules.specialise(rules.assume(statement=every), value=x)


@refused("expected a statement for all values")
def a_statement_for_almost_all_at_one_point() -> Theorem:
    known = rules.assume(statement=AlmostEverywhere(Density(lambda b: b, BIT), lambda b: eq(f(b), 0)))
    return rules.specialise(known, value=zero)


@refused("expects a symbol and its meaning")
def two_values_of_one_function() -> Theorem:
    """f(0) := 0 and f(0) := 1."""
    return rules.define(name=make("app", (f, zero)), meaning=one, at=())


@refused("`a` has two meanings: 0 and 1")
def two_meanings_of_one_name_by_instances() -> Theorem:
    a, b = symbol("a", REAL), symbol("b", REAL)
    first = rules.define(name=a, meaning=zero, at=())
    second = rules.instantiate(rules.define(name=b, meaning=one, at=()), mapping={b: a})
    return rules.transitivity(rules.symmetry(first), second)


@refused("expected a statement, got x := 1")
def a_definition_that_is_assumed() -> Theorem:
    return rules.assume(statement=make("def", (x, one)))


@refused("leads back to `a`")
def a_circle_of_definitions_by_instances() -> Theorem:
    a, b = symbol("a", REAL), symbol("b", REAL)
    return rules.instantiate(rules.define(name=a, meaning=b + 1, at=()), mapping={b: a})


@refused("takes no other value")
def a_defined_name_takes_another_value() -> Theorem:
    a = symbol("a", REAL)
    return rules.instantiate(rules.define(name=a, meaning=x, at=()), mapping={a: x + 1})


@refused("a definition mentions a bound variable")
def a_definition_under_a_binder() -> Theorem:
    a = symbol("a", REAL)
    named = rules.define(name=a, meaning=x, at=())
    return rules.congruence(rules.symmetry(named), term=D(lambda t: t, one), path=(0, 0), names=(x,))


@vacuous("0 < -1")
def a_negative_density_by_definition_of_its_name() -> Theorem:
    law = symbol("law", ("dist", REAL))
    named = rules.define(name=law, meaning=negative, at=())
    height = rules.congruence(named, term=pdf(law, x), path=(0,), names=())
    value = rules.transitivity(height, rules.definition(term=height.rhs))
    return rules.transitivity(rules.signed(term=pdf(law, x)), value)


@refused("dimensions that no binder takes")
def a_dimension_bound_like_a_number() -> Theorem:
    return rules.assume(statement=make("forall", (lam(lambda k: eq(tr(eye(k)), k), NAT),)))


@refused("expects real sides")
def an_equation_of_statements() -> Theorem:
    return rules.assume(statement=make("eq", (eq(x, y), eq(y, x))))


@refused("expected a statement, got x")
def a_number_is_assumed() -> Theorem:
    return rules.assume(statement=x)


@refused("expected the derivative of an expectation")
def an_exchange_of_no_integral() -> Theorem:
    return rules.leibniz(term=D(lambda t: t**2, x))


@refused("differ by tr(A @ A) - tr(A)**2")
def the_square_of_a_trace() -> Theorem:
    """True in dimension 1 alone."""
    return equal(tr(A @ A), tr(A) ** 2)


@refused("differ by -log(2) + log(2)*n")
def the_logarithm_of_a_determinant_of_a_sum() -> Theorem:
    return equal(logdet(S + S), log(2) + logdet(S))


@refused("inner dimensions that agree")
def matrices_of_two_sizes() -> Theorem:
    wide = symbol("W", ("mat", n, symbol("d", NAT)))
    return equal(tr(wide @ wide.T), tr(wide.T @ wide @ eye(n)))


@refused("does not start with")
def a_premise_that_was_not_met() -> Theorem:
    return rules.transitivity(rules.assume(statement=le(x, y)), rules.assume(statement=le(x, one)))


@refused("so it is not general in it")
def a_cut_general_in_what_it_assumes() -> Theorem:
    every = make("forall", (lam(lambda t: eq(t, 1), REAL),))
    known = rules.specialise(rules.assume(statement=every), value=zero)
    return rules.cut(known, rules.assume(statement=eq(x, 1)), names=(x,))


@refused("is none of the hypotheses")
def a_cut_of_what_was_proved_of_positive_numbers() -> Theorem:
    p = symbol("p", POSITIVE)
    every = make("forall", (lam(lambda t: eq(sqrt(t**2), t), REAL),))
    known = rules.specialise(rules.assume(statement=every), value=number(-1))
    return rules.cut(known, equal(sqrt(p**2), p), names=(p,))
