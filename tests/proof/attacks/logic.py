"""Attacks through instances, definitions, hypotheses, bound names and inequalities."""

from __future__ import annotations

from tests.proof.attacks.registry import equal, given, n, positive, q, refused, vacuous, x, y, z
from vaemath.core import rules
from vaemath.core.terms import NAT, REAL, make
from vaemath.core.theorem import Theorem
from vaemath.terms.build import *
from vaemath.terms.build import symbol, symbols


@refused("is of sort ('spd', k)")
def a_dimension_and_a_matrix_instantiated_at_once() -> Theorem:
    """tr(S S^-1) = n, with k for n and an n x n matrix for S."""
    k, s, m = symbol("k", NAT), symbol("S", ("spd", n)), symbol("M", ("spd", n))
    return rules.instantiate(equal(tr(s @ inv(s)), n), mapping={n: k, s: m})


@given("y < x")
def two_symbols_exchanged_one_after_the_other() -> Theorem:
    return rules.instantiate(rules.assume(statement=lt(x, y)), mapping={x: y, y: x})


@given("2*x = 2")
def a_hypothesis_cut_with_the_hypotheses_of_its_proof() -> Theorem:
    doubled = rules.assume(statement=eq(2 * x, 2))
    proof = rules.rearrange(doubled, statement=eq(x, 1), factors=(half,))
    return rules.cut(rules.assume(statement=eq(x, 1)), proof, names=())


@vacuous("0 < -1")
def a_negative_density() -> Theorem:
    """0 < q(z) for every density q, then q = -1."""
    claim = rules.instantiate(rules.signed(term=pdf(q, z)), mapping={q: Density(lambda w: number(-1))})
    return rules.rearrange(claim, rules.definition(term=claim.rhs), statement=lt(0, -1), factors=(one, one))


@vacuous("0 < -1")
def a_negative_density_by_definition() -> Theorem:
    named = rules.define(name=q, meaning=Density(lambda w: number(-1)), at=())
    height = rules.congruence(named, term=pdf(q, z), path=(0,), names=())
    value = rules.transitivity(height, rules.definition(term=height.rhs))
    return rules.rearrange(rules.signed(term=pdf(q, z)), value, statement=lt(0, -1), factors=(one, one))


@vacuous("0 < -1")
def a_positive_symbol_made_negative() -> Theorem:
    return rules.instantiate(rules.signed(term=positive), mapping={positive: number(-1)})


@vacuous("5 != 5")
def five_differs_from_five() -> Theorem:
    """A hypothesis `x != 5` lost beside `0 < x`."""
    claim = rules.instantiate(rules.assume(statement=ne(positive, 5)), mapping={positive: x})
    return rules.instantiate(claim, mapping={x: number(5)})


@vacuous("for all real x: x = 1")
def congruence_under_a_binder_with_a_captured_name() -> Theorem:
    """x = 1 rewritten inside E_x[x], as if the bound x were the free one."""
    known = rules.assume(statement=eq(x, 1))
    return rules.congruence(known, term=E(Normal(0, 1), lambda x: x), path=(1, 0), names=(x,))


@refused("is no fresh symbol")
def congruence_under_a_binder_where_the_name_is_free_outside() -> Theorem:
    known = rules.assume(statement=eq(x, 1))
    return rules.congruence(known, term=x + E(Normal(0, 1), lambda w: w), path=(1, 1, 0), names=(x,))


@refused("does not occur in its meaning")
def a_recursive_definition() -> Theorem:
    f = symbol("f", REAL)
    claim = rules.define(name=f, meaning=f + 1, at=())
    return rules.rearrange(claim, statement=eq(0, 1), factors=(one,))


@refused("does not occur in its meaning")
def a_recursive_definition_of_a_function() -> Theorem:
    f = symbol("f", ("fun", REAL, REAL))
    claim = rules.define(name=f, meaning=lam(lambda t: app(f, t) + 1, REAL), at=(x,))
    return rules.rearrange(claim, statement=eq(0, 1), factors=(one,))


@refused("leads back to `f`")
def mutually_recursive_definitions() -> Theorem:
    f, g = symbols("f g", REAL)
    first = rules.define(name=f, meaning=g + 1, at=())
    second = rules.define(name=g, meaning=f + 1, at=())
    return rules.rearrange(first, second, statement=eq(0, 2), factors=(one, one))


@refused("`f` has two meanings: 0 and 1")
def two_definitions_of_one_name() -> Theorem:
    f = symbol("f", REAL)
    first = rules.define(name=f, meaning=zero, at=())
    second = rules.define(name=f, meaning=one, at=())
    return rules.transitivity(rules.symmetry(first), second)


@refused("-1 is not nonnegative by its form")
def an_inequality_times_a_negative_number() -> Theorem:
    return rules.rearrange(rules.signed(term=x**2), statement=le(x**2, 0), factors=(number(-1),))


@refused("< needs a strict premise")
def a_strict_inequality_from_a_weak_one() -> Theorem:
    return rules.rearrange(rules.signed(term=x**2), statement=lt(0, x**2), factors=(one,))


@refused("the factor 1 is not nonnegative")
def an_equation_from_an_inequality() -> Theorem:
    return rules.rearrange(rules.signed(term=x**2), statement=eq(0, x**2), factors=(one,))


@refused("so it is not general in it")
def an_assumption_dropped_by_a_cut() -> Theorem:
    known = rules.assume(statement=eq(x, 1))
    proof = rules.assume(statement=eq(x, 1))
    return rules.cut(known, proof, names=(x,))


@refused("so it is not general in it")
def a_hypothesis_generalised_over_its_own_symbol() -> Theorem:
    claim = rules.assume(statement=make("forall", (lam(lambda t: eq(t, 1), REAL),)))
    return rules.cut(claim, rules.assume(statement=eq(x, 1)), names=(x,))


@refused("expected log u = u - 1")
def the_tangent_touches_elsewhere() -> Theorem:
    return rules.log_tangent_equality(rules.assume(statement=eq(log(positive), positive)))


@refused("does not tell its sign")
def everything_is_nonnegative() -> Theorem:
    return rules.signed(term=x)
