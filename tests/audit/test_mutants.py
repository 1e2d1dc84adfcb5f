"""False goals: every kind of slip is made, each is false in its model, a believing prover is found out."""

from __future__ import annotations

import pytest

from tests.audit.terms import *
from vaemath import library
from vaemath.audit.mutants import accepted, false_goals, slips
from vaemath.core import rules
from vaemath.core.theorem import ProofError
from vaemath.terms.build import *


def test_a_divergence_in_closed_form_has_goals_of_every_kind():
    kinds = {g.kind for g in false_goals(library.proof("kl-normal").theorem(), limit=60)}
    assert kinds >= {
        "sign",
        "factor 2",
        "factor 1/2",
        "swapped arguments",
        "dropped term",
        "inverse forgotten",
    }


def test_inequalities_are_turned_round_and_lose_their_hypotheses():
    theorem = library.proof("gibbs").theorem()
    goals = false_goals(theorem)
    kinds = [g.kind for g in goals]
    assert "wrong direction" in kinds
    assert kinds.count("without a hypothesis") == 2  # that q, and that p, integrates to one
    assert all(g.hypotheses < theorem.hypotheses for g in goals if g.kind == "without a hypothesis")


@pytest.mark.parametrize("id", ["kl-normal", "kl-mvn", "gibbs", "elbo-decomposition"])
def test_every_goal_is_false_where_its_hypotheses_hold(id):
    for block in library.proof(id).blocks:
        for goal in false_goals(block.theorem):
            assert verdict(goal.statement, goal.model).truth is False
            assert all(verdict(h, goal.model).truth is True for h in goal.hypotheses)


def test_equivalent_statements_are_no_goals():
    statements = [s for _, s in slips(eq(x + y, y + x))]
    assert eq(x + y, x + y) in statements  # the arguments swapped
    theorem = rules.algebra(left=x + y, right=y + x)
    assert eq(x + y, x + y) not in [g.statement for g in false_goals(theorem)]


def test_a_prover_that_believes_everything_is_found_out():
    theorem = library.proof("kl-normal").theorem()
    goals = false_goals(theorem)
    assert accepted(goals, lambda g: theorem) == goals


def test_a_proof_under_a_hypothesis_that_is_false_does_not_count():
    goals = false_goals(rules.algebra(left=x + x, right=2 * x))
    assert accepted(goals, lambda g: rules.assume(statement=g.statement)) == ()


def test_the_rules_prove_no_goal():
    theorem = library.proof("kl-normal-standard").theorem()

    def prover(goal):
        left, right = goal.statement.args
        if left != theorem.lhs:
            raise ProofError("another left side")
        return rules.transitivity(theorem, rules.algebra(left=theorem.rhs, right=right))

    assert accepted(false_goals(theorem), prover) == ()
