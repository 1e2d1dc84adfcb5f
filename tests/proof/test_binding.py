"""Binding: names of bound variables do not matter, and nothing free is captured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.proof.random_terms import refuted
from vaemath.core import rules
from vaemath.core.terms import NAT, REAL, Term, close, fresh, make, open_with, substitute
from vaemath.core.theorem import ProofError
from vaemath.terms.build import *
from vaemath.terms.build import symbol, symbols

x, y = symbols("x y", REAL)
d = symbol("d", NAT)
mu = symbol("mu", ("fun", NAT, REAL))

BINDERS = {
    "E": lambda f: E(Normal(0, 1), f),
    "Int": lambda f: Int(lambda t: f(t) * exp(-(t**2))),
    "IntAB": lambda f: IntAB(0, 1, f),
    "Sum": lambda f: Sum(1, d, lambda j: f(mu[j])),
    "Prod": lambda f: Prod(1, d, lambda j: f(mu[j])),
    "D": lambda f: D(f, one),
}
NAMES = st.sampled_from(["x", "y", "t", "x#0", "t#0", "j", "j#0", "z#1"])


@pytest.mark.parametrize("binder", BINDERS)
def test_names_of_bound_variables_do_not_matter(binder):
    first = BINDERS[binder](lambda t: t**2 + x)
    second = BINDERS[binder](lambda other: other**2 + x)
    assert first == second
    assert hash(first) == hash(second)
    assert rules.symmetry(rules.assume(statement=eq(first, y))).lhs == y
    assert rules.transitivity(rules.assume(statement=eq(y, first)), rules.assume(statement=eq(second, x)))


@pytest.mark.parametrize("binder", BINDERS)
@given(NAMES)
def test_an_instance_captures_nothing(binder, name):
    """A value whose symbols are named as the bound variable stays free."""
    value = symbol(name, REAL)
    theorem = rules.algebra(left=BINDERS[binder](lambda t: t * y), right=BINDERS[binder](lambda t: y * t))
    instance = rules.instantiate(theorem, mapping={y: value})
    assert value in instance.lhs.free
    assert instance.lhs == BINDERS[binder](lambda t: t * value)
    assert refuted(instance) is None


@pytest.mark.parametrize("binder", BINDERS)
@given(NAMES)
def test_congruence_captures_nothing(binder, name):
    """x = v rewritten below a binder: v stays the free symbol whatever the binder's variable is called."""
    value = symbol(name, REAL)
    if value == x:
        return
    term = BINDERS[binder](lambda t: t + x)
    path, names = path_to(term, x)
    theorem = rules.congruence(rules.assume(statement=eq(x, value)), term=term, path=path, names=names)
    assert theorem.rhs == BINDERS[binder](lambda t: t + value)
    assert eq(x, value) in theorem.hypotheses
    assert {h.head for h in theorem.hypotheses} <= {"eq", "integrable"}


def path_to(term: Term, target: Term) -> tuple[tuple[int, ...], tuple[Term, ...]]:
    """Where a free symbol stands, with fresh names for the binders on the way."""
    path: list[int] = []
    names: list[Term] = []
    while term != target:
        if term.head == "lam":
            var = fresh("passing", term.data[1], term.free | frozenset(names))
            names.append(var)
            path.append(0)
            term = open_with(term, var)
            continue
        k = next(k for k, a in enumerate(term.args) if target in a.free)
        path.append(k)
        term = term.args[k]
    return tuple(path), tuple(names)


@given(NAMES, NAMES)
def test_opening_undoes_closing(name, other):
    bound, free = symbol(name, REAL), symbol(other, REAL)
    body = bound * free + E(Normal(bound, 1), lambda t: t * bound)
    closed = close(bound, body)
    assert bound not in closed.free
    assert open_with(closed, bound) == body
    new = symbol("new", REAL)
    assert open_with(closed, new) == substitute(body, {bound: new})


def test_rules_name_no_variable_that_is_taken():
    """The free symbol is called as the rule would call its own variable."""
    for name in ("t#0", "y#0", "j#0", "u#0", "x#0"):
        free = symbol(name, REAL)
        independent = rules.independence(
            term=E(Indep(d, lambda j: Normal(0, 1)), lambda t: Sum(1, d, lambda j: t[j] * free))
        )
        assert free in independent.rhs.free
        assert refuted(independent) is None
        moved = rules.leibniz(term=D(lambda t: E(Normal(0, 1), lambda x: t * x + t**2), free))
        assert free in moved.rhs.free
        assert refuted(moved) is None
        split = rules.linearity(term=E(Normal(0, 1), lambda x: x * free + x**2))
        assert free in split.rhs.free
        assert refuted(split) is None


def test_a_bound_name_may_not_be_free_around_it():
    known = rules.assume(statement=eq(x, y))
    with pytest.raises(ProofError, match="fresh"):
        rules.congruence(known, term=x + E(Normal(0, 1), lambda t: t), path=(1, 1, 0), names=(x,))


def test_a_bound_variable_has_the_sort_of_its_binder():
    from vaemath.core.terms import POSITIVE, TermError

    with pytest.raises(TermError):
        make("lam", (make("bv", (), (0, POSITIVE)),), ("x", REAL))
