"""The numbers of a file that stand for irrational ones."""

from __future__ import annotations

from typing import Any

from vaemath.codegen import constants
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.reading import SourceFile
from vaemath.codegen.lift.value import Value
from vaemath.terms.build import half, log, mul, pi


def exact_numbers(source: SourceFile) -> dict[str, Any]:
    """Constants that stand for irrational numbers, as these; each must be the nearest float64."""
    exact = {"HALF_LOG_TWO_PI": mul(half, log(mul(2, pi)))}
    for name in exact:
        if name in source.constants and source.constants[name] != getattr(constants, name):
            raise LiftError(f"{source.name}: {name} is {source.constants[name]!r}")
    return {name: Value(t) for name, t in exact.items()}
