"""Every KL kernel, in both packages, obeys the identities; the scalar ones to the last digits."""

from __future__ import annotations

import numpy as np
import pytest

import vaemath.kernels.numpy as numpy_kernels
import vaemath.kernels.torch as torch_kernels
from vaemath.testing import assert_gradients, assert_kl_identities, assert_matches_oracle

KERNELS = {"numpy": numpy_kernels, "torch": torch_kernels}
CASES = [
    ("kl_normal_standard", "kl-normal-standard", None),
    ("kl_normal", "kl-normal", None),
    ("kl_normal_diag", "kl-normal-diag", None),
    ("kl_mvn", "kl-mvn", None),
    ("kl_mvn_covariance", "kl-mvn", "mu,covariance,mu,covariance"),
]


@pytest.mark.parametrize("library", KERNELS)
@pytest.mark.parametrize("case", CASES, ids=lambda c: c[0])
def test_kernels_obey_the_identities(case: tuple[str, str, str | None], library: str) -> None:
    name, against, takes = case
    kernel = getattr(KERNELS[library], name)
    assert_kl_identities(kernel, against=against, takes=takes, library=library, examples=15)


@pytest.mark.parametrize("regime", ["ordinary", "extreme"])
@pytest.mark.parametrize("case", CASES[:4], ids=lambda c: c[0])
def test_equality_and_sign_hold_exactly(case: tuple[str, str, str | None], regime: str) -> None:
    name, against, takes = case
    options = {"only": ("zero", "nonnegative"), "strict": True, "examples": 15}
    kernel = getattr(numpy_kernels, name)
    assert_kl_identities(kernel, against=against, takes=takes, regime=regime, **options)


@pytest.mark.parametrize("regime", ["ordinary", "extreme"])
@pytest.mark.parametrize("case", CASES[:3], ids=lambda c: c[0])
def test_no_digit_is_lost_near_equality(case: tuple[str, str, str | None], regime: str) -> None:
    name, against, takes = case
    kernel = getattr(numpy_kernels, name)
    options = {"regime": regime, "strict": True, "ulps": 8.0, "examples": 15}
    assert_matches_oracle(kernel, against=against, takes=takes, **options)


@pytest.mark.parametrize("case", CASES[:4], ids=lambda c: c[0])
def test_the_kits_own_gradient_check_passes_the_kernels(
    case: tuple[str, str, str | None],
) -> None:
    name, against, takes = case
    both = getattr(numpy_kernels, f"{name}_and_grad")

    def gradients(*arguments: np.ndarray) -> tuple[np.ndarray, ...]:
        return tuple(both(*arguments)[1:])

    kernel = getattr(numpy_kernels, name)
    assert_gradients(kernel, against=against, takes=takes, gradients=gradients, examples=10)
    assert_gradients(getattr(torch_kernels, name), against=against, takes=takes, examples=10)


def test_the_full_kernel_with_diagonal_factors_is_the_diagonal_kernel() -> None:
    rng = np.random.default_rng(0)
    loc_p, loc_q = rng.normal(size=(2, 5, 3))
    scale_p, scale_q = np.exp(rng.normal(size=(2, 5, 3)))
    eye = np.eye(3)
    full = numpy_kernels.kl_mvn(loc_p, scale_p[..., None] * eye, loc_q, scale_q[..., None] * eye)
    diagonal = numpy_kernels.kl_normal_diag(loc_p, scale_p, loc_q, scale_q)
    np.testing.assert_allclose(full, diagonal, rtol=1e-14)


def test_the_standard_kernel_is_the_general_one_at_the_standard_normal() -> None:
    rng = np.random.default_rng(1)
    loc, logvar = rng.normal(size=(2, 4, 5))
    general = numpy_kernels.kl_normal(loc, np.exp(logvar / 2), 0.0, 1.0)
    np.testing.assert_allclose(numpy_kernels.kl_normal_standard(loc, logvar), general, rtol=1e-13)
