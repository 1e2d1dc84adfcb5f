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

from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.program import Program
from vaemath.codegen.targets import targets
from vaemath.codegen.targets.interface import Frame

FRAMES = {
    "c": "8e3b13358f470f7b6bc7e45e91544d58b7ecaf93df7a0352d36713f56a198313",
    "jax": "e14a334cdb7fddf3e2c1733b4665fe3fbbec0002a6e129657cca90b71c4e9ec2",
    "numpy": "cf6e3dcdb06f9102e6fe37e6efd7ab21851e217545c63fd5138df99674cc31ac",
    "torch": "32dae36f3fccb3927b6ff2664632fc8db3fd997b042918d5ba8bfe8f787965a3",
    "package": "a6aeb1c06f5bd585eecf83534d1d9bb80c81c0e7aeaa641f43395291e4a42038",
}
_SHARED = ("targets/interface.py", "targets/writing.py", "header.py", "self_test.py")
_PACKAGE = ("targets/packages.py",)
_LONGEST = 200_000  # characters of a file: ten times the largest kernel


class Inside(NamedTuple):
    """What stands between head and tail of a file, and how many lines stand before it."""

    text: str
    above: int


@cache
def fingerprint(target: str) -> str:
    """The hash of the sources that make a target's frame."""
    digest = hashlib.sha256()
    above = Path(__file__).parent.parent
    own = [above / s for s in _PACKAGE] if target == "package" else targets()[target].frame_sources
    for source in (*(above / s for s in _SHARED), *own):
        data = source.read_bytes()
        digest.update(f"{source.name} {len(data)}\n".encode() + data)
    return digest.hexdigest()


def check_pinned(target: str) -> None:
    """Raise unless the frame of a target is on the list.

    Raises:
        LiftError: it is not.
    """
    if target not in FRAMES and not type(targets()[target]).__module__.startswith("vaemath."):
        return  # another package's: the report on a file says that nobody here has read it
    if FRAMES.get(target) != fingerprint(target):
        raise LiftError(
            f"the frame of the {target} kernels is not the one that was read: its sources have the hash "
            f"{fingerprint(target)[:16]}..., expected {FRAMES.get(target, 'none')[:16]}..."
        )


def inside(program: Program, target: str, text: str, name: str) -> Inside:
    """What a file has within its frame.

    Raises:
        LiftError: the frame is not the one on the list, or the file has another; the message says where.
    """
    check_pinned(target)
    if len(text) > _LONGEST:
        raise LiftError(f"{name}: {len(text)} characters, expected at most {_LONGEST}")
    pinned = targets()[target].frame(program)
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
