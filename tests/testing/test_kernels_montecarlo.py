"""Every kernel is the mean of its definition over samples.

Rates: a right kernel fails a comparison with probability at most 1e-9; a value that is off by more
than a twentieth of the standard deviation of the log-ratio passes with probability at most 1e-6.
The test is sequential, and exact for the unbounded log-ratio because the variance of that is known.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vaemath.kernels.numpy as numpy_kernels
import vaemath.kernels.torch as torch_kernels
from tests.testing.kernels import inputs
from vaemath.testing import Falsified, assert_matches_monte_carlo, compare_mean

seeds = st.integers(0, 2**32 - 1)
CASES = [
    ("kl_normal_standard", "kl-normal-standard", None),
    ("kl_normal", "kl-normal", None),
    ("kl_normal_diag", "kl-normal-diag", None),
    ("kl_mvn", "kl-mvn", None),
    ("kl_mvn_covariance", "kl-mvn", "mu,covariance,mu,covariance"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c[0])
@settings(max_examples=5, deadline=None)
@given(seed=seeds)
def test_kl_is_the_mean_log_ratio(case: tuple[str, str, str | None], seed: int) -> None:
    name, against, takes = case
    for library, kernels in (("numpy", numpy_kernels), ("torch", torch_kernels)):
        kernel = getattr(kernels, name)
        options = {"library": library, "points": 1, "seed": seed}
        assert_matches_monte_carlo(kernel, against=against, takes=takes, **options)


@pytest.mark.parametrize("name", ["loss_gaussian", "loss_bernoulli"])
@settings(max_examples=5, deadline=None)
@given(seed=seeds)
def test_losses_are_the_mean_of_minus_log_p_of_x_and_z_plus_log_q(name: str, seed: int) -> None:
    arguments = [a[:, 0] for a in inputs(name, seed, "ordinary", batch=(1, 1))]
    x, decoded, loc, logvar = (a[0] for a in arguments)
    rng = np.random.default_rng(seed)
    if name == "loss_gaussian":
        recon = float(((x - decoded) ** 2 / 2 + np.log(2 * np.pi) / 2).sum())
    else:
        r = 1 / (1 + np.exp(-decoded))
        recon = -float((x * np.log(r) + (1 - x) * np.log1p(-r)).sum())
    variance = float((np.expm1(logvar) ** 2 / 2 + np.exp(logvar) * loc**2).sum())

    def draw(n: int) -> np.ndarray:
        noise = rng.standard_normal((n, loc.size))
        z = loc + np.exp(logvar / 2) * noise
        return recon + ((z**2 - noise**2 - logvar) / 2).sum(-1)

    for kernels in (numpy_kernels, torch_kernels):
        if kernels is torch_kernels:
            import torch

            claimed = float(getattr(kernels, name)(*map(torch.from_numpy, arguments)))
        else:
            claimed = float(getattr(kernels, name)(*arguments)[0])
        step = 0.05 * np.sqrt(variance)
        assert compare_mean(claimed, draw, variance=variance * (1 + 1e-9), resolution=step).agrees


def test_a_kernel_that_is_slightly_wrong_is_noticed() -> None:
    def wrong(*a: np.ndarray) -> np.ndarray:
        return numpy_kernels.kl_normal(*a) + 0.1

    with pytest.raises(Falsified, match=r"wrong: false: KL\(p, q\) is the mean of log p\(z\)/q\(z\)"):
        assert_matches_monte_carlo(wrong)
