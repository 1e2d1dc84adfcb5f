"""The kit on other people's libraries: right at ordinary inputs, and what they lose at the edges."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from vaemath.testing import (
    Falsified,
    assert_finite_kl_identities,
    assert_gradients,
    assert_kl_identities,
    assert_matches_monte_carlo,
    assert_matches_oracle,
)


def torch_normal(loc_p, scale_p, loc_q, scale_q):
    return kl_divergence(Normal(loc_p, scale_p), Normal(loc_q, scale_q))


def torch_multivariate(loc_p, scale_tril_p, loc_q, scale_tril_q):
    p = MultivariateNormal(loc_p, scale_tril=scale_tril_p)
    return kl_divergence(p, MultivariateNormal(loc_q, scale_tril=scale_tril_q))


def scipy_entropy(p, q):
    return scipy.stats.entropy(p, q, axis=-1)


def scipy_rel_entr(p, q):
    return scipy.special.rel_entr(p, q).sum(-1)


def test_torch_distributions_obey_the_identities_at_ordinary_inputs() -> None:
    assert_kl_identities(torch_normal, library="torch", examples=15)
    assert_matches_oracle(torch_normal, library="torch", examples=15)
    assert_matches_monte_carlo(torch_normal, library="torch")
    assert_gradients(torch_normal, examples=15)


def test_torch_multivariate_normals_obey_the_identities_at_ordinary_inputs() -> None:
    assert_kl_identities(torch_multivariate, against="kl-mvn", library="torch", examples=10)
    assert_matches_monte_carlo(torch_multivariate, against="kl-mvn", library="torch")
    assert_gradients(torch_multivariate, against="kl-mvn", examples=8)


def test_torch_distributions_lose_digits_near_equality() -> None:
    with pytest.raises(Falsified, match="it equals kl-normal at high precision"):
        assert_matches_oracle(torch_normal, library="torch", strict=True)
    near = (torch.tensor(v, dtype=torch.float64) for v in (1e-9, 1.0, 0.0, 1.0))
    assert float(torch_normal(*near)) == 0.0  # exactly 5e-19: no digit is left


def test_torch_distributions_overflow_in_single_precision() -> None:
    narrow, wide = torch.tensor(1e-23), torch.tensor(1.0)
    zero = torch.tensor(0.0)
    assert torch.isinf(torch_normal(zero, narrow, zero, wide))
    exact = -np.log(1e-23) - 0.5
    assert exact == pytest.approx(52.459, abs=1e-3)


def test_scipy_obeys_the_identities_of_finite_distributions() -> None:
    for function in (scipy_entropy, scipy_rel_entr):
        assert_finite_kl_identities(function)


def test_scipy_rel_entr_does_not_normalise_and_so_loses_the_sign_near_equality() -> None:
    p = np.array([0.3, 0.7])
    q = p * (1 + np.array([1e-12, 1e-12]))  # proportional: the distributions are the same
    assert scipy_rel_entr(p, q) < 0
    assert abs(scipy_entropy(p, q)) < 1e-15
