"""Counterexamples: the simplest numbers, and none for true statements."""

from __future__ import annotations

from tests.audit.terms import *
from vaemath.audit.counterexample import counterexample
from vaemath.terms.build import *


def test_simple_numbers_come_first():
    found = counterexample(eq(E(Normal(m1, s1), lambda z: (z - m1) ** 2 / (2 * s1**2)), s1 / 2))
    assert str(found) == "m1 = 2, s1 = 2 gives 1/2 on the left and 1 on the right"


def test_families_name_their_members():
    found = counterexample(eq(Sum(1, d, lambda j: mu[j] ** 2), Sum(1, d, lambda j: mu[j])))
    assert str(found) == "mu[1] = 2, d = 1 gives 4 on the left and 2 on the right"


def test_matrices_that_do_not_commute():
    found = counterexample(eq(A @ S, S @ A))
    assert found is not None
    assert "n = 2" in str(found)


def test_true_statements_have_none():
    assert counterexample(le(0, KL(Normal(m1, s1), Normal(m2, s2)))) is None
    assert counterexample(eq(tr(A @ S), tr(S @ A))) is None


def test_hypotheses_restrict_the_models():
    assert counterexample(lt(0, x)) is not None
    assert counterexample(lt(0, x), [lt(1, x)]) is None
