"""The accuracy table puts our kernels beside others, and shows what the others lose."""

from __future__ import annotations

import math

from flint import arb

from vaemath.accuracy.measure import ulps
from vaemath.accuracy.table import Row, markdown, rows


def test_the_table_has_every_kernel_and_shows_the_difference() -> None:
    table = list(rows(samples=60, seed=1, thin=20))
    ours = [r for r in table if r.implementation.startswith("vaemath")]
    theirs = [r for r in table if not r.implementation.startswith("vaemath")]
    assert {r.kernel for r in ours} == {
        "kl_normal_standard",
        "kl_normal",
        "kl_normal_diag",
        "kl_normal_diag_standard",
        "loss_gaussian",
        "loss_bernoulli",
        "kl_mvn",
        "kl_mvn_covariance",
    }
    assert all(r.value <= 4.0 and not r.negative for r in ours)
    assert max(r.value for r in theirs) > 1e3
    text = markdown(table)
    assert len(text.splitlines()) == len(table) + 2


def test_numbers_in_the_table() -> None:
    row = Row("k", "float32", "x", "relative", float("inf"), None, 3, 7)
    assert markdown([row]).splitlines()[-1] == "| k | float32 | x | inf or NaN |  | relative | 3 | 7 |"


def test_units_in_the_last_place() -> None:
    one = (arb(1), arb(1))
    assert ulps(1.0, one, "float64") == 0.0
    assert math.isclose(ulps(1.0 + 2.0**-52, one, "float64"), 1.0)
    assert math.isclose(ulps(1.0 + 2.0**-52, one, "float32"), 2.0**-29)
    assert ulps(math.nan, one, "float32") == math.inf
    assert ulps(math.inf, (arb(10) ** 50, arb(10) ** 50), "float32") == 0.0
    tiny = arb(2) ** -149
    assert math.isclose(ulps(0.0, (tiny, tiny), "float32"), 1.0)
