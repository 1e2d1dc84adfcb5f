"""Error bounds of the kernels against ball arithmetic, on samples; `vaemath accuracy` takes more."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import vaemath.kernels.numpy as numpy_kernels
import vaemath.kernels.torch as torch_kernels
from vaemath.accuracy.backends import ours
from vaemath.accuracy.exact import EXACT, evaluate
from vaemath.accuracy.matrices import Pair, covariance_pairs, exact_kl, factor_pairs, relative
from vaemath.accuracy.measure import measure, ulps
from vaemath.codegen.programs import PROGRAMS
from vaemath.native import available

ERRORS = {program.name: program.errors for program in PROGRAMS}
TYPES = ("float32", "float64")


@pytest.mark.parametrize("target", ["numpy", "torch", "C"])
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("kernel", EXACT)
def test_elementwise_error_in_units_in_the_last_place(kernel: str, kind: str, target: str) -> None:
    if target == "C" and not available():
        pytest.skip("no C compiler")
    worst = measure(kernel, ours(kernel, target), np.dtype(kind), samples=60_000, seed=11)
    value, slopes = ERRORS[kernel].bounds()[kind]
    assert slopes is not None
    for w in worst:
        assert w.ulp <= (slopes if w.output else value), w
    assert worst[0].negative == 0


def both(kernel: str, pair: Pair) -> list[float]:
    of_numpy = getattr(numpy_kernels, kernel)(*pair.arguments)
    of_torch = getattr(torch_kernels, kernel)(*map(torch.tensor, pair.arguments))
    return [float(of_numpy), float(of_torch)]


@pytest.mark.parametrize("kind", TYPES)
def test_full_covariance_from_factors(kind: str) -> None:
    # condition 1e7 of the factors is 1e14 of the covariances
    bound, _ = ERRORS["kl_mvn"].bounds()[kind]
    for pair in list(factor_pairs(np.random.default_rng(3), np.dtype(kind), 1e7))[::2]:
        exact = exact_kl(pair, factors=True)
        for found in both("kl_mvn", pair):
            assert found >= 0.0
            assert relative(found, exact) <= bound, pair


@pytest.mark.parametrize(("kind", "condition"), [("float64", 1e6), ("float32", 1e3)])
def test_full_covariance_from_covariances(kind: str, condition: float) -> None:
    bound, _ = ERRORS["kl_mvn_covariance"].bounds()[kind]
    for pair in list(covariance_pairs(np.random.default_rng(4), np.dtype(kind), condition))[::2]:
        exact = exact_kl(pair, factors=False)
        for found in both("kl_mvn_covariance", pair):
            assert found >= 0.0
            assert relative(found, exact) <= bound, (pair.d, pair.condition, pair.distance)


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


@pytest.mark.parametrize("target", ["numpy", "torch", "C"])
@pytest.mark.parametrize("kind", TYPES)
def test_the_last_representable_results(kind: str, target: str) -> None:
    if target == "C" and not available():
        pytest.skip("no C compiler")
    largest = np.finfo(kind).max
    logvar = [np.asarray(np.log(largest) + np.log(2.0)).astype(kind)]
    for _ in range(200):
        logvar.append(np.nextafter(logvar[-1], np.asarray(0.0).astype(kind)))
    numbers = np.array(logvar, kind)
    outputs = ours("kl_normal_standard", target)([np.zeros_like(numbers), numbers])
    exact = evaluate("kl_normal_standard", [(0.0, float(s)) for s in numbers])
    for found, k in ((outputs[0], 0), (outputs[2], 2)):
        assert max(ulps(float(f), e[k], kind) for f, e in zip(found, exact, strict=True)) <= 2.0
