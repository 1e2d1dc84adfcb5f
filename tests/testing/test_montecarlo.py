"""The sequential test: it accepts what is right, refuses what is wrong, and keeps its rates."""

from __future__ import annotations

import numpy as np
import pytest

from vaemath.errors import VaemathError
from vaemath.testing import MeanTest, compare_mean


def heavy(rng: np.random.Generator, n: int) -> np.ndarray:
    """Unbounded, skew samples of mean 1 and variance 2: squares of normals."""
    return rng.standard_normal(n) ** 2


@pytest.mark.parametrize("seed", range(5))
def test_a_right_mean_is_accepted_and_a_wrong_one_refused(seed: int) -> None:
    rng = np.random.default_rng(seed)
    right = compare_mean(1.0, lambda n: heavy(rng, n), variance=2.0, resolution=0.05)
    assert right.agrees
    assert right.estimate == pytest.approx(1.0, abs=0.05)
    for wrong in (0.93, 1.07):
        outcome = compare_mean(wrong, lambda n: heavy(rng, n), variance=2.0, resolution=0.05)
        assert not outcome.agrees


def test_a_grossly_wrong_mean_is_refused_at_once() -> None:
    rng = np.random.default_rng(0)
    outcome = compare_mean(3.0, lambda n: heavy(rng, n), variance=2.0, resolution=0.01, block=1000)
    assert not outcome.agrees
    assert outcome.samples < 40_000


def test_false_alarms_stay_below_the_stated_rate_although_one_looks_all_the_time() -> None:
    """1000 runs looked at every 50 samples, alpha 0.1: fewer than 150 alarms (chance of more: below
    1e-6).
    """
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(1000):
        test = MeanTest(1.0, variance=2.0, resolution=0.5, false_alarm=0.1, miss=0.1)
        while test.decided is None:
            test.feed(heavy(rng, 50))
        alarms += test.decided is False
    assert alarms < 150


def test_misses_stay_below_the_stated_rate() -> None:
    """1000 runs with a claim that is off by the resolution, miss rate 0.1: fewer than 150 are
    accepted.
    """
    rng = np.random.default_rng(1)
    accepted = 0
    for _ in range(1000):
        test = MeanTest(1.5, variance=2.0, resolution=0.5, false_alarm=0.01, miss=0.1)
        while test.decided is None:
            test.feed(heavy(rng, 50))
        accepted += test.decided is True
    assert accepted < 150


def test_samples_that_are_not_finite_refuse() -> None:
    test = MeanTest(0.0, variance=1.0, resolution=0.1)
    test.feed(np.array([0.0, np.nan]))
    assert test.decided is False


def test_bad_options_are_one_line() -> None:
    with pytest.raises(VaemathError, match="expected variance >= 0, resolution > 0 and rates"):
        MeanTest(0.0, variance=1.0, resolution=0.0)
