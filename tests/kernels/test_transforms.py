"""The torch kernels under torch.func, second derivatives, forward mode, compilation and autocast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from kernel_examples import arguments
from torch.autograd import forward_ad, gradcheck, gradgradcheck
from torch.func import grad, hessian, jacfwd, jacrev, jvp, vmap

import vaemath.kernels.torch as kernels

NAMES = kernels.__all__


def kernel(name: str) -> Callable[..., torch.Tensor]:
    function = getattr(kernels, name)
    if name == "kl_mvn":  # finite differences must stay lower triangular
        return lambda a, b, c, d: function(a, b.tril(), c, d.tril())
    if name == "kl_mvn_covariance":
        return lambda a, b, c, d: function(a, (b + b.mT) / 2, c, (d + d.mT) / 2)
    return function


@pytest.mark.parametrize("name", NAMES)
def test_first_and_second_derivatives_agree_with_finite_differences(name: str) -> None:
    given = [t.requires_grad_() for t in arguments(name, batch=(2,))]
    assert gradcheck(kernel(name), given, check_forward_ad=True)
    assert gradgradcheck(kernel(name), given)


@pytest.mark.parametrize("name", NAMES)
def test_vmap_agrees_with_the_batch(name: str) -> None:
    given = arguments(name)
    function = getattr(kernels, name)
    torch.testing.assert_close(vmap(function)(*given), function(*given), rtol=1e-14, atol=0.0)
    inner = vmap(vmap(grad(lambda *a: function(*a).sum(), argnums=1)))
    leaf = [t.clone().requires_grad_() for t in given]
    expected = torch.autograd.grad(function(*leaf).sum(), leaf[1])[0]
    torch.testing.assert_close(inner(*given), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_vmap_over_some_arguments_only(name: str) -> None:
    first, *rest = arguments(name, batch=(4,))
    function = getattr(kernels, name)
    shared = [t[0] for t in rest]
    found = vmap(function, in_dims=(0, *[None] * len(shared)))(first, *shared)
    expected = torch.stack([function(f, *shared) for f in first])
    torch.testing.assert_close(found, expected, rtol=1e-14, atol=0.0)


@pytest.mark.parametrize("name", NAMES)
def test_forward_mode_is_the_gradient_along_the_tangent(name: str) -> None:
    given = arguments(name)
    function = kernel(name)
    tangents = tuple(0.1 * t for t in given)
    value, along = jvp(function, given, tangents)
    leaf = [t.clone().requires_grad_() for t in given]
    slopes = torch.autograd.grad(function(*leaf).sum(), leaf)
    expected = sum((s * t).sum() for s, t in zip(slopes, tangents, strict=True))
    torch.testing.assert_close(along.sum(), expected, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(value, function(*given), rtol=0.0, atol=0.0)


@pytest.mark.parametrize("name", NAMES)
def test_hessian_forward_over_reverse_agrees_with_reverse_over_forward(name: str) -> None:
    first, *rest = arguments(name, batch=())
    function = kernel(name)

    def along_first(t: torch.Tensor) -> torch.Tensor:
        return function(t, *rest)

    size = first.numel()
    found = hessian(along_first)(first).reshape(size, size)
    other = jacrev(jacfwd(along_first))(first).reshape(size, size)
    torch.testing.assert_close(found, found.mT, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(found, other, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_every_nesting_of_the_transforms_gives_the_same_derivatives(name: str) -> None:
    first, second, *rest = arguments(name, batch=())
    function = kernel(name)

    def by_second(t: torch.Tensor) -> torch.Tensor:
        return function(first, t, *rest)

    expected = torch.autograd.functional.hessian(by_second, second)
    for outer, inner in ((jacfwd, jacfwd), (jacfwd, jacrev), (jacrev, jacfwd), (jacrev, jacrev)):
        found = outer(inner(by_second))(second)
        torch.testing.assert_close(found, expected, rtol=1e-11, atol=1e-13)
    third = jacrev(jacrev(jacrev(by_second)))(second)
    torch.testing.assert_close(jacfwd(jacfwd(jacfwd(by_second)))(second), third, rtol=1e-10, atol=1e-12)

    tangent = torch.ones_like(second)
    twice = jvp(lambda t: jvp(by_second, (t,), (tangent,))[1], (second,), (tangent,))[1]
    torch.testing.assert_close(twice, expected.sum(), rtol=1e-11, atol=1e-12)
    rows = torch.stack([second, second])
    torch.testing.assert_close(vmap(jacrev(by_second))(rows)[1], jacrev(by_second)(second))
    with forward_ad.dual_level():  # forward over reverse without a graph of the gradient
        leaf = forward_ad.make_dual(second.clone().requires_grad_(), tangent)
        (slope,) = torch.autograd.grad(by_second(leaf), leaf)
        along = forward_ad.unpack_dual(slope).tangent
    summed = expected.sum(tuple(range(second.dim(), 2 * second.dim())))
    torch.testing.assert_close(along, summed, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_compiles_without_a_graph_break(name: str) -> None:
    function = getattr(kernels, name)
    compiled = torch.compile(function, fullgraph=True, backend="aot_eager")
    eager = [t.requires_grad_() for t in arguments(name, kind=torch.float32)]
    traced = [t.detach().clone().requires_grad_() for t in eager]
    torch.testing.assert_close(compiled(*traced), function(*eager), rtol=1e-6, atol=0.0)
    compiled(*traced).sum().backward()
    function(*eager).sum().backward()
    for a, b in zip(traced, eager, strict=True):
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_half_precision_is_computed_wide(name: str) -> None:
    if name.startswith("kl_mvn"):
        return  # rounding a factor to half precision is another distribution; see test_accuracy
    for kind in (torch.float16, torch.bfloat16):
        given = arguments(name, kind=kind)
        found = getattr(kernels, name)(*given)
        exact = getattr(kernels, name)(*(t.double() for t in given))
        assert found.dtype == kind
        torch.testing.assert_close(found, exact.to(kind), rtol=0.0, atol=0.0)


def test_autocast_gives_a_loss_in_float32() -> None:
    given = arguments("loss_bernoulli", kind=torch.bfloat16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = kernels.loss_bernoulli(*given)
    assert found.dtype == torch.float32


def test_only_some_arguments_need_a_gradient() -> None:
    loc_p, scale_p, loc_q, scale_q = arguments("kl_normal")
    scale_p.requires_grad_()
    value = kernels.kl_normal(loc_p, scale_p, loc_q, scale_q)
    (slope,) = torch.autograd.grad(value.sum(), scale_p)
    expected = scale_p / scale_q**2 - 1 / scale_p
    torch.testing.assert_close(slope, expected, rtol=1e-12, atol=1e-14)


def test_no_gradient_is_kept_when_none_is_asked() -> None:
    given: Any = [t.requires_grad_() for t in arguments("kl_normal")]
    with torch.no_grad():
        assert not kernels.kl_normal(*given).requires_grad
    assert not kernels.kl_normal(*(t.detach() for t in given)).requires_grad


def test_inductor_gives_the_same() -> None:
    # one kernel: the C++ compiler takes seconds for each; the others are traced above
    compiled = torch.compile(kernels.kl_normal_standard, fullgraph=True)
    traced = [t.requires_grad_() for t in arguments("kl_normal_standard", kind=torch.float32)]
    eager = [t.detach().clone().requires_grad_() for t in traced]
    value, expected = compiled(*traced), kernels.kl_normal_standard(*eager)
    torch.testing.assert_close(value, expected, rtol=4e-7, atol=0.0)
    value.sum().backward()
    expected.sum().backward()
    for a, b in zip(traced, eager, strict=True):
        torch.testing.assert_close(a.grad, b.grad, rtol=2e-7, atol=0.0)
