"""What a failing check says: the identity, the smallest falsifying input, the two numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vaemath.errors import VaemathError
from vaemath.testing import (
    Falsified,
    assert_finite_kl_identities,
    assert_gradients,
    assert_kl_identities,
    assert_matches_monte_carlo,
    assert_matches_oracle,
)


def kl(loc_p, scale_p, loc_q, scale_q):
    square = (scale_p**2 + (loc_p - loc_q) ** 2) / (2 * scale_q**2)
    return np.log(scale_q / scale_p) + square - 0.5


def without_constant(*a):
    return kl(*a) + 0.5


def reversed_kl(loc_p, scale_p, loc_q, scale_q):
    return kl(loc_q, scale_q, loc_p, scale_p)


def batch_average(*a):
    value = kl(*a)
    return np.broadcast_to(value.mean(0), value.shape)


def latent_average(*a):
    return kl(*a).mean(-1)


def unscaled(loc_p, scale_p, loc_q, scale_q):
    return kl(loc_p, scale_p, loc_q, scale_q) + 0.1 * (loc_p - loc_q) ** 2


def text(statement, *a, **options) -> list[str]:
    with pytest.raises(Falsified) as caught:
        statement(*a, **options)
    return str(caught.value).splitlines()


def test_a_missing_constant() -> None:
    assert text(assert_kl_identities, without_constant) == [
        "without_constant: false: KL(p, p) = 0",
        "  input      mu_p = 0.0, std_p = 1.0, mu_q = 0.0, std_q = 1.0",
        "  KL(p, p)   0.5",
        "  expected   0.0",
        "  allowed    256 units of rounding of the textbook terms, float64, ordinary inputs",
    ]


def test_a_sampled_mean_says_how_sharp_it_was() -> None:
    lines = text(assert_matches_monte_carlo, without_constant, dtype="float32")
    assert lines[0] == "without_constant: false: KL(p, q) is the mean of log p(z)/q(z)"
    assert lines[-1].split(maxsplit=1)[0] == "allowed"
    assert lines[-1].endswith(
        "(0.05 standard deviations of the log-ratio), false alarm 1e-09, miss 1e-06, float32, ordinary inputs"
    )


def test_a_reversed_direction() -> None:
    lines = text(assert_kl_identities, reversed_kl)
    assert lines[0] == "reversed_kl: false: KL(p, q) is less than KL(q, p) when q is p, three times as wide"
    assert lines[1] == "  input      mu_p = 0.0, std_p = 1.0, mu_q = 0.0, std_q = 3.0"
    assert lines[2].startswith("  KL(p, q)   2.9013877113")
    assert lines[3].startswith("  KL(q, p)   0.6541678442")


def test_an_average_over_the_batch() -> None:
    assert text(assert_kl_identities, batch_average, only=["rows"])[0].endswith(
        "each row of a batch is worth the same alone"
    )


def test_an_average_over_latent_dimensions() -> None:
    lines = text(assert_kl_identities, latent_average, against="kl-normal-diag", only=["additive"])
    assert lines[0] == "latent_average: false: KL of independent coordinates is the sum of their KLs"
    assert lines[2].startswith("  KL of both")


def test_a_term_that_is_not_scaled() -> None:
    lines = text(assert_kl_identities, unscaled, only=["affine"])
    assert (
        lines[0] == "unscaled: false: KL does not change when both distributions are mapped by x -> A x + b"
    )


def test_a_function_that_raises() -> None:
    def broken(*a):
        raise ValueError("no such thing")

    lines = text(assert_kl_identities, broken)
    assert lines[0] == "broken: false: KL(p, p) = 0"
    assert lines[2] == "  raised     ValueError: no such thing"


def test_a_value_and_a_gradient_that_are_wrong() -> None:
    lines = text(assert_matches_oracle, unscaled)
    assert lines[0] == "unscaled: false: it equals kl-normal at high precision"

    def detached(loc, logvar):
        return 0.5 * (loc**2 + logvar.detach().exp() - logvar - 1)

    lines = text(assert_gradients, detached, against="kl-normal-standard")
    assert lines[0] == "detached: false: its gradient by logvar is that of kl-normal-standard"
    assert any(line.split() == ["expected", "0.0"] for line in lines)
    assert torch.is_tensor(detached(torch.zeros(1), torch.zeros(1)))


def test_a_finite_divergence_the_wrong_way_round() -> None:
    def backwards(p, q):
        return (q * np.log(q / p)).sum(-1)

    lines = text(assert_finite_kl_identities, backwards)
    assert lines[0] == "backwards: false: KL(p, q) = sum p log(p/q)"


def test_bad_options_are_one_line() -> None:
    with pytest.raises(VaemathError, match="against: got 'kl-gamma'; expected one of kl-normal-standard"):
        assert_kl_identities(kl, against="kl-gamma")
    with pytest.raises(VaemathError, match="takes: got 'sd2'; expected words out of"):
        assert_kl_identities(kl, takes="mu,sd2,mu,std")
    with pytest.raises(VaemathError, match="takes: got 2 words; expected 4 for kl-normal"):
        assert_kl_identities(kl, takes="mu,std")
    with pytest.raises(VaemathError, match="takes: got 'logvar' at place 1; expected mu for kl-normal"):
        assert_kl_identities(kl, takes="logvar,mu,mu,std")
    with pytest.raises(VaemathError, match="only: got 'symmetry'"):
        assert_kl_identities(kl, only=["symmetry"])
    with pytest.raises(VaemathError, match=r"latent_average: returned shape \(1,\); expected \(1, 1\)"):
        assert_kl_identities(latent_average)
