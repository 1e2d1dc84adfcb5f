"""The whole chain on every run of the tests: verify, and nothing generated is stale."""

from vaemath import regenerate
from vaemath.verify import verify


def test_every_theorem_verifies():
    reports = list(verify())
    assert reports
    for r in reports:
        assert r.good, f"{r.id}: {r.failures}"
        assert r.replayed
        assert r.audited
        assert r.false_goals
    assert sum(r.kernels for r in reports) > 80
    assert sum(r.enclosures for r in reports) > 20


def test_certificates_and_kernels_are_up_to_date():
    assert regenerate.run(check=True) == []
