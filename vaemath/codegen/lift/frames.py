"""The list of trusted frames, and the comparison of a file with its frame, byte for byte.

A frame is what a file says beside its mathematics: header, imports, checks of arguments, broadcasting,
autograd, loops over memory, self-test. It is not read back, so it must be one that somebody has read: the
hash of the sources that make it stands in this list. Whoever changes such a source reads the difference in
the emitted files, runs `python -m vaemath.codegen.lift.frames`, and puts what it prints here.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from vaemath.codegen.frames import Frame, frame
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.program import Program

FRAMES = {
    "numpy": "ff6f5c460292c1f00f9d7136b5797d6168bcf8f1b313f42f99fdd7b4397adf0f",
    "torch": "7c7fde1e50125d747a23be2f22ea5f578224027f582cc33b35d8d9c50405b43d",
    "c": "e0e96dea0e6c9cd1e656c6677b3d6fff6aff382036fbcc32143d242661beb7dd",
    "package": "c2a4f80af43d5919baa8b3538726eddef6fe9327b51f7e6bba71a1da1dcff19d",
}
_SHARED = ("frames/__init__.py", "frames/writing.py", "header.py", "self_test.py")
_OWN = {
    "numpy": ("frames/numpy.py", "parts/numpy_edges.py"),
    "torch": ("frames/torch.py", "parts/torch_edges.py"),
    "c": ("frames/c.py", "c/frame.py", "c/self_test.py"),
    "package": ("emit_package.py",),
}
_LONGEST = 200_000  # characters of a file: ten times the largest kernel


class Inside(NamedTuple):
    """What stands between head and tail of a file, and how many lines stand before it."""

    text: str
    above: int


@cache
def fingerprint(target: str) -> str:
    """The hash of the sources that make a target's frame."""
    digest = hashlib.sha256()
    for source in (*_SHARED, *_OWN[target]):
        data = (Path(__file__).parent.parent / source).read_bytes()
        digest.update(f"{source} {len(data)}\n".encode() + data)
    return digest.hexdigest()


def check_pinned(target: str) -> None:
    """Raise unless the frame of a target is on the list.

    Raises:
        LiftError: it is not.
    """
    if FRAMES.get(target) != fingerprint(target):
        raise LiftError(
            f"the frame of the {target} kernels is not the one that was read: its sources have the hash "
            f"{fingerprint(target)[:16]}..., expected {FRAMES[target][:16]}..."
        )


def inside(program: Program, target: str, text: str, name: str) -> Inside:
    """What a file has within its frame.

    Raises:
        LiftError: the frame is not the one on the list, or the file has another; the message says where.
    """
    check_pinned(target)
    if len(text) > _LONGEST:
        raise LiftError(f"{name}: {len(text)} characters, expected at most {_LONGEST}")
    pinned = frame(program, target)
    lines, wanted = text.split("\n"), pinned.head.split("\n")
    if not text.startswith(pinned.head):
        at = next(k for k, line in enumerate(wanted) if k >= len(lines) or line != lines[k])
        raise LiftError(_differs(name, at, lines[at : at + 1], wanted[at], "head"))
    if not text.endswith(pinned.tail) or len(text) < len(pinned.head) + len(pinned.tail):
        raise LiftError(_tail(name, text, pinned))
    middle = text[len(pinned.head) : len(text) - len(pinned.tail)]
    return Inside(middle, pinned.head.count("\n"))


def _tail(name: str, text: str, pinned: Frame) -> str:
    lines, wanted = text.split("\n")[::-1], pinned.tail.split("\n")[::-1]
    at = next((k for k, line in enumerate(wanted) if k >= len(lines) or line != lines[k]), len(wanted) - 1)
    return _differs(name, len(lines) - 1 - at, lines[at : at + 1], wanted[at], "tail")


def _differs(name: str, at: int, found: list[str], wanted: str, part: str) -> str:
    got = f"`{found[0].strip()[:90]}`" if found else "nothing"
    return f"{name}, line {max(at, 0) + 1}: got {got}, expected `{wanted.strip()[:90]}` ({part} of the frame)"


if __name__ == "__main__":
    for target in FRAMES:
        print(f'    "{target}": "{fingerprint(target)}",')
