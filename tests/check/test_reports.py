"""What the report says, word for word: it is an interface."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vaemath.check.causes import CATALOGUE
from vaemath.check.diagnose import check
from vaemath.check.text import report

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


STATE = {"calls": 0}


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
        ("nowhere", "AttributeError: there is no 'nowhere' in"),
        ("forgetful", "a result that is the same for the same input: its result changes from call to call"),
    ],
)
def test_undecided_says_what_is_missing(mine: Path, name: str, missing: str) -> None:
    verdict = check(f"my_vae.py:{name}")
    assert verdict.status == "undecided"
    assert verdict.exit_code == 2
    assert missing in verdict.missing


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
