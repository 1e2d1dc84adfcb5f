"""The C kernels as NumPy and torch functions: equal to those that they replace, and good citizens."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

import vaemath.kernels.numpy as numpy_kernels
import vaemath.kernels.torch as torch_kernels
import vaemath.native.numpy as native_numpy
import vaemath.native.torch as native_torch
from vaemath.native import available, build, calls
from vaemath.native.calls import NATIVE

NAMES = sorted(NATIVE)
KINDS = (np.float32, np.float64)
CANCELLING = {"loss_bernoulli d_logits", "kl_normal d_scale_q", "kl_normal_diag d_scale_q"}


def draw(name: str, seed: int, batch: tuple[int, ...], kind: Any, extreme: bool) -> list[Any]:
    """Arguments of a kernel: ordinary, or near equality, with latent codes far out."""
    rng = np.random.default_rng(seed)
    found = []
    for argument in NATIVE[name].arguments:
        axes = {"": (7,), "d": (7,), "D": (67,)}[argument.event]
        size = 10.0 ** rng.integers(-6, 2) if extreme else 1.0
        a = rng.normal(size=batch + axes) * size
        if argument.needs == "positive":
            a = np.exp(np.clip(a, -20.0, 20.0))
        if argument.needs == "unit":
            a = (a > 0.0) * 1.0 if extreme else rng.uniform(size=a.shape)
        found.append(a.astype(kind))
    return found


def close(found: Any, expected: Any, kind: Any, where: str) -> None:
    """Equal to a few units in the last place; where terms cancel, of the largest result."""
    with np.errstate(over="ignore", invalid="ignore"):
        found, expected = (np.asarray(a).astype(kind).astype(np.float64) for a in (found, expected))
        assert found.shape == expected.shape
        size = np.where(np.isfinite(expected), np.abs(expected), 0.0)
        if where in CANCELLING:
            size = np.maximum(size, size.max(initial=0.0))
        near = np.abs(found - expected) <= 8 * np.finfo(kind).eps * size + np.finfo(kind).tiny
    assert np.all(near | (found == expected)), where


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    batch=st.sampled_from([(1,), (5,), (2, 3), (0,), (33,)]),
    kind=st.sampled_from(KINDS),
    extreme=st.booleans(),
)
def test_numpy_and_c_agree(name: str, seed: int, batch: tuple[int, ...], kind: Any, extreme: bool) -> None:
    arguments = draw(name, seed, batch, kind, extreme)
    wide = [a.astype(np.float64) for a in arguments]
    expected = getattr(numpy_kernels, f"{name}_and_grad")(*wide)
    found = getattr(native_numpy, f"{name}_and_grad")(*arguments)
    assert all(f.dtype == kind for f in found)
    outputs = ["value", *(f"d_{a.name}" for a in NATIVE[name].arguments)]
    for output, f, e in zip(outputs, found, expected, strict=True):
        close(f, e, kind, f"{name} {output}")
    value = getattr(native_numpy, name)(*arguments)
    close(value, found[0], kind, f"{name} value alone")  # compilers may sum in another order


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
@pytest.mark.parametrize("upstream", ["one", "each"])
def test_torch_and_c_agree_with_gradients(name: str, kind: torch.dtype, upstream: str) -> None:
    numbers = draw(name, 3, (9,), np.float64, extreme=False)
    leaves = [torch.tensor(a, dtype=kind, requires_grad=True) for a in numbers]
    found, expected = (getattr(k, name)(*leaves) for k in (native_torch, torch_kernels))
    assert found.grad_fn is not None
    assert type(found.grad_fn) is not type(expected.grad_fn)
    generator = torch.Generator().manual_seed(4)
    by = torch.randn(found.shape, generator=generator, dtype=kind) if upstream == "each" else None
    if by is None:
        by = torch.ones((), dtype=kind).expand(found.shape)
    torch.testing.assert_close(found, expected)
    for f, e in zip(
        torch.autograd.grad(found, leaves, by), torch.autograd.grad(expected, leaves, by), strict=True
    ):
        torch.testing.assert_close(f, e, rtol=1e-5 if kind == torch.float32 else 1e-12, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_the_operators_are_proper(name: str) -> None:
    leaves = [torch.tensor(a, requires_grad=True) for a in draw(name, 5, (2,), np.float64, extreme=False)]
    options = [value for _, value in NATIVE[name].options]
    operator = getattr(torch.ops.vaemath, name).default
    gradients = getattr(torch.ops.vaemath, f"{name}_gradients").default
    upstream = torch.ones_like(operator(*leaves, *options).detach())
    for op, given_to in (
        (operator, (*leaves, *options)),
        (gradients, (*(t.detach() for t in leaves), *options, upstream, True)),
    ):
        assert set(torch.library.opcheck(op, given_to).values()) == {"SUCCESS"}
    function = getattr(native_torch, name)
    assert torch.autograd.gradcheck(function, leaves)
    assert torch.autograd.gradgradcheck(function, leaves)


def test_a_graph_holds_the_operator_and_what_cannot_go_to_c_goes_to_torch() -> None:
    loc, logvar = (torch.tensor(a) for a in draw("kl_normal_standard", 6, (4,), np.float64, extreme=False))
    seen: list[str] = []

    def backend(graph: torch.fx.GraphModule, _: list[Tensor]) -> Any:
        seen.extend(str(node.target) for node in graph.graph.nodes)
        return graph.forward

    compiled = torch.compile(native_torch.kl_normal_standard, backend=backend, fullgraph=True)
    expected = torch_kernels.kl_normal_standard(loc, logvar)
    torch.testing.assert_close(compiled(loc, logvar), expected)
    assert any("vaemath.kl_normal_standard" in name for name in seen)

    kernel = native_torch.kl_normal_standard
    torch.testing.assert_close(torch.func.vmap(kernel)(loc, logvar), expected)
    slope = torch.func.grad(lambda m: kernel(m, logvar).sum())(loc)
    torch.testing.assert_close(slope, loc)
    _, tangent = torch.func.jvp(lambda m: kernel(m, logvar), (loc,), (torch.ones_like(loc),))
    torch.testing.assert_close(tangent, loc)
    torch.testing.assert_close(kernel(loc.half(), logvar.half()), expected.half(), rtol=2e-3, atol=1e-3)
    torch.testing.assert_close(kernel(loc, logvar[0]), torch_kernels.kl_normal_standard(loc, logvar[0]))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert kernel(loc.float(), logvar.float()).dtype == torch.float32


@pytest.mark.parametrize("module", [native_numpy, native_torch])
def test_wrong_arguments_get_the_line_of_the_kernel(module: Any) -> None:
    make = np.array if module is native_numpy else torch.tensor
    one, bad = make([[1.0, 1.0]]), make([[1.0, -1.0]])
    with pytest.raises(
        ValueError, match=r"kl_normal: scale_q is -1.* at \(0, 1\); expected a finite number > 0"
    ):
        module.kl_normal(one, one, one, bad)
    with pytest.raises(ValueError, match=r"loss_bernoulli: x is -1.* expected a number from 0 to 1"):
        module.loss_bernoulli(bad, one, one, one)
    with pytest.raises(ValueError, match=r"loss_gaussian: scale is -1"):
        module.loss_gaussian(one, one, one, one, scale=-1.0)
    with pytest.raises(ValueError, match=r"mean has shape \(1, 1\)"):
        module.loss_gaussian(one, one[:, :1], one, one)
    with pytest.raises(TypeError):
        module.kl_normal(one)


def test_inputs_of_every_layout_are_read_right() -> None:
    loc, logvar = draw("kl_normal_diag_standard", 8, (6,), np.float64, extreme=False)
    expected = numpy_kernels.kl_normal_diag_standard(loc, logvar)
    for view in (np.asfortranarray, lambda a: np.repeat(a, 2, axis=0)[::2], lambda a: a[::-1][::-1]):
        np.testing.assert_allclose(
            native_numpy.kl_normal_diag_standard(view(loc), view(logvar)), expected, rtol=1e-14
        )
    tensors = [torch.tensor(a.T.copy()).T for a in (loc, logvar)]
    assert not tensors[0].is_contiguous()
    np.testing.assert_allclose(native_torch.kl_normal_diag_standard(*tensors), expected, rtol=1e-14)
    scalar = native_torch.kl_normal_standard(torch.tensor(0.5), torch.tensor(0.1))
    torch.testing.assert_close(scalar, torch_kernels.kl_normal_standard(torch.tensor(0.5), torch.tensor(0.1)))
    assert native_torch.kl_normal_standard(torch.zeros(0, 3), torch.zeros(0, 3)).shape == (0, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_the_edges_of_the_range(kind: Any) -> None:
    limit = np.log(np.finfo(kind).max) + np.log(2.0)
    logvar = np.array(
        [-np.inf, -1e30, -750.0, -0.0, limit * (1 - 1e-6), limit * (1 + 1e-6), np.inf, np.nan], kind
    )
    value, _, slope = native_numpy.kl_normal_standard_and_grad(np.zeros_like(logvar), logvar)
    assert np.isinf(value[[0, 5]]).all()
    assert not np.isfinite(value[6])
    assert value[1] == kind(0.5e30)
    assert value[2] == kind(374.5)
    assert value[3] == 0.0
    assert np.isfinite(value[4])
    assert np.isnan(value[7])
    assert slope[0] == slope[1] == -0.5
    assert np.isfinite(slope[4])
    assert np.isinf(slope[[5, 6]]).all()
    assert np.isnan(slope[7])
    logits = np.array([[-1e4], [-200.0], [0.0], [200.0], [1e4]], kind)
    zero = np.zeros((5, 1), kind)
    value, *_, slope, _, _ = native_numpy.loss_bernoulli_and_grad(np.ones_like(logits), logits, zero, zero)
    np.testing.assert_array_equal(value[:2], [1e4, 200.0])
    assert value[3] == kind(np.exp(-200.0))
    assert value[4] == 0.0
    assert np.all(slope <= 0.0)


def test_every_power_of_two_and_every_float32_exponent_is_right() -> None:
    """The two functions that look at bits, through the kernels that use them."""
    with np.errstate(over="ignore"):
        steps = np.arange(1, 129, dtype=np.float32) * np.float32(np.log(2.0))
        _, _, slope = native_numpy.kl_normal_standard_and_grad(np.zeros_like(steps), steps)
        np.testing.assert_allclose(slope, 0.5 * np.expm1(steps.astype(np.float64)), rtol=3e-7)
    ratio = 2.0 ** np.arange(-1074.0, 1023.0)
    one, zero = np.ones_like(ratio), np.zeros_like(ratio)
    with np.errstate(over="ignore"):
        expected = 0.5 * (ratio**2 - 1.0) - np.log(ratio)
        found = native_numpy.kl_normal(zero, ratio, zero, one)
    fits = ratio < 1e150
    np.testing.assert_allclose(found[fits], expected[fits], rtol=1e-15, atol=0.0)


def test_threads_do_not_change_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = draw("loss_bernoulli", 9, (2000,), np.float32, extreme=False)
    results = []
    for threads in ("1", "2"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        results.append(native_numpy.loss_bernoulli_and_grad(*arguments))
    for one, two in zip(*results, strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.fixture
def nothing_compiled() -> Any:
    for function in (build.library, build._say, build._version, calls.calls):
        function.cache_clear()
    yield
    for function in (build.library, build._say, build._version, calls.calls):
        function.cache_clear()


@pytest.mark.usefixtures("nothing_compiled")
def test_without_a_compiler_all_works_and_it_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAEMATH_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    one = np.ones((2, 3))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        value = native_numpy.kl_normal_standard(one, one)
        tensor = native_torch.kl_normal_diag_standard(torch.tensor(one), torch.tensor(one))
        assert not available()
    np.testing.assert_array_equal(value, numpy_kernels.kl_normal_standard(one, one))
    np.testing.assert_allclose(tensor, value.sum(-1))
    assert [str(w.message) for w in said] == [
        "vaemath.native: there is no C compiler; the NumPy and torch kernels do the work"
    ]
    with pytest.raises(NotImplementedError, match="no C compiler"):
        torch.ops.vaemath.kl_normal_diag_standard(torch.tensor(one), torch.tensor(one))


@pytest.mark.usefixtures("nothing_compiled")
def test_a_compiler_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "cc"
    broken.write_text("#!/bin/sh\necho 'cc: out of order' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CC", str(broken))
    monkeypatch.setenv("VAEMATH_CACHE", str(tmp_path / "cache"))
    with pytest.warns(RuntimeWarning, match="cannot compile a kernel .cc: out of order."):
        assert not available()
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.usefixtures("nothing_compiled")
def test_a_kernel_is_compiled_once_and_again_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAEMATH_CACHE", str(tmp_path))
    assert available()
    (first,) = tmp_path.iterdir()
    made = first.stat().st_mtime_ns
    build.library.cache_clear()
    assert available()
    assert first.stat().st_mtime_ns == made
    monkeypatch.setattr(build, "read", lambda name, target: "int changed;\n")
    build.library.cache_clear()
    build.library("kl_normal_standard")
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_sums_over_codes_near_the_prior_keep_six_digits(kind: Any) -> None:
    rng = np.random.default_rng(11)
    loc, logvar = (1e-4 * rng.normal(size=(64, 1000)) for _ in range(2))
    loc, logvar = loc.astype(kind), logvar.astype(kind)
    found = native_numpy.kl_normal_diag_standard(loc, logvar)
    exact = numpy_kernels.kl_normal_diag_standard(loc.astype(np.float64), logvar.astype(np.float64))
    np.testing.assert_allclose(found, exact, rtol=1e-6)
