"""`register_kl`: same results and shapes as torch where torch is right, better ones where it is not."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence

from vaemath.torch import register_kl


def normal(*batch: int) -> Normal:
    return Normal(torch.randn(batch, dtype=torch.float64), torch.rand(batch, dtype=torch.float64) + 0.1)


def multivariate(keyword: str, *batch: int, d: int = 3) -> MultivariateNormal:
    a = torch.randn((*batch, d, d), dtype=torch.float64)
    s = a @ a.mT + torch.eye(d, dtype=a.dtype)
    value = torch.linalg.cholesky(s) if keyword == "scale_tril" else s
    return MultivariateNormal(torch.randn((*batch, d), dtype=a.dtype), **{keyword: value})


def both(p: torch.distributions.Distribution, q: torch.distributions.Distribution) -> list[torch.Tensor]:
    plain = kl_divergence(p, q)
    with register_kl():
        ours = kl_divergence(p, q)
    return [plain, ours]


@pytest.mark.parametrize("batches", [((), ()), ((4,), (4,)), ((5, 1), (3,)), ((0,), ())])
def test_normals_agree_with_torch(batches: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    torch.manual_seed(0)
    plain, ours = both(normal(*batches[0]), normal(*batches[1]))
    torch.testing.assert_close(ours, plain, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("first", ["scale_tril", "covariance_matrix", "precision_matrix"])
@pytest.mark.parametrize("second", ["scale_tril", "covariance_matrix", "precision_matrix"])
def test_multivariate_normals_agree_with_torch(first: str, second: str) -> None:
    torch.manual_seed(1)
    for left, right in (((2,), (2,)), ((4, 1), (2,)), ((), ())):
        plain, ours = both(multivariate(first, *left), multivariate(second, *right))
        torch.testing.assert_close(ours, plain, rtol=1e-9, atol=1e-12)


def test_independent_normals_use_the_kernel() -> None:
    torch.manual_seed(2)
    plain, ours = both(Independent(normal(4, 3), 1), Independent(normal(4, 3), 1))
    assert ours.shape == (4,)
    torch.testing.assert_close(ours, plain, rtol=1e-10, atol=1e-12)
    p = Independent(Normal(torch.zeros(1), torch.full((1,), 1.0 + 1e-6)), 1)
    q = Independent(Normal(torch.zeros(1), torch.ones(1)), 1)
    t = float(p.base_dist.scale.double() - 1.0)
    with register_kl():
        assert float(kl_divergence(p, q)) == pytest.approx(t * t * (1.0 - t / 3.0), rel=1e-6)


def test_gradients_pass_through() -> None:
    scale = torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)
    with register_kl():
        kl_divergence(Normal(0.0, scale), Normal(0.0, 1.0)).sum().backward()
    assert scale.grad is not None
    torch.testing.assert_close(scale.grad, scale.detach() - 1.0 / scale.detach())


def test_the_handle_restores_what_was_there() -> None:
    from torch.distributions.kl import _KL_REGISTRY

    before = dict(_KL_REGISTRY)
    handle = register_kl()
    assert dict(_KL_REGISTRY) != before
    handle.undo()
    handle.undo()
    assert dict(_KL_REGISTRY) == before


def test_events_of_different_size_are_refused() -> None:
    with register_kl(), pytest.raises(ValueError, match=r"shapes \(3,\) and \(2,\)"):
        kl_divergence(multivariate("scale_tril", d=3), multivariate("scale_tril", d=2))
