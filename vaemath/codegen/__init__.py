"""From theorems to kernel files, and the proof that a file computes its theorem.

emit(name, target)    the committed source of a kernel; imports nothing heavy
validate(name)        the proof, file by file, that the source computes its theorem
stale()               files that differ from what would be generated now
regenerate()          write them
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaemath.codegen.files import KERNELS, TARGETS, Stale, names, place, regenerate, stale, targets
from vaemath.codegen.files import read as emit

if TYPE_CHECKING:
    from vaemath.codegen.lift.validate import Report


def validate(name: str) -> list[Report]:
    """Prove the files of a kernel equal to its theorem; one report for each output and primitive.

    Raises:
        VaemathError: no such kernel, or no certificate of its theorem.
    """
    from vaemath.codegen.lift.validate import validate_program
    from vaemath.codegen.programs import PROGRAMS
    from vaemath.library import theorem

    wanted = name.replace("-", "_")
    reports: list[Report] = []
    for target in targets(name):
        text = emit(name, target)
        program = next(p for p in PROGRAMS if p.name == wanted)
        reports += validate_program(program, target, text, theorem)
    return reports


__all__ = [
    "KERNELS",
    "TARGETS",
    "Stale",
    "emit",
    "names",
    "place",
    "regenerate",
    "stale",
    "targets",
    "validate",
]
