"""A C file run on terms: its functions for each entry of an axis, and the sum over the entries.

That the loops of the file do just this is not read back: they are the emitter's to the letter, and
tested by running them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vaemath.codegen.c.elements import constant, elements, narrow
from vaemath.codegen.lift.c_bodies import c_words, check_c_primitive
from vaemath.codegen.lift.c_reading import read_c
from vaemath.codegen.lift.contracts import PRIMITIVES
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.instance import Instance
from vaemath.codegen.lift.numbers import exact_numbers
from vaemath.codegen.lift.value import lifted
from vaemath.codegen.program import Program


class CFile:
    """An emitted C file: its functions in double, and those that are there in float."""

    def __init__(self, program: Program, text: str) -> None:
        self.program = program
        self.sources = {suffix: read_c(program, text, suffix) for suffix in ("f32", "f64")}
        self.parts = elements(program)
        self.once = constant(program)

    def runs(self, instance: Instance) -> list[Callable[[], dict[str, Any]]]:
        """In double, and as float32 arguments are treated."""
        return [self._runner(instance, suffix) for suffix in ("f32", "f64")]

    def primitive(self, name: str) -> list[str]:
        """What was shown of a primitive, for every type in which the file has it."""
        found = [s for s, source in self.sources.items() if f"_{name}" in source.functions]
        if not found:
            raise LiftError(f"{self.program.name} (c): there is no function `{name}`")
        return [f"{suffix}: {check_c_primitive(self.sources[suffix], name, suffix)}" for suffix in found]

    def _runner(self, instance: Instance, suffix: str) -> Callable[[], dict[str, Any]]:
        spaces = {s: self._namespace(s) for s in self.sources}

        def run() -> dict[str, Any]:
            total = lifted(0)
            slopes: dict[str, Any] = {}
            for element in self.parts:
                space = spaces[suffix if narrow(element) else "f64"]
                name = f"_{self.program.name}_{element.name}"
                if name not in space:
                    raise LiftError(f"{self.program.name} (c): there is no function `{name[1:]}_{suffix}`")
                given = [np.ravel(instance.values[a]) for a in element.arguments]
                options = [instance.values[o] for o in element.options]
                rows = [space[name](*entries, *options) for entries in zip(*given, strict=True)]
                count = len(element.values)
                for row in rows:
                    total = sum(row[:count], total)
                for k, argument in enumerate(element.arguments):
                    by = [row[k + count] for row in rows]
                    slopes[f"d_{argument}"] = _vector(by) if instance.size else by[0]
            if self.once is not None:
                lengths = [lifted(instance.length(letter)) for letter in self.once.arguments]
                once = spaces["f64"][f"_{self.program.name}_constant"]
                total = total + once(*lengths, *(instance.values[o] for o in self.once.options))
            return {"value": total, **slopes}

        return run

    def _namespace(self, suffix: str) -> dict[str, Any]:
        source = self.sources[suffix]
        contracts = {name: p for name, p in PRIMITIVES.items() if name in source.functions}
        return source.compiled({**c_words(), **exact_numbers(source)}, replacing=contracts)


def _vector(values: list[Any]) -> Any:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out
