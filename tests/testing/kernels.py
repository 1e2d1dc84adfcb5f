"""Inputs for every kernel, in three regimes, and one way to call both packages."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import torch

import vaemath.kernels.numpy as numpy_kernels
import vaemath.kernels.torch as torch_kernels
from vaemath.testing.oracles.table import ORACLES

Regime = Literal["ordinary", "extreme", "near"]
NAMES = tuple(ORACLES)
STANDARD = ("kl_normal_standard", "kl_normal_diag_standard")
SCALARS = (*STANDARD, "kl_normal", "kl_normal_diag")
LOSSES = ("loss_gaussian", "loss_bernoulli")
MATRICES = ("kl_mvn", "kl_mvn_covariance")
SIZE = {"ordinary": (2.0, 1.0), "near": (2.0, 1.0), "extreme": (1e5, 12.0)}


def inputs(name: str, seed: int, regime: Regime, *, batch: tuple[int, ...] = (2, 3)) -> list[Any]:
    """Arguments of a kernel: batched, the last dimension between 1 and 4, different for data and
    latent.
    """
    rng = np.random.default_rng(seed)
    d = int(rng.integers(1, 5))
    loc, log = SIZE[regime]
    if name in STANDARD:
        shrink = 10.0 ** rng.uniform(-12, -1) if regime == "near" else 1.0
        codes = batch if name == "kl_normal_standard" else (*batch, d)
        return [loc * shrink * rng.normal(size=codes), log * shrink * rng.normal(size=codes)]
    if name in LOSSES:
        data = (*batch, d + 2)
        x = rng.normal(size=data) if name == "loss_gaussian" else rng.uniform(size=data).round(1)
        out = [x, log * rng.normal(size=data), loc * rng.normal(size=(*batch, d))]
        return [*out, log * rng.normal(size=(*batch, d))]
    shape = batch if name == "kl_normal" else (*batch, d)
    locs = loc * rng.normal(size=(2, *shape))
    if name in MATRICES:
        scales = [_factor(rng, (*shape, d), min(log, 3.0)) for _ in range(2)]
    else:
        scales = [np.exp(log * rng.normal(size=shape)) for _ in range(2)]
    if regime == "near":
        step = 10.0 ** rng.uniform(-12, -1)
        locs[1] = locs[0] + step * rng.normal(size=shape)
        scales[1] = scales[0] * (1 + step * rng.normal(size=scales[0].shape))
    if name == "kl_mvn_covariance":
        scales = [s @ np.swapaxes(s, -1, -2) for s in scales]
    return [locs[0], scales[0], locs[1], scales[1]]


def in_numpy(name: str, arguments: list[Any], dtype: str = "float64") -> np.ndarray:
    """The numpy kernel."""
    return getattr(numpy_kernels, name)(*(a.astype(dtype) for a in arguments))


def in_torch(name: str, arguments: list[Any], dtype: str = "float64") -> tuple[np.ndarray, list[np.ndarray]]:
    """The torch kernel and its backward pass, of the summed value, by every argument."""
    leaves = [torch.from_numpy(np.array(a, dtype=dtype)).requires_grad_() for a in arguments]
    value = getattr(torch_kernels, name)(*leaves)
    grads = torch.autograd.grad(value.sum(), leaves)
    return value.detach().numpy(), [g.numpy() for g in grads]


def _factor(rng: np.random.Generator, shape: tuple[int, ...], log: float) -> np.ndarray:
    scale = np.exp(rng.uniform(-log, log, size=shape[:-1]))
    below = np.tril(rng.uniform(-0.5, 0.5, size=shape), -1)
    smaller = np.minimum(scale[..., :, None], scale[..., None, :])
    return below * smaller + scale[..., None] * np.eye(shape[-1])
