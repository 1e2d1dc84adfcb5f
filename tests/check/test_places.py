"""Code where it is found: packages, notebooks, scripts, methods, calls; and code that misbehaves."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from vaemath.check.examine import check

LOSS = """
import numpy as np
import nowhere_installed as ni
{relative}

class Base(ni.Module):
    def __init__(self, config):
        self.beta = config.beta

    def kl(self, mu, logvar):
        return self.beta * 0.5 * np.sum(mu**2 + np.exp(logvar) - logvar - 1)

    @staticmethod
    def static(mu, logvar):
        return 0.5 * np.sum(mu**2 + np.exp(logvar) - logvar - 1)

    def net(self, x):
        return self.encoder(x)
"""
SCRIPT = """
import argparse
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
args = parser.parse_args()
while True:
    pass

def reparameterize(mu, logvar):
    return mu + np.exp(logvar) * np.random.randn(*mu.shape)

def agrees(mu, logvar):
    return 0.5 * np.sum(mu**2 + np.exp(2 * logvar) - 2 * logvar - 1)

def disagrees(mu, logvar):
    return 0.5 * np.sum(mu**2 + np.exp(logvar) - logvar - 1)

def pair(_, post, prior, weight=1):
    (m, lv), (m2, lv2) = post, prior
    return weight * 0.5 * np.sum(lv2 - lv - 1 + np.exp(lv - lv2) + (m - m2)**2 / np.exp(lv2))

def writes(mu, logvar):
    with open("written.bin", "wb") as file:
        file.write(b"0" * 10_000_000)
    return np.sum(mu + logvar)

def large(mu, logvar):
    return np.sum(mu) + np.ones(2 * 1024**3).sum()
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("code")
    for folder in ("src/mine/sub", "numpy"):
        (root / folder).mkdir(parents=True)
    (root / "numpy/__init__.py").write_text("raise RuntimeError('a folder that shadows')")
    (root / "src/mine/__init__.py").write_text("raise RuntimeError('heavy')")
    (root / "src/mine/sub/__init__.py").write_text("")
    (root / "src/mine/util.py").write_text("HALF = 0.5\n")
    (root / "src/mine/sub/loss.py").write_text(LOSS.format(relative="from ..util import HALF"))
    (root / "script.py").write_text(SCRIPT)
    cells = [
        ["%matplotlib inline\n", "import numpy as np\n"],
        LOSS.format(relative="").splitlines(True),
        ["!ls\n", "f(1)"],
    ]
    notebook = {"cells": [{"cell_type": "code", "source": c} for c in cells]}
    (root / "notebook.ipynb").write_text(json.dumps(notebook))
    return root


@pytest.mark.parametrize(
    "target",
    ["src/mine/sub/loss.py:Base.kl", "src/mine/sub/loss.py:Base.static", "notebook.ipynb:Base.static"],
)
def test_code_is_loaded_where_it_stands(place: Path, target: str) -> None:
    verdict = check(f"{place}/{target}")
    assert (verdict.status, verdict.theorem) == ("correct", "kl-normal-standard"), verdict.missing


def test_an_expression_calls_it(place: Path) -> None:
    verdict = check(f"{place}/script.py", call="pair(None, (mu, logvar), (mu2, logvar2), weight=1)")
    assert (verdict.status, verdict.theorem) == ("correct", "kl-normal-diag"), verdict.missing
    assert check(f"{place}/script.py", call="-0.5*np.sum(1+lv-m**2-np.exp(lv))").status == "correct"


def test_the_sampler_beside_it_says_what_a_spread_is(place: Path) -> None:
    verdict = check(f"{place}/script.py:agrees")
    assert verdict.status == "correct"
    assert any(note.endswith("as in the file's own sampler") for note in verdict.notes)
    verdict = check(f"{place}/script.py:disagrees")
    assert verdict.codes() == ["logstd-as-logvar", "std-as-variance"]
    assert "the file samples with `logvar`" in verdict.causes[0].words()


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("script.py:writes", "File too large"),
        ("script.py:large", "MemoryError"),
        ("src/mine/sub/loss.py:Base.net", "not callable"),
    ],
)
def test_what_misbehaves_costs_one_line(
    place: Path, monkeypatch: pytest.MonkeyPatch, name: str, missing: str
) -> None:
    monkeypatch.chdir(place)
    verdict = check(name, time_limit=20)
    assert verdict.status == "undecided"
    assert missing in verdict.missing
    assert "\n" not in verdict.missing


def test_a_live_function_is_examined_where_it_lives() -> None:
    half = 0.5

    def kl(mu: np.ndarray, logvar: np.ndarray) -> np.ndarray:
        return half * np.sum(mu**2 + np.exp(logvar) - logvar - 1, axis=1)

    assert check(kl).status == "correct"
