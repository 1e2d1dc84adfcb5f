"""Kernel files on disk: up to date, found by name, written whole."""

from __future__ import annotations

import contextlib
import io
import re
import runpy
from pathlib import Path

import pytest

from vaemath import codegen
from vaemath.codegen import files
from vaemath.codegen.header import certificate_hash
from vaemath.codegen.programs import PROGRAMS
from vaemath.errors import VaemathError


def test_committed_files_are_what_would_be_generated() -> None:
    assert codegen.stale() == []


def test_a_changed_digit_shows_as_a_diff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = dict(files.fresh())
    path = files.KERNELS / "torch" / "kl_normal.py"
    text = made[path]
    monkeypatch.setattr(files, "fresh", lambda: {path: text.replace("0.99", "0.98", 1)})
    (stale,) = codegen.stale()
    assert stale.path == path
    assert "+" in stale.diff
    assert "0.98" in stale.diff


EMITTED = [(name, target) for name in codegen.names() for target in codegen.targets(name)]
THEOREMS = {p.name.replace("_", "-"): p.theorem for p in PROGRAMS}


@pytest.mark.parametrize(("name", "target"), EMITTED)
def test_header_names_theorem_hash_and_command(name: str, target: str) -> None:
    text = codegen.emit(name, target)
    head = text.split("\n#include ")[0].split("\nfrom ")[0]
    head = re.sub(r"\s+", " ", re.sub(r"^ ?[#*]", "", head, flags=re.MULTILINE))
    assert f"theorem {THEOREMS[name]}, certificate {certificate_hash(THEOREMS[name])}" in head
    assert f"vaemath emit {name} --target {target}" in head
    assert re.fullmatch(r"[0-9a-f]{64}", certificate_hash(THEOREMS[name]))


@pytest.mark.parametrize(("name", "target"), [e for e in EMITTED if e[1] != "c"])
def test_an_emitted_file_stands_alone_and_tests_itself(name: str, target: str, tmp_path: Path) -> None:
    text = codegen.emit(name, target)
    (tmp_path / "kernel.py").write_text(text)
    assert "vaemath" not in "".join(line for line in text.splitlines() if "import" in line)
    assert "SPDX-License-Identifier: BSD-3-Clause" in text
    if name in ("kl-mvn", "loss-bernoulli") or target == "numpy":
        with contextlib.redirect_stdout(io.StringIO()) as out:
            runpy.run_path(str(tmp_path / "kernel.py"), run_name="__main__")
        assert "the gradients agree with central differences" in out.getvalue()


@pytest.mark.parametrize("name", ["kl_mvn_covariance", "kl-mvn-covariance"])
def test_both_spellings_of_a_name_are_taken(name: str) -> None:
    assert "def kl_mvn_covariance(" in codegen.emit(name, "torch")


@pytest.mark.parametrize(
    ("name", "target", "message"),
    [
        ("kl-cauchy", "numpy", r"no kernel 'kl-cauchy': expected one of kl-mvn, .*"),
        ("kl-normal", "fortran", r"target: got 'fortran', expected one of numpy, torch, c"),
        ("kl-mvn", "c", r"target: kl-mvn works on matrices, expected one of numpy, torch"),
        ("../../pyproject", "numpy", r"no kernel '\.\./\.\./pyproject'"),
    ],
)
def test_unknown_names_get_one_line(name: str, target: str, message: str) -> None:
    with pytest.raises(VaemathError, match=message):
        codegen.emit(name, target)
