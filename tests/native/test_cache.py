"""Compiled kernels are kept where nobody else can put one, and loaded only as they were put there."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vaemath.native import available, build, calls

needs_compiler = pytest.mark.skipif(not (shutil.which("cc") or shutil.which("gcc")), reason="no C compiler")
NAME = "kl_normal_standard"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache that is not there yet; nothing is loaded before and after."""
    where = tmp_path / "cache"
    monkeypatch.setenv("VAEMATH_CACHE", str(where))
    _forget()
    yield where
    _forget()


def _forget() -> None:
    for function in (build.library, build._say, calls.calls):
        function.cache_clear()


def said() -> str:
    """What is said when the library is not loaded."""
    _forget()
    with pytest.warns(RuntimeWarning) as warned:
        assert build.library(NAME) is None
    (only,) = (str(w.message) for w in warned)
    assert "\n" not in only
    assert only.endswith("the NumPy and torch kernels do the work")
    return only


@needs_compiler
def test_the_cache_is_private_and_a_library_bears_its_hash(cache: Path) -> None:
    assert available()
    assert cache.stat().st_mode & 0o777 == 0o700
    (made,) = cache.iterdir()
    assert made.stat().st_mode & 0o777 == 0o600
    assert made.name.endswith(f"-{build._hash(made.read_bytes())}.so")
    _forget()
    assert available()


def put(path: Path, content: bytes) -> None:
    """Other bytes under the name; the file that is loaded already stays what it is."""
    beside = path.with_suffix(".other")
    beside.write_bytes(content)
    beside.replace(path)


def flipped(path: Path) -> None:
    put(path, path.read_bytes()[:-1] + b"?")


def another(path: Path) -> None:
    """A library that does something else, with the name of this one."""
    source = path.parent.parent / "evil.c"
    source.write_text("int here;\n")
    made = source.with_suffix(".so")
    subprocess.run(["cc", "-shared", "-fPIC", str(source), "-o", str(made)], check=True)
    put(path, made.read_bytes())


def linked(path: Path) -> None:
    away = path.parent.parent / "away.so"
    path.rename(away)
    path.symlink_to(away)


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@needs_compiler
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (flipped, "expected the one in its name"),
        (another, "expected the one in its name"),
        (lambda p: put(p, b""), "expected the one in its name"),
        (lambda p: p.rename(p.with_name(p.name[:-9] + "00000.so")), "expected the one in its name"),
        (linked, "is a link; expected a compiled kernel"),
        (a_pipe, "is a pipe; expected a compiled kernel"),
    ],
)
def test_a_library_that_is_not_what_was_put_there_is_not_loaded(
    cache: Path, change: Callable[[Path], object], reason: str
) -> None:
    assert available()
    (made,) = cache.iterdir()
    change(made)
    assert reason in said()


@needs_compiler
def test_a_second_library_beside_the_right_one_must_be_right_too(cache: Path) -> None:
    assert available()
    (made,) = cache.iterdir()
    made.with_name(made.name[:-9] + "00000.so").write_bytes(made.read_bytes())
    assert "expected the one in its name" in said()


@needs_compiler
@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701, 0o777, 0o1777])
def test_a_cache_that_others_may_enter_is_refused(cache: Path, mode: int) -> None:
    cache.mkdir()
    cache.chmod(mode)
    assert f"others may enter it (mode {mode:04o}); expected mode 0700" in said()


@needs_compiler
def test_a_cache_that_is_a_link_or_a_file_is_refused(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    cache.symlink_to(tmp_path / "elsewhere")
    assert "is no directory; expected one that you alone can enter" in said()
    cache.unlink()
    cache.write_text("")
    assert "is no directory; expected one that you alone can enter" in said()


@needs_compiler
def test_a_cache_of_somebody_else_is_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.mkdir(mode=0o700)
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    assert f"belongs to user {mine}; expected a directory of your own" in said()


@needs_compiler
def test_a_cache_in_a_folder_that_anybody_can_write_is_refused(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    monkeypatch.setenv("VAEMATH_CACHE", str(shared / "cache"))
    assert f"{shared}: anybody can replace what is in it" in said()
    shared.chmod(0o1777)  # as /tmp is: there only the owner can rename a folder
    _forget()
    assert available()
