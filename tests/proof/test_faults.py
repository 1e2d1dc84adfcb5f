"""A broken rule is found: a derivation fails, a node is false in a model, or a false statement is proved."""

from __future__ import annotations

import pytest

from tests.proof.attacks import ATTACKS
from tests.proof.faults import FAULTS, any_order, broken, changed_normal_form
from vaemath import library
from vaemath.audit.mutants import accepted, false_goals
from vaemath.audit.report import audit
from vaemath.core import normal, rules, words
from vaemath.core.theorem import ProofError, Theorem
from vaemath.errors import VaemathError
from vaemath.terms.build import one


def offered(theorem: Theorem):
    """A prover that has only the theorem and the rules."""

    def prove(goal):
        if goal.statement == theorem.statement:
            raise ProofError("its hypothesis is missing")
        if theorem.statement.head != "eq":
            return rules.rearrange(theorem, statement=goal.statement, factors=(one,))
        left, right = goal.statement.args
        if left == theorem.lhs:
            return rules.transitivity(theorem, rules.algebra(left=theorem.rhs, right=right))
        return rules.transitivity(rules.algebra(left=left, right=theorem.lhs), theorem)

    return prove


def found_by(ids: tuple[str, ...]) -> str | None:
    """What finds the fault that is in place: `proof`, `models` or `goals`; None when nothing does."""
    theorems = []
    try:
        shop = library.Workshop(library.scripts())
        theorems = [b.theorem for id in ids for b in shop.derive(id).blocks]
    except VaemathError:
        return "proof"
    if audit(theorems).failure is not None:
        return "models"
    for t in theorems:
        if accepted(false_goals(t), offered(t)):
            return "goals"
    for attack in ATTACKS.values():
        try:
            made = attack()
        except VaemathError:
            continue
        if audit(made).failure is not None:
            return "goals"
    return None


@pytest.mark.parametrize("name", FAULTS)
def test_a_broken_rule_is_found(name):
    with broken(FAULTS[name]):
        assert found_by(FAULTS[name].derivations) is not None


def test_nothing_is_found_where_nothing_is_broken():
    assert found_by(("gibbs", "kl-normal")) is None


def test_a_trace_that_is_blind_to_order_is_found():
    with changed_normal_form(words, "trace_word", any_order):
        assert found_by(("gaussian-quadratic",)) is not None


def test_logarithms_split_without_positivity_are_found():
    with changed_normal_form(normal, "sign", lambda t: ">"):
        assert found_by(("kl-normal",)) is not None


def test_denominators_without_obligations_are_found(monkeypatch):
    monkeypatch.setattr("vaemath.core.theorem.obligations", lambda t: frozenset())
    assert found_by(("gibbs",)) is not None


def test_faults_of_every_kind_are_there():
    """Some faults are seen by the proofs alone, some by the models alone, some by the false goals alone."""
    seen = set()
    names = ("linearity drops a term", "transitivity forgets a premise", "algebra believes everything")
    for name in names:
        with broken(FAULTS[name]):
            seen.add(found_by(FAULTS[name].derivations))
    assert seen == {"proof", "models", "goals"}
