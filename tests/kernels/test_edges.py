"""Shapes, dtypes, memory layouts and bad input, in both packages."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from kernel_examples import arguments

import vaemath.kernels.numpy as numpy_kernels
import vaemath.kernels.torch as torch_kernels

PACKAGES = pytest.mark.parametrize("package", ["numpy", "torch"])


def run(package: str, name: str, *arguments: Any, **options: float) -> np.ndarray:
    if package == "numpy":
        return np.asarray(getattr(numpy_kernels, name)(*arguments, **options))
    tensors = [torch.as_tensor(np.asarray(a)) for a in arguments]
    return getattr(torch_kernels, name)(*tensors, **options).numpy()


def gradients(package: str, name: str, *arguments: Any) -> list[np.ndarray]:
    if package == "numpy":
        return list(getattr(numpy_kernels, f"{name}_and_grad")(*arguments))[1:]
    leaf = [torch.tensor(np.asarray(a), requires_grad=True) for a in arguments]
    return [g.numpy() for g in torch.autograd.grad(getattr(torch_kernels, name)(*leaf).sum(), leaf)]


@PACKAGES
@pytest.mark.parametrize("shape", [(), (1,), (0,), (3, 0, 2), (2, 3)])
def test_elementwise_keeps_the_shape(package: str, shape: tuple[int, ...]) -> None:
    value = run(package, "kl_normal_standard", np.full(shape, 0.5), np.full(shape, -0.25))
    assert value.shape == shape
    assert [g.shape for g in gradients(package, "kl_normal_standard", np.zeros(shape), np.zeros(shape))] == [
        shape,
        shape,
    ]


@PACKAGES
def test_events_are_summed_and_batches_broadcast(package: str) -> None:
    rng = np.random.default_rng(0)
    loc_p, scale_p = rng.normal(size=(5, 1, 3)), np.exp(rng.normal(size=(4, 3)))
    loc_q, scale_q = rng.normal(size=3), np.exp(rng.normal(size=(5, 4, 3)))
    value = run(package, "kl_normal_diag", loc_p, scale_p, loc_q, scale_q)
    assert value.shape == (5, 4)
    wide = [np.broadcast_to(a, (5, 4, 3)).copy() for a in (loc_p, scale_p, loc_q, scale_q)]
    np.testing.assert_allclose(value, run(package, "kl_normal", *wide).sum(-1), rtol=1e-14)
    for found, full, argument in zip(
        gradients(package, "kl_normal_diag", loc_p, scale_p, loc_q, scale_q),
        gradients(package, "kl_normal_diag", *wide),
        (loc_p, scale_p, loc_q, scale_q),
        strict=True,
    ):
        assert found.shape == argument.shape
        lead = full.sum(tuple(range(full.ndim - argument.ndim)))
        axes = tuple(i for i, n in enumerate(argument.shape) if n == 1)
        np.testing.assert_allclose(found, lead.sum(axes, keepdims=True), rtol=1e-12, atol=1e-12)


@PACKAGES
@pytest.mark.parametrize("name", ["kl_mvn", "kl_mvn_covariance"])
def test_batches_of_matrices_broadcast(package: str, name: str) -> None:
    eye = np.eye(3)
    value = run(package, name, np.zeros((4, 1, 3)), eye, np.ones((5, 3)), 2.0 * np.ones((4, 5, 1, 1)) * eye)
    assert value.shape == (4, 5)
    assert run(package, name, np.zeros((0, 3)), eye, np.zeros(3), eye).shape == (0,)
    single = run(package, name, np.zeros(3), eye, np.zeros(3), eye)
    assert single.shape == ()
    assert single == 0.0


@PACKAGES
def test_empty_events_and_batches(package: str) -> None:
    none = np.zeros((4, 0))
    assert np.all(run(package, "kl_normal_diag", none, none, none, none) == 0.0)
    assert run(package, "loss_gaussian", *[np.zeros((0, 3))] * 4).shape == (0,)
    assert all(g.shape == (0, 3) for g in gradients(package, "loss_bernoulli", *[np.zeros((0, 3))] * 4))


@PACKAGES
def test_memory_layout_does_not_matter(package: str) -> None:
    rng = np.random.default_rng(1)
    loc, logvar = rng.normal(size=(60, 700)), rng.normal(size=(60, 700))
    expected = run(package, "kl_normal_standard", loc, logvar)
    np.testing.assert_array_equal(
        run(package, "kl_normal_standard", np.asfortranarray(loc), logvar), expected
    )
    if package == "torch":  # expanded, transposed and strided tensors
        a, b = torch.tensor(loc), torch.tensor(logvar)
        found = torch_kernels.kl_normal_standard(a.mT.contiguous().mT, b.repeat_interleave(2, -1)[:, ::2])
        np.testing.assert_array_equal(found.numpy(), expected)
        row = torch_kernels.kl_normal_standard(a[:1].expand(60, 700), b[:1].expand(60, 700))
        np.testing.assert_array_equal(row.numpy(), np.broadcast_to(expected[:1], (60, 700)))


@pytest.mark.parametrize("name", ["kl_normal_diag", "loss_gaussian", "loss_bernoulli"])
def test_large_inputs_run_in_blocks_with_the_same_result(name: str) -> None:
    rng = np.random.default_rng(2)
    parts = [rng.uniform(0.1, 0.9, size=(700, 65)).astype(np.float32) for _ in range(4)]
    whole = run("torch", name, *parts)
    rows = np.concatenate([run("torch", name, *(p[i : i + 1] for p in parts)) for i in range(700)])
    np.testing.assert_array_equal(whole, rows)
    for found, piece in zip(
        gradients("torch", name, *parts), gradients("torch", name, *(p[:3] for p in parts)), strict=True
    ):
        np.testing.assert_array_equal(found[:3], piece)


@PACKAGES
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_result_has_the_dtype_of_the_arguments(package: str, kind: type) -> None:
    ones = np.ones(3, kind)
    assert run(package, "kl_normal", ones, ones, ones, ones).dtype == kind
    assert {g.dtype for g in gradients(package, "kl_normal", ones, ones, ones, ones)} == {np.dtype(kind)}


def test_python_numbers_do_not_widen_numpy_arrays() -> None:
    value = numpy_kernels.kl_normal(np.ones(3, np.float32), 1.0, 0.0, 2.0)
    assert value.dtype == np.float32


def test_python_numbers_take_the_dtype_of_the_tensors_beside_them() -> None:
    loc = torch.ones(3, dtype=torch.float64)
    found = torch_kernels.kl_normal(loc, 0.1, 0.0, 0.3)  # type: ignore[arg-type]
    expected = torch_kernels.kl_normal(loc, *(torch.full_like(loc, v) for v in (0.1, 0.0, 0.3)))
    assert found.dtype == torch.float64
    np.testing.assert_array_equal(found.numpy(), expected.numpy())


@pytest.mark.parametrize("kind", [torch.float16, torch.float32, torch.float64, torch.int64])
@pytest.mark.parametrize("other", [torch.float32, torch.float64, torch.int32])
@pytest.mark.parametrize("shape", [(), (3,)])
def test_the_dtype_is_that_of_torch(kind: torch.dtype, other: torch.dtype, shape: tuple[int, ...]) -> None:
    for first in (torch.ones(3, dtype=kind), torch.ones((), dtype=kind)):
        second = torch.ones(shape, dtype=other)
        wanted = torch.result_type(first, second)
        wanted = wanted if wanted.is_floating_point else torch.get_default_dtype()
        assert torch_kernels.kl_normal_standard(first, second).dtype == wanted
        assert torch_kernels.kl_normal_standard(second, first).dtype == wanted


@pytest.mark.parametrize("size", [4, 200])
def test_results_lie_in_memory_as_the_arguments_do(size: int) -> None:
    shape = (2, 3, size, size)
    a, b = (torch.rand(shape).to(memory_format=torch.channels_last).requires_grad_() for _ in range(2))
    value = torch_kernels.kl_normal_standard(a, b)
    assert value.is_contiguous(memory_format=torch.channels_last)
    for slope in torch.autograd.grad(value.sum(), (a, b)):
        assert slope.is_contiguous(memory_format=torch.channels_last)
    plain = torch_kernels.kl_normal_standard(a.detach().contiguous(), b.detach().contiguous())
    assert torch.equal(value, plain)


@PACKAGES
def test_nan_in_data_goes_through_without_a_warning(package: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loc = np.array([0.0, np.nan, 1.0])
        value = run(package, "kl_normal_standard", loc, np.array([0.0, 0.0, np.nan]))
    assert np.isnan(value).tolist() == [False, True, True]


@PACKAGES
def test_results_beyond_the_largest_float_are_infinite(package: str) -> None:
    value = run(package, "kl_normal_standard", np.array([0.0]), np.array([800.0]))
    assert value == np.inf


BAD: list[tuple[str, tuple[Any, ...], type[Exception], str]] = [
    (
        "kl_normal",
        (np.zeros(3), np.array([1.0, -0.5, 1.0]), np.zeros(3), np.ones(3)),
        ValueError,
        r"kl_normal: scale_p is -0.5 at \(1,\); expected a finite number > 0",
    ),
    ("kl_normal", (0.0, 1.0, 0.0, 0.0), ValueError, r"kl_normal: scale_q is 0.* at \(\); expected"),
    ("kl_normal", (0.0, np.nan, 0.0, 1.0), ValueError, r"kl_normal: scale_p is nan at \(\); expected"),
    (
        "kl_normal_diag",
        (np.zeros((2, 3)), np.ones((2, 4)), np.zeros((2, 3)), np.ones((2, 3))),
        ValueError,
        r"kl_normal_diag: scale_p has shape \(2, 4\); expected \(\.\.\., d\) with d = 3",
    ),
    (
        "kl_normal_diag",
        (0.0, 1.0, 0.0, 1.0),
        ValueError,
        r"kl_normal_diag: loc_p has shape \(\); expected \(\.\.\., d\)",
    ),
    (
        "kl_normal_diag",
        (np.zeros((2, 3)), np.ones((4, 3)), np.zeros(3), np.ones(3)),
        ValueError,
        r"kl_normal_diag: the batch shapes do not broadcast: loc_p \(2, 3\), scale_p \(4, 3\)",
    ),
    (
        "kl_mvn",
        (np.zeros(2), np.eye(2), np.zeros(2), np.array([[1.0, 0.0], [0.5, -0.2]])),
        ValueError,
        r"kl_mvn: scale_tril_q is -0.2 at \(1, 1\); expected a Cholesky factor, positive on its diagonal",
    ),
    (
        "kl_mvn",
        (np.zeros(2), np.array([[2.0, 0.5], [0.5, 2.0]]), np.zeros(2), np.eye(2)),
        ValueError,
        r"kl_mvn: scale_tril_p is 0.5 at \(0, 1\); expected a lower triangular matrix",
    ),
    (
        "kl_mvn_covariance",
        (np.zeros(2), np.stack([np.eye(2), np.array([[1.0, 2.0], [2.0, 1.0]])]), np.zeros(2), np.eye(2)),
        ValueError,
        r"kl_mvn_covariance: covariance_p is not positive definite at batch \(1,\); "
        r"expected a 2 x 2 covariance matrix",
    ),
    (
        "kl_mvn_covariance",
        (np.zeros(2), np.eye(2), np.zeros(2), np.array([[1.0, 0.3], [0.0, 1.0]])),
        ValueError,
        r"kl_mvn_covariance: covariance_q is 0.3 at \(0, 1\); expected a symmetric matrix",
    ),
    (
        "loss_bernoulli",
        (np.array([0.0, 255.0]), np.zeros(2), np.zeros(2), np.zeros(2)),
        ValueError,
        r"loss_bernoulli: x is 255.* at \(1,\); expected a number from 0 to 1",
    ),
    (
        "kl_normal_standard",
        (np.zeros(2, complex), np.zeros(2)),
        TypeError,
        r"kl_normal_standard: loc has dtype .*complex128; expected real numbers",
    ),
]


@PACKAGES
@pytest.mark.parametrize(("name", "arguments", "error", "message"), BAD)
def test_bad_input_gets_one_line(
    package: str, name: str, arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        run(package, name, *arguments)
    assert "\n" not in str(caught.value)


@PACKAGES
@pytest.mark.parametrize("scale", [0.0, -1.0, 1e-19, 1e19, float("nan"), float("inf")])
def test_the_scale_of_a_decoder_is_checked(package: str, scale: float) -> None:
    with pytest.raises(ValueError, match=r"loss_gaussian: scale is .*; expected a number from 1e-18"):
        run(package, "loss_gaussian", *[np.zeros(2)] * 4, scale=scale)


@pytest.mark.parametrize("name", torch_kernels.__all__)
def test_numpy_and_torch_agree(name: str) -> None:
    given = [t.numpy() for t in arguments(name)]
    check: Callable[..., None] = np.testing.assert_allclose
    check(run("torch", name, *given), run("numpy", name, *given), rtol=1e-13)
    for a, b in zip(gradients("torch", name, *given), gradients("numpy", name, *given), strict=True):
        check(a, b, rtol=1e-12, atol=1e-14)
