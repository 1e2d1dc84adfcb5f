"""Every kernel, in both packages, against the closed form at high precision, in ULP."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.testing.kernels import MATRICES, NAMES, in_numpy, in_torch, inputs
from vaemath.testing import oracles

REGIMES = ("ordinary", "extreme", "near")
seeds = st.integers(0, 2**32 - 1)

#: ULP of the value. Sums of non-negative terms keep the bound of one term; matrices pay for their
#: conditioning.
BOUND = {"kl_normal_standard": 2.0, "kl_normal_diag_standard": 4.0, "kl_normal": 5.0, "kl_normal_diag": 6.0}


def allowed(name: str, arguments: list[np.ndarray]) -> np.ndarray | float:
    """The bound for one set of arguments."""
    if name in MATRICES:
        power = 1 if name == "kl_mvn" else 2
        worst = np.maximum(np.linalg.cond(arguments[1]), np.linalg.cond(arguments[3]))
        return 30.0 * worst**power
    return BOUND.get(name, 8.0)


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=12, deadline=None)
@given(seed=seeds)
def test_values_are_the_closed_form(name: str, regime: str, seed: int) -> None:
    arguments = inputs(name, seed, regime)
    exact = oracles.exact(name, *arguments)
    for got in (in_numpy(name, arguments), in_torch(name, arguments)[0]):
        assert got.shape == exact.shape
        if name == "kl_mvn_covariance":  # S_1 - S_2 is as near as it can be told from the entries
            scale = np.array([abs(e) for e in exact.ravel()], dtype=float).reshape(exact.shape)
            noise = 2.0**-52 * allowed(name, arguments)
            error = np.array(
                [abs(float(g) - e) for g, e in zip(got.ravel(), exact.ravel(), strict=True)], float
            )
            size = scale + noise + np.sqrt(scale)
            assert np.all(error.reshape(exact.shape) <= noise * size)
        else:
            assert np.all(oracles.ulp_errors(got, exact) <= allowed(name, arguments))


@pytest.mark.parametrize("regime", ["ordinary", "near"])
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=8, deadline=None)
@given(seed=seeds)
def test_float32_stays_float32_and_as_exact(name: str, regime: str, seed: int) -> None:
    arguments = [a.astype(np.float32) for a in inputs(name, seed, regime)]
    if name == "kl_mvn_covariance":
        arguments[1] += np.eye(arguments[1].shape[-1], dtype=np.float32)
        arguments[3] += np.eye(arguments[3].shape[-1], dtype=np.float32)
    exact = oracles.exact(name, *arguments)
    for got in (in_numpy(name, arguments, "float32"), in_torch(name, arguments, "float32")[0]):
        assert got.dtype == np.float32
        assert np.all(oracles.ulp_errors(got, exact) <= allowed(name, arguments))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=10, deadline=None)
@given(seed=seeds)
def test_numpy_and_torch_agree(name: str, seed: int) -> None:
    for regime in REGIMES:
        arguments = inputs(name, seed, regime)
        one, other = in_numpy(name, arguments), in_torch(name, arguments)[0]
        rtol = 2.0**-50 * np.max(allowed(name, arguments))
        np.testing.assert_allclose(one, other, rtol=rtol, atol=0 if name != MATRICES[1] else rtol)


@pytest.mark.parametrize("name", NAMES)
def test_batch_dimensions_broadcast(name: str) -> None:
    arguments = inputs(name, 5, "ordinary", batch=(2, 3))
    arguments[len(arguments) // 2 :] = [a[:1] for a in arguments[len(arguments) // 2 :]]
    whole = in_numpy(name, arguments)
    full = [np.broadcast_to(a, (2, *a.shape[1:])) for a in arguments]
    np.testing.assert_allclose(whole, in_numpy(name, full), rtol=1e-14)
    value, grads = in_torch(name, arguments)
    np.testing.assert_allclose(value, whole, rtol=1e-13)
    assert [g.shape for g in grads] == [a.shape for a in arguments]
