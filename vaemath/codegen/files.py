"""Kernel files: where they are, made afresh, compared with the committed ones."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from vaemath.codegen.targets import targets as targets_by_name
from vaemath.errors import VaemathError
from vaemath.files import read as read_bytes
from vaemath.files import write

TARGETS = tuple(targets_by_name())
KERNELS = Path(__file__).parent.parent / "kernels"
_LARGEST = 1_000_000  # bytes


@dataclass(frozen=True)
class Stale:
    """A file that is not what its program and certificate give.

    Attributes:
        path: of the file.
        diff: from the file on disk to what it should be; or the reason, where there are no lines to compare.
        reason: what is wrong, in words that follow the file's name.
    """

    path: Path
    diff: str
    reason: str


def names() -> list[str]:
    """The kernels, by the name that commands take, such as `kl-mvn-covariance`."""
    found = sorted(p.stem for p in (KERNELS / "numpy").glob("[!_]*.py"))
    return [name.replace("_", "-") for name in found]


def place(name: str, target: str) -> Path:
    """Where the file of a kernel is, or would be."""
    return KERNELS / target / f"{name.replace('-', '_')}{targets_by_name()[target].suffix}"


def targets(name: str) -> tuple[str, ...]:
    """The targets that a kernel has: all, or those with matrices."""
    return tuple(t for t in TARGETS if place(name, t).is_file())


def read(name: str, target: str) -> str:
    """The committed file of a kernel.

    Raises:
        VaemathError: no such kernel or target, or it is no plain file of text.
    """
    if target not in TARGETS:
        raise VaemathError(f"target: got {target!r}, expected one of {', '.join(TARGETS)}")
    if name not in names() and name.replace("_", "-") not in names():
        raise VaemathError(f"no kernel {name!r}: expected one of {', '.join(names())}")
    if target not in targets(name):
        raise VaemathError(f"target: {name} works on matrices, expected one of {', '.join(targets(name))}")
    return _text(place(name, target))


def _text(path: Path) -> str:
    """What the file says, line ends as they are: what is compared must be what a compiler reads."""
    content = read_bytes(path, limit=_LARGEST, expected="a kernel file", follow=False)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as e:
        raise VaemathError(f"{path}: byte {e.start} is not UTF-8; expected a kernel file") from None


def fresh() -> dict[Path, str]:
    """Every generated file, made again."""
    from vaemath.codegen.programs import PROGRAMS
    from vaemath.codegen.targets.packages import package_files

    made: dict[Path, str] = {}
    for name, target in targets_by_name().items():
        programs = [p for p in PROGRAMS if target.takes(p)]
        made |= {place(p.name, name): target.emit(p) for p in programs}
        for relative, text in package_files(target, [p.name for p in programs]):
            made[KERNELS / relative] = text
    return made


def stale() -> list[Stale]:
    """The files that differ from what would be generated now, and those that nothing generates."""
    made = fresh()
    found = [_compared(path, text) for path, text in made.items()]
    found += [_odd(path, "is a file that no program gives") for path in _lying_about() if path not in made]
    return [s for s in found if s is not None]


def _compared(path: Path, text: str) -> Stale | None:
    try:
        old = _text(path)
    except VaemathError:
        return _odd(path, "is missing, or no plain file of text")
    if old == text:
        return None
    place = str(path.relative_to(KERNELS.parent.parent))
    lines = difflib.unified_diff(
        old.splitlines(True), text.splitlines(True), f"{place} (on disk)", f"{place} (made)"
    )
    return Stale(path, "".join(lines), "is not what its program gives today")


def _odd(path: Path, reason: str) -> Stale:
    return Stale(path, f"{path.relative_to(KERNELS.parent.parent)} {reason}\n", reason)


def _lying_about() -> list[Path]:
    """Every file in the folder of kernels but what Python itself keeps there."""
    return sorted(
        p for p in KERNELS.rglob("*") if (p.is_symlink() or not p.is_dir()) and "__pycache__" not in p.parts
    )


def regenerate() -> list[Path]:
    """Write every generated file that changed; the paths written.

    Raises:
        VaemathError: a file cannot be written.
    """
    written = []
    for path, text in fresh().items():
        if _compared(path, text) is None:
            continue
        path.parent.mkdir(exist_ok=True)
        write(path, text)
        written.append(path)
    return written
