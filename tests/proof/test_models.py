"""Every rule is tried on random theorems in adversarial models; every broken twin is false in one."""

from __future__ import annotations

import pytest

from tests.proof.faults import FAULTS, broken
from tests.proof.models.campaign import campaign
from tests.proof.models.instances import INSTANCES
from vaemath.core.theorem import RULES

INSTANCES_OF_EACH = 200


def test_every_rule_has_instances_and_a_broken_twin():
    assert set(INSTANCES) == set(RULES) == {fault.rule for fault in FAULTS.values()}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_true_in_every_model_that_decides(rule):
    tally = campaign(rule, INSTANCES_OF_EACH)
    assert not tally.false, str(tally.false[0])
    assert tally.decided >= INSTANCES_OF_EACH


@pytest.mark.parametrize("name", FAULTS)
def test_a_broken_rule_is_false_in_some_model(name):
    with broken(FAULTS[name]):
        assert campaign(FAULTS[name].rule, 700).false


@pytest.mark.parametrize("rule", RULES)
def test_what_was_broken_is_whole_again(rule):
    assert RULES[rule].__module__.startswith("vaemath.core.rules")
