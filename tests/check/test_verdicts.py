"""The corpus: every wrong function is caught with its cause, no right one is accused.

Run by hand over many seeds with ``python -m tests.check.corpus.score --seeds 200``; here every
fifth function is examined once (all of them with VAEMATH_CORPUS=all), and a dozen mutants are drawn.
"""

from __future__ import annotations

import os

import pytest

from tests.check.corpus.mutants import Case, mutants
from tests.check.corpus.score import Score, known, run, verdicts
from vaemath.check.report.verdict import Verdict

SEED = 20
EVERY = 1 if os.environ.get("VAEMATH_CORPUS") == "all" else 5
CASES = [*known(), *known("found")][::EVERY]


@pytest.fixture(scope="module")
def found() -> dict[str, Verdict]:
    return {case.name: verdict for case, _, verdict in verdicts((case, SEED) for case in CASES)}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_known_function_gets_its_verdict(case: Case, found: dict[str, Verdict]) -> None:
    verdict = found[case.name]
    score = Score()
    score.add(case, verdict, SEED)
    assert not score.failures, score.failures[0]
    if verdict.status == "wrong":
        assert not verdict.computes or verdict.computes != verdict.expected
        assert all(cause.words() for cause in verdict.causes)


def test_mutants_get_their_verdicts() -> None:
    score = run((case, 7) for seed in (2024,) for case in mutants(seed))
    assert not score.failures, score.line() + "\n" + "\n".join(score.failures)


def test_the_line_of_the_score_counts_what_it_says() -> None:
    score = Score(wrong=3, caught=2, right_cause=1, right=5, accused=1)
    assert score.line() == "caught 2/3 wrong, right cause 1/3, accused 1/5 right, undecided 0/5"
