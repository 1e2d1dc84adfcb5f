"""Every oracle is the right side of its theorem: both are evaluated at the numbers of random
models.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from mpmath import log, mpf, workdps

from vaemath.audit.evaluate import evaluate
from vaemath.audit.models import Model
from vaemath.library import theorem
from vaemath.testing import oracles
from vaemath.testing.oracles.normal import kl_normal_standard

SEEDS = range(4)
DIMENSION = 2


def numbers(value: Any) -> Any:
    """A drawn value as a float, a vector or a matrix; the models draw dyadic numbers, so nothing is
    lost.
    """
    if hasattr(value, "nrows"):
        rows = [[float(value[i, j]) for j in range(value.ncols())] for i in range(value.nrows())]
        return np.array(rows)[:, 0] if value.ncols() == 1 else np.array(rows)
    if type(value).__name__ == "Family":
        return np.array([float(value.table[k]) for k in sorted(value.table)])
    return float(value)


def right_side(name: str, seed: int) -> tuple[float, dict[str, Any]]:
    """The theorem's right side in a random model, and the numbers that the model drew."""
    model = Model(seed, dimension=DIMENSION)
    value = float(evaluate(theorem(name).rhs, model))
    return value, {str(symbol): numbers(drawn) for symbol, drawn in model.drawn.items()}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_standard_normal(seed: int) -> None:
    value, drawn = right_side("kl-normal-standard", seed)
    with workdps(50):
        oracle = kl_normal_standard(mpf(drawn["mu"]), 2 * log(mpf(drawn["sigma"])))
    assert float(oracle) == pytest.approx(value, rel=1e-14)


CASES = {
    "kl-normal": ("kl_normal", ("mu_1", "sigma_1", "mu_2", "sigma_2"), {}),
    "kl-normal-diag": ("kl_normal_diag", ("mu_1", "sigma_1", "mu_2", "sigma_2"), {}),
    "kl-mvn": ("kl_mvn_covariance", ("mu_1", "Sigma_1", "mu_2", "Sigma_2"), {}),
    "loss-gaussian": ("loss_gaussian", ("x", "mean", "mu", "logvar"), {"scale": "s"}),
    "loss-bernoulli": ("loss_bernoulli", ("x", "l", "mu", "logvar"), {}),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", CASES)
def test_the_others(name: str, seed: int) -> None:
    oracle, arguments, options = CASES[name]
    value, drawn = right_side(name, seed)
    given = {key: drawn[symbol] for key, symbol in options.items()}
    got = oracles.value(oracle, *(drawn[symbol] for symbol in arguments), **given)
    assert float(got) == pytest.approx(value, rel=1e-13)
