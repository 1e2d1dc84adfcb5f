"""The normal form proves nothing false of random terms, and decides rational functions as SymPy does."""

from __future__ import annotations

import random

import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proof.random_terms import confirmed, made, matrix, real, refuted
from vaemath.audit.mutants import slips
from vaemath.core import rules
from vaemath.core.normal import canon
from vaemath.core.terms import REAL, Term
from vaemath.errors import VaemathError
from vaemath.terms.build import *
from vaemath.terms.build import symbols

SEEDS = st.integers(0, 2**32)
SYMBOLS = symbols("a b c", REAL)
ATOMS = dict(zip(SYMBOLS, sp.symbols("a b c", real=True), strict=True))


def equal(left: Term, right: Term):
    """The theorem that the two are equal, or None where algebra refuses."""
    try:
        return rules.algebra(left=left, right=right)
    except VaemathError:
        return None


@settings(max_examples=300)
@given(SEEDS, st.integers(1, 3))
def test_the_normal_form_of_a_term_has_its_value(seed, depth):
    t = made(real, random.Random(seed), depth)
    theorem = None if t is None else equal(t, _canon(t) or t)
    if theorem is not None:
        found = refuted(theorem)
        assert found is None, f"{theorem} {found}"


@settings(max_examples=150)
@given(SEEDS, st.integers(1, 2))
def test_the_normal_form_of_a_matrix_has_its_value(seed, depth):
    t = made(matrix, random.Random(seed), depth)
    theorem = None if t is None else equal(t, _canon(t) or t)
    if theorem is not None:
        found = refuted(theorem)
        assert found is None, f"{theorem} {found}"


def test_most_random_equations_are_decided():
    """What no model decides tests nothing."""
    terms = [made(real, random.Random(seed), 1 + seed % 3) for seed in range(80)]
    theorems = [equal(t, _canon(t) or t) for t in terms if t is not None]
    assert sum(confirmed(t) for t in theorems if t is not None) > 55


@settings(max_examples=60)
@given(SEEDS)
def test_a_slip_in_a_normal_form_is_refused_or_true(seed):
    t = made(real, random.Random(seed), 2)
    c = None if t is None else _canon(t)
    if c is None:
        return
    for kind, wrong in slips(eq(t, c)):
        theorem = equal(*wrong.args)
        found = None if theorem is None else refuted(theorem)
        assert found is None, f"{kind}: {theorem} {found}"


def _canon(t: Term) -> Term | None:
    try:
        return canon(t)
    except VaemathError:
        return None


def rational_function(r: random.Random, depth: int) -> Term:
    if depth == 0:
        return r.choice([*SYMBOLS, *SYMBOLS, Rational(r.randrange(-3, 4), r.choice([1, 2, 3]))])
    again = lambda: rational_function(r, depth - 1)
    kind = r.randrange(6)
    if kind < 2:
        return again() + again()
    if kind < 4:
        return again() * again()
    return again() / again() if kind == 4 else again() ** r.choice([2, 3, -1])


def in_sympy(t: Term) -> sp.Expr:
    if t.head == "sym":
        return ATOMS[t]
    if t.head == "num":
        return sp.Rational(*t.data)
    if t.head == "pow":
        return in_sympy(t.args[0]) ** sp.Rational(*t.data)
    return (sp.Add if t.head == "add" else sp.Mul)(*map(in_sympy, t.args))


def divides_by_zero(t: Term) -> bool:
    """Does SymPy see a pole anywhere in the term? It forgets poles that stand in a denominator."""
    return bool(in_sympy(t).has(sp.zoo, sp.nan, sp.oo)) or any(map(divides_by_zero, t.args))


@settings(max_examples=25)
@given(SEEDS)
def test_rational_functions_are_decided_as_by_sympy(seed):
    r = random.Random(seed)
    first, second, third = (rational_function(r, 2) for _ in range(3))
    pairs = [
        (first * (second + third), first * second + first * third),
        ((first + second) ** 2, first**2 + 2 * first * second + second**2),
        (first / (second - third), -first / (third - second)),
        (first + second, first - second),
        (first * second, second + first),
    ]
    for left, right in pairs:
        if divides_by_zero(left) or divides_by_zero(right):
            continue
        difference = in_sympy(left) - in_sympy(right)
        zero = sp.expand(sp.fraction(sp.together(difference))[0]) == 0
        assert (equal(left, right) is not None) == zero, f"{left} = {right}"
