"""The kernels' gradients: against the oracle's, autograd of the textbook form, and finite
differences.
"""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf, workdps

import vaemath.kernels.numpy as numpy_kernels
from tests.testing.kernels import LOSSES, MATRICES, NAMES, SCALARS, in_torch, inputs
from vaemath.testing import oracles
from vaemath.testing.oracles.table import ORACLES

seeds = st.integers(0, 2**32 - 1)


def in_numpy_gradients(name: str, arguments: list[np.ndarray]) -> list[np.ndarray]:
    """The gradients of the numpy kernel."""
    return list(getattr(numpy_kernels, f"{name}_and_grad")(*arguments)[1:])


def opposed(name: str, place: int, arguments: list[np.ndarray]) -> np.ndarray | float:
    """The size of the terms of a derivative that may have opposite signs, and so cancel: data allow
    no better.
    """
    if name == "loss_bernoulli" and place == 1:  # sigmoid(logits) - x
        return 0.5
    if name in ("kl_normal", "kl_normal_diag") and place == 3:  # (1 - s_p^2/s_q^2 - z^2) / s_q
        loc_p, scale_p, loc_q, scale_q = arguments
        t, z = (scale_p - scale_q) / scale_q, (loc_p - loc_q) / scale_q
        return (np.abs(t) * (2 + t) + z**2) / scale_q
    return 0.0


def close(
    name: str,
    got: np.ndarray,
    expected: np.ndarray,
    arguments: list[np.ndarray],
    terms: np.ndarray | float,
) -> None:
    """Elementwise within rounding; matrices and broadcast sums within rounding of the largest
    entry.
    """
    got = np.tril(got) if name == "kl_mvn" and got.ndim == 4 else got
    expected = np.tril(expected) if name == "kl_mvn" and got.ndim == 4 else expected
    if name in MATRICES:
        power = 2 if name == "kl_mvn" else 4
        worst = max(float(np.linalg.cond(arguments[k]).max()) for k in (1, 3))
        tolerance = 2.0**-48 * worst**power
        np.testing.assert_allclose(
            got, expected, rtol=tolerance, atol=tolerance * (1 + np.abs(expected).max())
        )
    else:
        assert np.all(np.abs(got - expected) <= 2.0**-49 * (np.abs(expected) + terms))


@pytest.mark.parametrize("regime", ["ordinary", "extreme", "near"])
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=8, deadline=None)
@given(seed=seeds)
def test_gradients_are_the_symbolic_ones(name: str, regime: str, seed: int) -> None:
    arguments = inputs(name, seed, regime, batch=(2,))
    expected = oracles.gradient(name, *arguments)
    for grads in (in_numpy_gradients(name, arguments), in_torch(name, arguments)[1]):
        for place, (got, want) in enumerate(zip(grads, expected, strict=True)):
            assert got.shape == want.shape
            close(name, got, want, arguments, opposed(name, place, arguments))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=8, deadline=None)
@given(seed=seeds)
def test_gradients_are_those_of_autograd_through_the_textbook_form(name: str, seed: int) -> None:
    arguments = inputs(name, seed, "ordinary", batch=(2,))
    leaves = [torch.from_numpy(a).requires_grad_() for a in arguments]
    grads = torch.autograd.grad(TEXTBOOK[name](*leaves).sum(), leaves)
    expected = [g.numpy() for g in grads]
    for got, want in zip(in_torch(name, arguments)[1], expected, strict=True):
        if name == "kl_mvn" and got.ndim == 3:
            got, want = np.tril(got), np.tril(want)
        if name == "kl_mvn_covariance" and got.ndim == 3:
            want = (want + np.swapaxes(want, -1, -2)) / 2
        np.testing.assert_allclose(got, want, rtol=1e-8, atol=1e-8 * (1 + np.abs(want).max()))


@pytest.mark.parametrize("name", SCALARS + LOSSES)
@settings(max_examples=6, deadline=None)
@given(seed=seeds)
def test_gradients_are_finite_differences_at_high_precision(name: str, seed: int) -> None:
    oracle = ORACLES[name]
    arguments = inputs(name, seed, "ordinary", batch=(1,))
    grads = in_torch(name, arguments)[1]
    for place, grad in enumerate(grads):

        def along(t: object, place: int = place) -> object:
            event = [[mpf(float(n)) for n in np.ravel(a)] for a in arguments]
            event[place][0] += t
            return oracle.value(*(e if oracle.events[0] else e[0] for e in event))

        with workdps(60):
            slope = float(mpmath.diff(along, 0, h=mpf(10) ** -25))
        cancelling = 1e-15 * _largest_term(name, place, arguments)
        np.testing.assert_allclose(grad.ravel()[0], slope, rtol=1e-13, atol=cancelling)


def _largest_term(name: str, place: int, arguments: list[np.ndarray]) -> float:
    """Where a gradient is a difference, the size of what is subtracted."""
    if name == "loss_bernoulli" and place == 1:
        return 1.0
    if name in ("kl_normal", "kl_normal_diag") and place == 3:
        loc_p, scale_p, loc_q, scale_q = (float(a.ravel()[0]) for a in arguments)
        return max(1.0, (scale_p / scale_q) ** 2, ((loc_p - loc_q) / scale_q) ** 2) / scale_q
    return 0.0


def _normal(*a: torch.Tensor) -> torch.Tensor:
    loc_p, scale_p, loc_q, scale_q = a
    square = (scale_p**2 + (loc_p - loc_q) ** 2) / (2 * scale_q**2)
    return torch.log(scale_q / scale_p) + square - 0.5


def _standard(loc: torch.Tensor, logvar: torch.Tensor) -> torch.Tensor:
    return 0.5 * (loc**2 + torch.exp(logvar) - logvar - 1)


def _covariances(*a: torch.Tensor) -> torch.Tensor:
    loc_p, p, loc_q, q = a
    difference = (loc_p - loc_q)[..., None]
    inner = (torch.linalg.solve(q, difference) * difference).sum((-1, -2))
    trace = torch.diagonal(torch.linalg.solve(q, p), dim1=-2, dim2=-1).sum(-1)
    return 0.5 * (trace + inner - p.shape[-1] + torch.logdet(q) - torch.logdet(p))


def _factors(*a: torch.Tensor) -> torch.Tensor:
    return _covariances(a[0], a[1] @ a[1].mT, a[2], a[3] @ a[3].mT)


def _gaussian(*a: torch.Tensor) -> torch.Tensor:
    likelihood = torch.distributions.Normal(a[1], 1.0).log_prob(a[0]).sum(-1)
    return _standard(a[2], a[3]).sum(-1) - likelihood


def _bernoulli(*a: torch.Tensor) -> torch.Tensor:
    r = torch.sigmoid(a[1])
    likelihood = (a[0] * torch.log(r) + (1 - a[0]) * torch.log(1 - r)).sum(-1)
    return _standard(a[2], a[3]).sum(-1) - likelihood


TEXTBOOK = {
    "kl_normal_standard": _standard,
    "kl_normal_diag_standard": lambda *a: _standard(*a).sum(-1),
    "kl_normal": _normal,
    "kl_normal_diag": lambda *a: _normal(*a).sum(-1),
    "kl_mvn": _factors,
    "kl_mvn_covariance": _covariances,
    "loss_gaussian": _gaussian,
    "loss_bernoulli": _bernoulli,
}
