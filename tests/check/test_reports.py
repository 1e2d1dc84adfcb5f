"""What the report says, word for word: it is an interface."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vaemath.check.examine import check
from vaemath.check.report.causes import CATALOGUE
from vaemath.check.report.text import report

FUNCTIONS = """
import numpy as np


def kl_loss(mu, logvar):
    return -0.5 * np.sum(1 + 2 * logvar - mu**2 - np.exp(2 * logvar))


def right(mu, std):
    return (0.5 * (mu**2 + std**2 - 1) - np.log(std)).sum(-1)


def helpless(this, that, other):
    return this


def raises(mu, logvar):
    raise RuntimeError("not today")


def endless(mu, logvar):
    while True:
        pass


def ends(mu, logvar):
    raise SystemExit(3)


def kills(mu, logvar):
    import os
    os._exit(0)


def rude(mu, logvar):
    print("noise on standard output")
    np.random.rand()
    value = 0.5 * np.sum(mu**2 + np.exp(logvar) - logvar - 1)
    mu += 1
    return value


def complex_numbers(mu, logvar):
    return mu + 1j * logvar


def counted(*args):
    STATE["others"] += 1
    value = 0.5 * np.sum(args[0] ** 2 + np.exp(args[1]) - args[1] - 1)
    return value + (STATE["others"] > 20)


def several(*args):
    return 0.5 * np.sum(args[0] ** 2 + np.exp(args[1]) - args[1] - 1)


def neg_kl(mu, logvar):
    return -0.5 * np.sum(mu**2 + np.exp(logvar) - logvar - 1, axis=1)


def once(mu, logvar):
    return 0.5 * np.sum(mu**2 + np.exp(logvar) - logvar, axis=1) - 1


def squared(recon, x, mu, logvar):
    return np.sum((x - recon) ** 2, 1) + 0.5 * np.sum(mu**2 + np.exp(logvar) - logvar - 1, 1)


def softplus(mu, rho):
    std = np.log1p(np.exp(rho))
    return (0.5 * (mu**2 + std**2 - 1) - np.log(std)).sum(-1)


def reversed_pair(mu1, std1, mu2, std2):
    return (np.log(std1 / std2) + (std2**2 + (mu1 - mu2) ** 2) / (2 * std1**2) - 0.5).sum(-1)


def noisy(mu, logvar):
    return mu + np.exp(logvar) * np.random.standard_normal(mu.shape)


def estimate(mu, std):
    noise = np.random.standard_normal(mu.shape)
    return (((mu + std * noise) ** 2 - noise**2) / 2 - np.log(std)).sum(-1)


class Model:
    weight = 1.0

    def kl(self, mu, logvar):
        return self.weight * 0.5 * np.sum(mu**2 + np.exp(logvar) - logvar - 1)


model = Model()
STATE = {"calls": 0, "others": 0}


def forgetful(mu, logvar):
    STATE["calls"] += 1
    return STATE["calls"] * 0.5 * np.sum(mu**2 + np.exp(logvar) - logvar - 1)
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "my_vae.py").write_text(FUNCTIONS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_wrong_function_is_told_what_it_computes(mine: Path) -> None:
    assert report(check("my_vae.py:kl_loss")).splitlines() == [
        "my_vae.py:kl_loss is NOT the KL divergence to N(0, 1)",
        "  the log-variance is used as the logarithm of the standard deviation; the variance is used as the",
        "  standard deviation",
        "",
        "  it computes     1/2 sum(mu^2 + exp(2 logvar) - 2 logvar - 1)",
        "  it should be    1/2 sum(mu^2 + exp(logvar) - logvar - 1)",
        "  cause           logvar-as-logstd: the log-variance is used as the logarithm of the standard",
        "                  deviation",
        "                  variance-as-std: the variance is used as the standard deviation",
        "  smallest case   mu = 0, logvar = 1: expected 0.359141, got 2.194528",
    ]


def test_a_right_function_is_told_under_which_convention(mine: Path) -> None:
    lines = report(check("my_vae:right")).splitlines()
    assert lines[0] == "my_vae:right is the KL divergence to N(0, 1)"
    assert lines[1].startswith(
        "  proved for all inputs at these shapes: run on symbols, it is equal to the theorem"
    )
    assert [line.strip() for line in lines[4:8]] == [
        "takes           mu: the mean",
        "std: the standard deviation",
        "reduction       summed over the latent dimensions, one number per sample",
        "formula         1/2 sum(mu^2 + std^2 - 2 log(std) - 1)",
    ]


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("helpless", "a formula that is known; what it computes was read exactly"),
        ("raises", "a call that works: it raised RuntimeError: not today"),
        ("ends", "a call that works: it raised SystemExit: 3"),
        ("kills", "it ended the process that it ran in"),
        ("nowhere", "AttributeError: there is no 'nowhere' in"),
    ],
)
def test_undecided_says_what_is_missing(mine: Path, name: str, missing: str) -> None:
    verdict = check(f"my_vae.py:{name}")
    assert verdict.status == "undecided"
    assert verdict.exit_code == 2
    assert missing in verdict.missing


@pytest.mark.parametrize(("name", "takes"), [("several", "mu,logvar"), ("model.kl", None)])
def test_functions_of_other_kinds_are_called(mine: Path, name: str, takes: str | None) -> None:
    assert check(f"my_vae.py:{name}", takes=takes).status == "correct"


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("neg_kl", "-1/2 sum(mu^2 + exp(logvar) - logvar - 1)"),
        ("once", "1/2 sum(mu^2 + exp(logvar) - logvar) - 1"),
        ("squared", "sum(recon^2 + x^2 - 2 recon x) + 1/2 sum(mu^2 + exp(logvar) - logvar - 1)"),
        ("softplus", "1/2 sum(mu^2 + softplus(rho)^2 - 2 log(softplus(rho)) - 1)"),
    ],
)
def test_the_formula_is_the_one_that_is_computed(mine: Path, name: str, formula: str) -> None:
    assert check(f"my_vae.py:{name}").computes == formula


def test_minus_the_kl_is_called_that(mine: Path) -> None:
    assert report(check("my_vae.py:neg_kl")).startswith("my_vae.py:neg_kl is minus the KL divergence")


def test_a_reversed_direction_may_be_what_was_meant(mine: Path) -> None:
    verdict = check("my_vae.py:reversed_pair")
    assert verdict.codes() == ["reversed-direction"]
    assert any(note.startswith("right if the KL of") for note in verdict.notes)


def test_an_estimator_is_proved_in_the_mean(mine: Path) -> None:
    verdict = check("my_vae.py:estimate")
    assert (verdict.status, verdict.estimator) == ("correct", True)
    assert "in the mean over its noise" in verdict.evidence[0]


def test_a_function_that_does_not_end_is_stopped(mine: Path) -> None:
    verdict = check("my_vae.py:endless", time_limit=1.0)
    assert (verdict.status, verdict.missing) == ("undecided", "it took longer than 1 s")


def test_the_verdict_as_json_has_codes_of_the_closed_list(mine: Path) -> None:
    data = json.loads(json.dumps(check("my_vae.py:kl_loss").as_json()))
    assert data["status"] == "wrong"
    assert data["theorem"] == "kl-normal-standard"
    assert [c["code"] for c in data["causes"]] == ["logvar-as-logstd", "variance-as-std"]
    assert data["counterexample"]["inputs"] == {"mu": 0.0, "logvar": 1.0}
    assert set(data["counterexample"]) == {"inputs", "expected", "got", "of"}


def test_what_is_taken_can_be_said(mine: Path) -> None:
    verdict = check("my_vae.py:kl_loss", takes="mu,logstd")
    assert verdict.status == "correct"
    assert verdict.conventions["logvar"] == "the logarithm of the standard deviation"


def test_the_catalogue_has_every_code_that_was_promised() -> None:
    promised = """sign sign-of-term factor factor-of-term constant missing-term wrong-term logvar-as-logstd
    logvar-as-std logvar-as-variance variance-as-std reversed-direction mean-over-latent
    divided-by-data-dimension wrong-shape clamped-parameter gradient not-finite noise-scale
    not-standard-normal
    shared-noise not-equal-in-expectation"""
    assert set(promised.split()) <= set(CATALOGUE)
