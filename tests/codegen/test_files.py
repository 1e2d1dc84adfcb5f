"""Kernel files on disk: up to date, found by name, written whole."""

from __future__ import annotations

import contextlib
import io
import os
import re
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from vaemath import codegen, library, verify
from vaemath.codegen import files
from vaemath.codegen.header import certificate_hash
from vaemath.codegen.programs import PROGRAMS
from vaemath.errors import VaemathError

Change = Callable[[Path], object]


def test_committed_files_are_what_would_be_generated() -> None:
    assert codegen.stale() == []


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder of kernels, and the package looking there."""
    copy = tmp_path / "vaemath" / "kernels"
    shutil.copytree(files.KERNELS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(files, "KERNELS", copy)
    monkeypatch.setattr(codegen, "KERNELS", copy)
    return copy


def test_a_changed_digit_shows_as_a_diff(kernels: Path) -> None:
    path = kernels / "torch" / "kl_normal.py"
    path.write_text(path.read_text().replace("0.99", "0.98", 1))
    (stale,) = codegen.stale()
    assert stale.path == path
    assert "-    middle = (t > -0.98) & (t < 1e6)\n+    middle = (t > -0.99) & (t < 1e6)" in stale.diff


def swapped(path: Path) -> None:
    path.write_text(
        path.read_text().replace("kl_normal import kl_normal,", "kl_mvn import kl_mvn as kl_normal,")
    )


ODD = [
    ("numpy/kl_normal.py", "is missing", Path.unlink),
    ("numpy/__init__.py", "is not what its program gives", swapped),
    (
        "__init__.py",
        "is not what its program gives",
        lambda p: p.write_text("import torch\n" + p.read_text()),
    ),
    ("c/kl_normal.c", "is not what its program gives", lambda p: p.write_bytes(p.read_bytes() + b"\n")),
    (
        "c/kl_normal.c",
        "is not what its program gives",
        lambda p: p.write_bytes(p.read_bytes().replace(b"\n", b"\r\n")),
    ),
    (
        "c/kl_normal.c",
        "is missing, or no plain file",
        lambda p: (p.rename(p.parent / "x"), p.symlink_to("x")),
    ),
    ("torch/kl_normal.py", "is missing, or no plain file", lambda p: (p.unlink(), os.mkfifo(p))),
    ("torch/kl_normal.py", "is missing, or no plain file", lambda p: p.write_bytes(b"\xff")),
    ("torch/kl_cauchy.py", "is a file that no program gives", lambda p: p.write_text("x = 1")),
    ("numpy/_numpy.so", "is a file that no program gives", lambda p: p.write_text("x = 1")),
]


@pytest.mark.parametrize(("name", "reason", "change"), ODD)
def test_every_file_that_is_not_as_made_is_stale(
    kernels: Path, name: str, reason: str, change: Change
) -> None:
    change(kernels / name)
    assert [(s.path, True) for s in codegen.stale() if reason in s.reason] == [(kernels / name, True)]


@pytest.mark.parametrize(("name", "reason", "change"), ODD[:2] + ODD[-2:-1])
def test_verify_fails_on_every_stale_file(
    kernels: Path, monkeypatch: pytest.MonkeyPatch, name: str, reason: str, change: Change
) -> None:
    monkeypatch.setattr(library, "in_checkout", lambda: False)  # in an installed package too
    change(kernels / name)
    differing = verify._differing()
    assert [k for k, m in differing.items() if reason in m] == [f"kernels/{name}"]
    own = list(verify._nobodys(differing))
    belongs = name == "numpy/kl_normal.py"
    assert (f"kernels/{name}" in verify._files("kl-normal")) == belongs
    assert [r.good for r in own] == ([] if belongs else [False])


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
    if target == "jax":
        pytest.importorskip("jax")
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
        ("kl-normal", "fortran", r"target: got 'fortran', expected one of c, jax, numpy, torch"),
        ("kl-mvn", "c", r"target: kl-mvn works on matrices, expected one of jax, numpy, torch"),
        ("../../pyproject", "numpy", r"no kernel '\.\./\.\./pyproject'"),
    ],
)
def test_unknown_names_get_one_line(name: str, target: str, message: str) -> None:
    with pytest.raises(VaemathError, match=message):
        codegen.emit(name, target)
