"""The oracles: settled to the last digit, gradients that are derivatives, shapes as the kernels
have them.
"""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf, workdps

from vaemath.errors import VaemathError
from vaemath.testing import oracles
from vaemath.testing.oracles.table import ORACLES


def arguments(name: str, seed: int, batch: tuple[int, ...] = (2,), d: int = 2) -> list[np.ndarray]:
    """One valid input of an oracle, batched."""
    rng = np.random.default_rng(seed)
    out = []
    for argument, event in zip(ORACLES[name].arguments, ORACLES[name].events, strict=True):
        a = rng.normal(size=batch + (d,) * event)
        if argument.startswith("scale_tril"):
            a = np.tril(a, -1) + np.eye(d) * np.exp(a)
        elif argument.startswith("covariance"):
            a = a @ np.swapaxes(a, -1, -2) + np.eye(d)
        elif argument.startswith("scale"):
            a = np.exp(a)
        elif argument == "x":
            a = 1 / (1 + np.exp(-a))
        out.append(a)
    return out


@pytest.mark.parametrize("name", ORACLES)
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_gradients_are_derivatives_of_the_values_at_high_precision(name: str, seed: int) -> None:
    inputs = arguments(name, seed)
    direction = [np.random.default_rng(seed + 1).normal(size=a.shape) for a in inputs]
    oracle = ORACLES[name]
    for k, (argument, step) in enumerate(zip(oracle.arguments, direction, strict=True)):
        if argument.startswith("covariance"):
            direction[k] = step + np.swapaxes(step, -1, -2)
        elif argument.startswith("scale_tril"):
            direction[k] = np.tril(step)
    got = oracles.gradient(name, *inputs)
    along = sum(float((g * d).sum()) for g, d in zip(got, direction, strict=True))

    def moved(t: object) -> object:
        total = mpf(0)
        for row in range(len(inputs[0])):
            event = [_at(a[row], d[row], t, oracle.matrices) for a, d in zip(inputs, direction, strict=True)]
            total += oracle.value(*event)
        return total

    with workdps(60):
        slope = float(mpmath.diff(moved, 0))
    assert along == pytest.approx(slope, rel=1e-12, abs=1e-12)


def _at(start: np.ndarray, step: np.ndarray, t: object, matrices: bool) -> object:
    if matrices:
        return mpmath.matrix(np.asarray(start).tolist()) + t * mpmath.matrix(step.tolist())
    if np.ndim(start) == 0:
        return mpf(float(start)) + t * mpf(float(step))
    return [mpf(float(a)) + t * mpf(float(b)) for a, b in zip(start, step, strict=True)]


def test_values_are_settled_where_the_textbook_form_cancels() -> None:
    assert oracles.value("kl_normal_standard", 0.0, 2.0**-500) == pytest.approx(2.0**-1002, rel=1e-15, abs=0)
    assert oracles.value("kl_normal", 0.0, 1.0, 1e-150, 1.0) == pytest.approx(5e-301, rel=1e-15, abs=0)
    assert oracles.value("kl_normal", 0.3, 0.7, 0.3, 0.7) == 0.0


def test_batches_broadcast_and_gradients_take_the_shape_of_their_argument() -> None:
    loc = np.linspace(-1, 1, 6).reshape(2, 3)
    assert oracles.value("kl_normal", loc, 1.0, loc[:1], 2.0).shape == (2, 3)
    shapes = [g.shape for g in oracles.gradient("kl_normal", loc, 1.0, loc[:1], 2.0)]
    assert shapes == [(2, 3), (), (1, 3), ()]
    a = arguments("kl_mvn", 0, batch=(3,))
    a[3] = a[3][:1]
    assert oracles.value("kl_mvn", *a).shape == (3,)
    assert oracles.gradient("kl_mvn", *a)[3].shape == (1, 2, 2)


def test_the_loss_keeps_its_constants() -> None:
    none = np.zeros((4, 0))
    got = oracles.value("loss_gaussian", np.ones((4, 3)), np.ones((4, 3)), none, none, scale=2.0)
    np.testing.assert_allclose(got, 1.5 * np.log(2 * np.pi * 4.0), rtol=1e-15)


def test_errors_are_counted_in_units_of_the_last_place() -> None:
    exact = oracles.exact("kl_normal_standard", np.array([1.0, 2.0]), np.array([0.0, 0.0]))
    got = np.array([0.5, 2.0 + 3 * 2**-51])
    np.testing.assert_allclose(oracles.ulp_errors(got, exact), [0.0, 3.0])
    assert np.isinf(oracles.ulp_errors(np.array([np.nan, 2.0]), exact)[0])


def test_bad_input_is_one_line() -> None:
    with pytest.raises(VaemathError, match="name: got 'kl_gamma'; expected one of kl_normal"):
        oracles.value("kl_gamma", 1.0)
    with pytest.raises(VaemathError, match="kl_normal: got 2 arguments; expected loc_p, scale_p"):
        oracles.value("kl_normal", 1.0, 2.0)
    with pytest.raises(VaemathError, match="do not broadcast"):
        oracles.value("kl_normal", np.ones(2), 1.0, np.ones(3), 1.0)
