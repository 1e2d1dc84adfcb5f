"""The command: exit status, JSON, and one line for bad usage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from vaemath.cli.check import register

CODE = """
import numpy as np

def right(mu, logvar):
    return 0.5 * np.sum(mu**2 + np.exp(logvar) - logvar - 1)

def wrong(mu, logvar):
    return np.sum(mu**2 + np.exp(logvar) - logvar - 1)

def open_question(this, that, other):
    return this
"""


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    made.callback()(lambda: None)
    register(made)
    return made


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "mine.py"
    path.write_text(CODE)
    return str(path)


@pytest.mark.parametrize(("name", "status"), [("right", 0), ("wrong", 1), ("open_question", 2)])
def test_exit_status(app: typer.Typer, file: str, name: str, status: int) -> None:
    result = CliRunner().invoke(app, ["check", f"{file}:{name}"])
    assert result.exit_code == status, result.output


def test_json(app: typer.Typer, file: str) -> None:
    result = CliRunner().invoke(app, ["check", f"{file}:wrong", "--json"])
    data = json.loads(result.output)
    assert [c["code"] for c in data["causes"]] == ["factor"]
    assert data["causes"][0]["explanation"].endswith("the one-half is missing")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "target: got 'nothing'; expected package.module:function or path/to/file.py:function"),
        (["no/such/file.py:f"], "target: there is no file 'no/such/file.py'"),
        (["{file}:right", "--against", "kl-gamma"], "against: got 'kl-gamma'; expected one of"),
        (
            ["{file}:right", "--takes", "mu"],
            "takes: got 1 words; the function has 2 parameters without a default",
        ),
        (["{file}:right", "--takes", "mu,speed"], "takes: got 'speed'; expected words out of"),
        (["{file}:right", "--seed", "-1"], "seed: got -1; expected 0 or more"),
        (["{file}:right", "--time-limit", "0"], "time_limit: got 0 s; expected more than 0"),
        (["{file}:right", "--reduction", "median"], "reduction: got 'median'; expected mean, sum or none"),
    ],
)
def test_bad_usage_is_one_line(app: typer.Typer, file: str, arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["check", *(a.format(file=file) for a in arguments)])
    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output
