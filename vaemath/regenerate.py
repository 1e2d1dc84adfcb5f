"""Rebuild what is generated from what is written: scripts -> certificates -> kernels.

Generated files are committed and never edited by hand; `stale` shows where they differ from what the
scripts and the emitters give today.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path

from vaemath import library
from vaemath.errors import VaemathError
from vaemath.files import write

Progress = Callable[[str], None]


def _need_checkout() -> None:
    if not library.in_checkout():
        raise VaemathError(
            "regenerate: needs a checkout: the certificates and kernels of an installed package are fixed"
        )


def certificates(progress: Progress = lambda _: None) -> dict[Path, str]:
    """Every certificate, derived afresh from its script by a process apart, and replayed: path -> text.

    Raises:
        VaemathError: a script does not go through; it names the line.
    """
    from vaemath.apart.derive import derive_library

    progress("derive")
    return {library.CERTIFICATES / f"{d.id}.json": d.text() for d in derive_library()}


def difference(files: dict[Path, str], folder: Path, pattern: str) -> list[str]:
    """A diff for each file on disk that is not what it should be, missing and left-over ones too."""
    diffs = []
    for path in sorted({*files, *folder.glob(pattern)}):
        want = files.get(path, "")
        have = path.read_text() if path.is_file() else ""
        if want != have:
            name = str(path.relative_to(Path(__file__).parent.parent))
            lines = difflib.unified_diff(
                have.splitlines(True),
                want.splitlines(True),
                f"{name} (on disk)",
                f"{name} (regenerated)",
                n=1,
            )
            diffs.append("".join(lines))
    return diffs


def store(files: dict[Path, str], folder: Path, pattern: str) -> list[Path]:
    """Write the files that differ, remove those that no longer belong; the paths that changed."""
    changed = []
    for path, text in files.items():
        if not path.is_file() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path, text)
            changed.append(path)
    for path in folder.glob(pattern):
        if path not in files:
            path.unlink()
            changed.append(path)
    return changed


def run(*, check: bool, progress: Progress = lambda _: None) -> list[str]:
    """Write what differs, or with `check` only say so: paths written, or diffs.

    Raises:
        VaemathError: this is no checkout, a script does not go through, or a file cannot be written.
    """
    from vaemath import codegen

    _need_checkout()
    made = certificates(progress)
    progress("emit kernels")
    if check:
        return difference(made, library.CERTIFICATES, "*.json") + [s.diff for s in codegen.stale()]
    changed = store(made, library.CERTIFICATES, "*.json")
    changed += codegen.regenerate()
    return [str(path) for path in changed]
