"""Error bounds of the kernels against ball arithmetic, on samples; `vaemath accuracy` takes more."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import vaemath.kernels.numpy as numpy_kernels
import vaemath.kernels.torch as torch_kernels
from vaemath.accuracy.backends import ours
from vaemath.accuracy.matrices import Pair, covariance_pairs, exact_kl, factor_pairs, relative
from vaemath.accuracy.measure import measure

BOUNDS = {  # value, gradients: units in the last place (of the largest term where terms cancel)
    ("kl_normal_standard", "float32"): (2.0, 1.0),
    ("kl_normal_standard", "float64"): (2.0, 2.0),
    ("kl_normal", "float32"): (1.0, 1.0),
    ("kl_normal", "float64"): (4.0, 4.0),
    ("loss_gaussian", "float32"): (2.0, 1.0),
    ("loss_gaussian", "float64"): (3.0, 2.0),  # the sum of three terms, each within 2
    ("loss_bernoulli", "float32"): (2.0, 3.0),
    ("loss_bernoulli", "float64"): (2.0, 3.0),
}


@pytest.mark.parametrize("target", ["numpy", "torch"])
@pytest.mark.parametrize(("kernel", "kind"), BOUNDS)
def test_elementwise_error_in_units_in_the_last_place(kernel: str, kind: str, target: str) -> None:
    worst = measure(kernel, ours(kernel, target), np.dtype(kind), samples=1500, seed=11)
    value, slopes = BOUNDS[kernel, kind]
    for w in worst:
        assert w.ulp <= (slopes if w.output else value), w
    assert worst[0].negative == 0


def both(kernel: str, pair: Pair) -> list[float]:
    of_numpy = getattr(numpy_kernels, kernel)(*pair.arguments)
    of_torch = getattr(torch_kernels, kernel)(*map(torch.tensor, pair.arguments))
    return [float(of_numpy), float(of_torch)]


@pytest.mark.parametrize(("kind", "bound"), [("float64", 1e-14), ("float32", 1e-6)])
def test_full_covariance_from_factors(kind: str, bound: float) -> None:
    # condition 1e7 of the factors is 1e14 of the covariances
    pairs = list(factor_pairs(np.random.default_rng(3), np.dtype(kind), 1e7))
    for pair in pairs[::3]:
        exact = exact_kl(pair, factors=True)
        for found in both("kl_mvn", pair):
            assert found >= 0.0
            assert relative(found, exact) <= bound, (pair.d, pair.condition, pair.distance)


def test_full_covariance_from_covariances() -> None:
    for pair in list(covariance_pairs(np.random.default_rng(4), np.float64, 1e6))[::2]:
        exact = exact_kl(pair, factors=False)
        for found in both("kl_mvn_covariance", pair):
            assert found >= 0.0
            assert relative(found, exact) <= 1e-10, (pair.d, pair.condition, pair.distance)


def test_sum_over_a_batch_of_codes_near_the_prior() -> None:
    rng = np.random.default_rng(5)
    loc, logvar = (1e-4 * rng.normal(size=(512, 20)) for _ in range(2))
    loc, logvar = loc.astype(np.float32), logvar.astype(np.float32)
    wide = loc.astype(np.float64), logvar.astype(np.float64)
    exact = numpy_kernels.kl_normal_standard(*wide).sum()
    found = [
        float(numpy_kernels.kl_normal_standard(loc, logvar).sum()),
        float(torch_kernels.kl_normal_standard(torch.tensor(loc), torch.tensor(logvar)).sum()),
        float(numpy_kernels.kl_normal_diag(loc, np.exp(0.5 * wide[1]), 0.0 * loc, 1.0 + 0.0 * loc).sum()),
    ]
    for value in found:
        assert abs(value - exact) <= 1e-6 * exact
