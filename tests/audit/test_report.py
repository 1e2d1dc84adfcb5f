"""The audit of proofs: all of the library holds, and a forged, vacuous or refuted node is found."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.audit.terms import *
from vaemath import library
from vaemath.audit.report import audit
from vaemath.core.terms import NAT, Term
from vaemath.terms.build import *
from vaemath.terms.build import symbol


@dataclass(frozen=True)
class Claim:
    """A node made by hand, as a forger would."""

    statement: Term
    hypotheses: frozenset[Term] = frozenset()
    rule: str = "algebra"
    premises: tuple[object, ...] = field(default=())


@pytest.mark.parametrize("id", library.ids())
def test_every_node_of_the_library_holds_and_is_decided(id):
    report = audit([b.theorem for b in library.proof(id).blocks])
    assert report.failure is None, str(report.failure)
    assert report.unaudited == ()
    assert report.evaluations >= 2 * report.nodes
    assert report.worst_deviation < 1e-25


def test_integrals_from_computer_algebra_are_enclosed():
    report = audit([b.theorem for b in library.proof("gaussian-moments").blocks])
    assert report.enclosures >= 15


def test_a_false_node_is_found_with_its_numbers():
    report = audit(Claim(eq(E(Normal(m1, s1), lambda z: z**2), m1**2 - s1**2)))
    assert report.failure is not None
    assert "rule `algebra`" in str(report.failure)
    assert "m1 = " in str(report.failure)


def test_a_false_node_below_a_true_one_is_found():
    below = Claim(eq(x + 1, x))
    assert audit(Claim(eq(x, x), premises=(below,))).failure is not None


def test_a_node_without_a_value_under_its_hypotheses_is_a_failure():
    report = audit(Claim(eq(log(x * x - x**2), log(zero + x * 0))))
    assert report.failure is not None
    assert "no value" in str(report.failure)


def test_an_obligation_that_was_lost_is_found():
    assert audit(Claim(eq(x / x, 1))).failure is not None
    assert audit(Claim(eq(x / x, 1), frozenset({ne(x, 0)}))).good


def test_vacuous_nodes_are_reported_as_not_audited():
    report = audit(Claim(eq(1, 2), frozenset({lt(x, x)})))
    assert report.failure is None
    assert report.unaudited == report.vacuous == (eq(1, 2),)
    assert not report.good


def test_what_no_model_decides_need_not_be_vacuous():
    report = audit(Claim(eq(x, 1), frozenset({eq(exp(x) + x**5, 3 + y)})))
    assert report.vacuous == ()


def test_a_claim_that_is_false_only_from_dimension_four_is_found():
    """(n - 1)(n - 2)(n - 3) = 0, and the same of a trace and of a sum."""
    k = symbol("k", NAT)
    for size in (k, tr(eye(k)), Sum(1, k, lambda j: one)):
        report = audit(Claim(eq((size - 1) * (size - 2) * (size - 3), 0)))
        assert report.failure is not None


def test_a_refuted_integral_is_a_failure():
    wrong = eq(Int(lambda z: pdf(Normal(m1, s1), z)), 1 + Rational(1, 10**18))
    assert audit(Claim(wrong, rule="integrate")).failure is not None


def test_a_hypothesis_that_is_needed_is_seen_to_be_needed():
    claim = eq(E(p, lambda z: one + 0 * pdf(p, z)), 1)
    assert audit(Claim(claim, frozenset({Normalised(p)}))).good
    assert audit(Claim(claim)).failure is not None
