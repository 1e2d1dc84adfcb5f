"""The three functions of a compiled kernel, for both types: value, gradients, both in one pass."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from vaemath.codegen.program import Program
from vaemath.codegen.programs import PROGRAMS
from vaemath.codegen.targets.c.elements import by_entries
from vaemath.native.build import library

NATIVE = {program.name: program for program in PROGRAMS if by_entries(program)}
_SUFFIXES = {"float32": "f32", "float64": "f64"}


@dataclass(frozen=True)
class Calls:
    """A kernel's C functions for one type.

    They take the number of threads, the lengths, addresses of the arguments, the options, and addresses
    of the outputs. `gradients` has the address of the gradients by the value and whether there is one
    for each value before the outputs.
    """

    value: Callable[..., None]
    gradients: Callable[..., None]
    both: Callable[..., None]


@cache
def calls(kernel: str, dtype: str) -> Calls | None:
    """The functions for float32 or float64; None for other types, and where nothing can be compiled."""
    suffix = _SUFFIXES.get(dtype)
    found = library(kernel) if suffix else None
    if found is None:
        return None
    program = NATIVE[kernel]
    count = len(program.arguments)
    pointers: list[Any] = [ctypes.c_void_p] * count
    sizes = [ctypes.c_ssize_t] * len(lengths(program, [()] * count))
    head = [ctypes.c_int, *sizes, *pointers, *[ctypes.c_double] * len(program.options)]
    tails = {
        "value": [ctypes.c_void_p],
        "gradients": [ctypes.c_void_p, ctypes.c_ssize_t, *pointers],
        "both": [ctypes.c_void_p, *pointers],
    }
    made: dict[str, Callable[..., None]] = {}
    for name, tail in tails.items():
        function = getattr(found, f"{kernel}_{name}_{suffix}")
        function.argtypes, function.restype = [*head, *tail], None
        made[name] = function
    return Calls(**made)


def lengths(program: Program, shapes: Sequence[Sequence[int]]) -> list[int]:
    """The lengths that the C functions take, for arguments of one batch shape: entries, or rows and axes."""
    if program.elementwise:
        return [_product(shapes[0])]
    rows = _product(shapes[0][:-1])
    axes = {a.event: s[-1] if s else 0 for a, s in zip(program.arguments, shapes, strict=True)}
    return [rows, *axes.values()]


def _product(shape: Sequence[int]) -> int:
    total = 1
    for n in shape:
        total *= n
    return total
