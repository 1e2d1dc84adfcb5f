"""The loss modules: the ELBO of torch.distributions, reductions over samples, and refusals."""

from __future__ import annotations

import copy

import pytest
import torch
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from vaemath.errors import VaemathError
from vaemath.torch import BernoulliNegativeELBO, GaussianNegativeELBO


@pytest.fixture
def batch() -> tuple[torch.Tensor, ...]:
    g = torch.Generator().manual_seed(3)
    image = torch.rand((5, 1, 4, 4), generator=g, dtype=torch.float64)
    decoded = torch.randn((5, 1, 4, 4), generator=g, dtype=torch.float64)
    code = torch.randn((2, 5, 3), generator=g, dtype=torch.float64)
    return image, decoded, code[0], code[1]


def expected(name: str, batch: tuple[torch.Tensor, ...], beta: float, scale: float) -> torch.Tensor:
    x, decoded, loc, logvar = batch
    if name == "gaussian":
        likelihood = Independent(Normal(decoded, scale), 3).log_prob(x)
    else:
        likelihood = Independent(Bernoulli(logits=decoded, validate_args=False), 3).log_prob(x)
    q = Independent(Normal(loc, torch.exp(0.5 * logvar)), 1)
    prior = Independent(Normal(torch.zeros_like(loc), torch.ones_like(loc)), 1)
    return -likelihood + beta * kl_divergence(q, prior)


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0, 4.0])
@pytest.mark.parametrize("name", ["gaussian", "bernoulli"])
def test_agree_with_torch_distributions(name: str, beta: float, batch: tuple[torch.Tensor, ...]) -> None:
    scale = 0.7
    if name == "gaussian":
        found = {r: GaussianNegativeELBO(scale=scale, beta=beta, reduction=r)(*batch) for r in _REDUCTIONS}
    else:
        found = {r: BernoulliNegativeELBO(beta=beta, reduction=r)(*batch) for r in _REDUCTIONS}
    each = expected(name, batch, beta, scale)
    torch.testing.assert_close(found["none"], each, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(found["mean"], each.mean(), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(found["sum"], each.sum(), rtol=1e-12, atol=1e-12)


_REDUCTIONS = ("none", "mean", "sum")


def test_gradients_reach_every_argument(batch: tuple[torch.Tensor, ...]) -> None:
    leaves = [t.clone().requires_grad_() for t in batch[1:]]
    for module in (GaussianNegativeELBO(beta=2.0), BernoulliNegativeELBO()):
        slopes = torch.autograd.grad(module(batch[0], *leaves), leaves)
        assert all(bool(s.abs().sum() > 0) for s in slopes)


def test_modules_copy_and_print() -> None:
    module = GaussianNegativeELBO(scale=0.1, beta=2.0, reduction="sum")
    assert repr(copy.deepcopy(module)) == "GaussianNegativeELBO(scale=0.1, beta=2.0, reduction='sum')"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reduction": "batchmean"}, "reduction: got 'batchmean', expected one of mean, sum, none"),
        ({"beta": -1.0}, "beta: got -1.0, expected a finite number >= 0"),
        ({"scale": 0.0}, "scale: got 0.0, expected a number from 1e-18 to 1e18"),
    ],
)
def test_wrong_options_get_one_line(options: dict[str, object], message: str) -> None:
    with pytest.raises(VaemathError, match=message):
        GaussianNegativeELBO(**options)  # type: ignore[arg-type]


def test_wrong_shapes_get_one_line(batch: tuple[torch.Tensor, ...]) -> None:
    x, decoded, loc, logvar = batch
    loss = BernoulliNegativeELBO()
    with pytest.raises(VaemathError, match=r"loc, logvar: got shapes \(5, 3\) and \(5, 2\)"):
        loss(x, decoded, loc, logvar[:, :2])
    with pytest.raises(VaemathError, match=r"x, decoded: got shapes .* begins with the batch \(5,\)"):
        loss(x, decoded[:, :, :2], loc, logvar)
    with pytest.raises(VaemathError, match=r"x, decoded: got shapes"):
        loss(x[:4], decoded[:4], loc, logvar)
    with pytest.raises(ValueError, match="expected a number from 0 to 1"):
        loss(255 * x, decoded, loc, logvar)
