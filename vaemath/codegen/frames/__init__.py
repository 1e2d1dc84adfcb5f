"""The frame of an emitted file: everything in it that is not read back as mathematics.

A file is `head`, then constants and functions that are read back and proved, then `tail`. Head and tail
depend on the program's declarations alone (name, arguments, options, the functions that it calls), so
that they can be compared byte for byte with what stands in a file. Emitters and the lifter take them from
here; which sources made them is pinned in `vaemath.codegen.lift.frames`.

numpy, torch, c    head and tail for each target
writing            signatures and checks, as text
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from vaemath.codegen.program import Program


class Frame(NamedTuple):
    """What a file starts and ends with."""

    head: str
    tail: str


def frame(program: Program, target: str) -> Frame:
    """The frame of a program's file for a target."""
    return _frames()[target](program)


def _frames() -> dict[str, Callable[[Program], Frame]]:
    from vaemath.codegen.frames.c import c_frame
    from vaemath.codegen.frames.numpy import numpy_frame
    from vaemath.codegen.frames.torch import torch_frame

    return {"numpy": numpy_frame, "torch": torch_frame, "c": c_frame}
