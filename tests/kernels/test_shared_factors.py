"""Matrices that a batch shares are solved with as they are, and lose nothing by it."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from kernel_examples import arguments
from torch.autograd import gradcheck, gradgradcheck

import vaemath.kernels.torch as kernels

NAMES = ("kl_mvn", "kl_mvn_covariance")
BATCHES = [((5,), (), (5,), ()), ((), (), (5,), ()), ((4, 5), (5,), (), (4, 1)), ((4, 5), (4, 1), (5,), ())]


def given(name: str, batches: Any, *, near: float = 1.0) -> list[torch.Tensor]:
    made = [arguments(name, batch=b)[k] for k, b in enumerate(batches)]
    if near < 1.0:
        made[2:] = [made[0] + near * made[2], made[1] * (1.0 + near)]
    return [t.requires_grad_() for t in made]


def expanded(tensors: list[torch.Tensor]) -> list[torch.Tensor]:
    shapes = [t.shape[: t.dim() - e] for t, e in zip(tensors, (1, 2, 1, 2), strict=True)]
    batch = torch.broadcast_shapes(*shapes)
    return [
        t.expand(batch + t.shape[t.dim() - e :]).contiguous()
        for t, e in zip(tensors, (1, 2, 1, 2), strict=True)
    ]


@pytest.mark.parametrize("near", [1.0, 1e-3, 1e-9])
@pytest.mark.parametrize("batches", BATCHES)
@pytest.mark.parametrize("name", NAMES)
def test_values_and_gradients_are_those_of_the_expanded(name: str, batches: Any, near: float) -> None:
    leaves, function = given(name, batches, near=near), getattr(kernels, name)
    value, expected = function(*leaves), function(*expanded(leaves))
    torch.testing.assert_close(value, expected, rtol=1e-13, atol=0.0)
    weights = torch.linspace(0.5, 2.0, value.numel(), dtype=value.dtype).reshape(value.shape)
    for k in range(4):
        found, wanted = (
            torch.autograd.grad(v, leaves[k], weights, retain_graph=True)[0] for v in (value, expected)
        )
        size = float(wanted.abs().max())
        torch.testing.assert_close(found, wanted, rtol=1e-11, atol=1e-13 * size)
        if k % 2:
            assert torch.equal(found, found.tril() if name == "kl_mvn" else (found + found.mT) / 2)


@pytest.mark.parametrize("name", NAMES)
def test_derivatives_agree_with_finite_differences(name: str) -> None:
    leaves, function = given(name, BATCHES[0]), getattr(kernels, name)

    def kernel(a: torch.Tensor, b: torch.Tensor, c: torch.Tensor, d: torch.Tensor) -> torch.Tensor:
        if name == "kl_mvn":
            return function(a, b.tril(), c, d.tril())
        return function(a, (b + b.mT) / 2, c, (d + d.mT) / 2)

    assert gradcheck(kernel, leaves, check_forward_ad=True)
    assert gradgradcheck(kernel, leaves)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_the_size_of_the_expanded_factors_is_made(name: str) -> None:
    a, b, c, d = arguments(name, batch=())
    locs = [t.expand(10_000, 3).clone().requires_grad_() for t in (a, c)]
    largest = 0

    class Watch(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, f: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            nonlocal largest
            found = f(*args, **(kwargs or {}))
            for t in found if isinstance(found, list | tuple) else [found]:
                if isinstance(t, torch.Tensor):
                    largest = max(largest, t.untyped_storage().nbytes())
            return found

    leaves = [locs[0], b.requires_grad_(), locs[1], d.requires_grad_()]
    with Watch():
        torch.autograd.grad(getattr(kernels, name)(*leaves).sum(), leaves)
    assert largest <= 10_000 * 3 * 8


def test_a_bad_shared_factor_is_refused_by_name() -> None:
    eye = torch.eye(2)
    with pytest.raises(ValueError, match=r"scale_tril_q is -1 at \(0, 0\); expected a Cholesky factor"):
        kernels.kl_mvn(torch.zeros(5, 2), eye, torch.zeros(5, 2), -eye)
