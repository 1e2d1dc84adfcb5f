"""What the report says, word for word: it is an interface."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vaemath.check.diagnose import check
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


def test_a_wrong_function_is_told_what_it_computes_and_what_to_change(mine: Path) -> None:
    assert report(check("my_vae.py:kl_loss")).splitlines() == [
        "my_vae.py:kl_loss is NOT the KL divergence to N(0, 1)",
        "",
        "  it computes     1/2 sum(mu^2 + exp(2 v) - 2 v - 1)",
        "  it should be    1/2 sum(mu^2 + exp(v) - v - 1)    with v = `logvar`",
        "  cause           logvar-as-logstd: the log-variance is used as the logarithm of the standard",
        "                  deviation",
        "                  variance-as-std: the variance is used as the standard deviation",
        "  smallest case   mu = 0, logvar = 1: expected 0.359141, got 2.194528",
        "  change          line 6: return -0.5 * np.sum(1 + 2 * logvar - mu ** 2 - np.exp(2 * logvar))",
        "                  -> return -0.5 * np.sum(1 + logvar - mu ** 2 - np.exp(logvar))",
    ]


def test_a_right_function_is_told_under_which_convention(mine: Path) -> None:
    lines = report(check("my_vae:right")).splitlines()
    assert lines[:6] == [
        "my_vae:right is the KL divergence to N(0, 1)",
        "",
        "  takes           mu: the mean",
        "                  std: the standard deviation",
        "  reduction       summed over the latent dimensions, one number per sample",
        "  formula         1/2 sum(mu^2 - 2 log(s) + s^2 - 1)    with s = `std`",
    ]
    text = "\n".join(lines)
    assert "equal to the verified kernel at 10 random inputs of each of 3 shapes" in text
    assert "float64, near equality it loses every digit" in text
    assert "our kernel 0." in text


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("helpless", "what the parameters (this, that, other) are: say it with --takes"),
        ("raises", "a call that works: it raised RuntimeError: not today"),
        ("ends", "a call that works: it raised SystemExit: 3"),
        ("kills", "it ended the process that it ran in"),
        ("complex_numbers", "TypeError: it returned an array of complex128, not real numbers"),
        (
            "Model.kl",
            "as a method, it is given a stand-in for its object: name it by an object of the module",
        ),
        ("nowhere", "AttributeError: there is no 'nowhere' in"),
        ("forgetful", "a result that is the same for the same input: its result changes from call to call"),
    ],
)
def test_undecided_says_what_is_missing(mine: Path, name: str, missing: str) -> None:
    verdict = check(f"my_vae.py:{name}")
    assert verdict.status == "undecided"
    assert verdict.exit_code == 2
    assert missing in verdict.missing


def test_state_that_shows_late_is_noticed(mine: Path) -> None:
    verdict = check("my_vae.py:counted", takes="mu,logvar")
    assert verdict.status == "undecided"
    assert verdict.missing.endswith("it changed between two calls; it keeps state")


@pytest.mark.parametrize(("name", "takes"), [("several", "mu,logvar"), ("model.kl", None)])
def test_functions_of_other_kinds_are_called(mine: Path, name: str, takes: str | None) -> None:
    assert check(f"my_vae.py:{name}", takes=takes).status == "correct"


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("neg_kl", "-1/2 sum(mu^2 + exp(v) - v - 1)    with v = `logvar`"),
        ("once", "1/2 sum(mu^2 + exp(v) - v) - 1"),
        (
            "squared",
            "sum((x - r)^2) + 1/2 sum(mu^2 + exp(v) - v - 1)    with v = `logvar`, r = `recon`",
        ),
        ("softplus", "1/2 sum(mu^2 - 2 log(softplus(r)) + softplus(r)^2 - 1)    with r = `rho`"),
    ],
)
def test_the_formula_is_the_one_that_is_computed(mine: Path, name: str, formula: str) -> None:
    assert check(f"my_vae.py:{name}").computes == formula


def test_minus_the_kl_is_called_that(mine: Path) -> None:
    assert report(check("my_vae.py:neg_kl")).startswith("my_vae.py:neg_kl is minus the KL divergence")


def test_a_reversed_direction_may_be_what_was_meant(mine: Path) -> None:
    verdict = check("my_vae.py:reversed_pair")
    assert verdict.codes() == ["reversed-direction"]
    assert verdict.notes == ["right if KL(q || p) is meant, p being that of `mu1`, q that of `mu2`"]


def test_a_smallest_case_says_which_number_it_compares(mine: Path) -> None:
    text = " ".join(report(check("my_vae.py:noisy")).split())
    assert "the standard deviation of 10000 samples is expected to be 1.648721, got 2.7" in text


def test_an_estimator_states_both_error_rates_and_what_it_would_have_missed(mine: Path) -> None:
    verdict = check("my_vae.py:estimate")
    assert (verdict.status, verdict.estimator) == ("correct", True)
    data = json.loads(json.dumps(verdict.as_json()))["statistics"]
    assert (data["false_alarm"], data["miss"]) == (4e-8, 1e-6)
    for at in data["at"]:
        coarse = 0.7 * at["standard_deviation_of_a_call"]
        assert at["resolution"] == pytest.approx(max(0.05 * at["kl"], coarse))
        assert abs(at["mean"] - at["kl"]) < at["resolution"]
    text = " ".join(report(verdict).split())
    assert "a right one is accused with probability < 1e-7, one whose mean is off by" in text
    assert "standard deviations of a call) passes with < 1e-6; a smaller deviation may go unnoticed" in text


def test_a_function_that_does_not_end_is_stopped(mine: Path) -> None:
    verdict = check("my_vae.py:endless", time_limit=1.0)
    assert (verdict.status, verdict.missing) == ("undecided", "it took longer than 1 s")


def test_bad_manners_are_noticed(mine: Path) -> None:
    verdict = check("my_vae.py:rude")
    assert verdict.status == "correct"
    assert "it changes its input `mu` in place" in verdict.notes
    assert "it draws from the global generator of numpy" in verdict.notes


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
