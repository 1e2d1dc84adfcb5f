"""Nothing false is proved: every known attack is refused, or leaves a hypothesis that is false with it."""

from __future__ import annotations

import pytest

from tests.proof.attacks import ATTACKS
from vaemath.audit.report import audit
from vaemath.errors import VaemathError
from vaemath.proof.replay import replay


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_proves_nothing_false(name):
    try:
        theorem = ATTACKS[name]()
    except VaemathError:
        return
    replay(theorem)
    report = audit(theorem)
    assert report.failure is None, str(report.failure)
