"""The torch kernels where graphs are recorded: nothing depends on values, and what is saved loads."""

from __future__ import annotations

import io
import warnings
from typing import Any

import pytest
import torch
from kernel_examples import arguments
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.proxy_tensor import make_fx

import vaemath.kernels.torch as kernels

NAMES = kernels.__all__


class Module(torch.nn.Module):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.kernel = getattr(kernels, name)

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        return self.kernel(*inputs)


@pytest.mark.parametrize("name", NAMES)
def test_meta_and_fake_tensors_have_a_shape(name: str) -> None:
    given, function = arguments(name), getattr(kernels, name)
    expected = function(*given)
    found = function(*(t.to("meta") for t in given))
    assert (found.shape, found.dtype, found.device.type) == (expected.shape, expected.dtype, "meta")
    with FakeTensorMode() as mode:
        fake = [mode.from_tensor(t.requires_grad_()) for t in given]
        found = function(*fake)
        slopes = torch.autograd.grad(found.sum(), fake)
    assert found.shape == expected.shape
    assert [s.shape for s in slopes] == [t.shape for t in given]


@pytest.mark.parametrize("tracing", ["real", "fake", "symbolic"])
@pytest.mark.parametrize("name", NAMES)
def test_make_fx_records_the_kernel_and_its_gradient(name: str, tracing: Any) -> None:
    function = getattr(kernels, name)

    def both(given: list[torch.Tensor]) -> Any:
        leaves = [t.detach().requires_grad_() for t in given]
        value = function(*leaves)
        return value, torch.autograd.grad(value.sum(), leaves)

    graph = make_fx(both, tracing_mode=tracing)(list(arguments(name)))
    given = [1.5 * t if k % 2 else t / 2 for k, t in enumerate(arguments(name))]
    given[0] = arguments(name)[0] / 2
    torch.testing.assert_close(graph(given), both(given), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_export_keeps_the_batch_open(name: str, strict: bool) -> None:
    batch = torch.export.Dim("batch", min=2)
    given = arguments(name, batch=(3,))
    program = torch.export.export(
        Module(name), given, dynamic_shapes=(tuple({0: batch} for _ in given),), strict=strict
    )
    other = arguments(name, batch=(7,))
    torch.testing.assert_close(program.module()(*other), getattr(kernels, name)(*other), rtol=1e-12, atol=0.0)


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", NAMES)
def test_a_trace_is_silent_open_in_its_batch_differentiable_and_can_be_saved(
    name: str, kind: torch.dtype
) -> None:
    function = getattr(kernels, name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=DeprecationWarning)  # of torch.jit itself
        traced = torch.jit.trace(function, arguments(name, batch=(3,), kind=kind))
        file = io.BytesIO()
        torch.jit.save(traced, file)
    file.seek(0)
    leaves = [t.requires_grad_() for t in arguments(name, batch=(7,), kind=kind)]
    value, expected = torch.jit.load(file)(*leaves), function(*leaves)
    tolerance = {"rtol": 1e-6, "atol": 1e-6} if kind == torch.float32 else {"rtol": 1e-12, "atol": 1e-14}
    torch.testing.assert_close(value, expected, **tolerance)
    slopes = (torch.autograd.grad(v.sum(), leaves) for v in (value, expected))
    torch.testing.assert_close(*slopes, **tolerance)


@pytest.mark.parametrize("name", NAMES)
def test_compiles_without_gradients_and_under_transforms(name: str) -> None:
    function, given = getattr(kernels, name), arguments(name)
    for wrapped in (function, torch.func.vmap(function)):
        compiled = torch.compile(wrapped, fullgraph=True, backend="aot_eager")
        torch.testing.assert_close(compiled(*given), function(*given), rtol=1e-12, atol=0.0)
