"""A C file run on terms: its functions for each entry of an axis, and the sums over the entries.

That the loops of the file do just this is not read back: they are its frame.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vaemath.codegen.lift.c_bodies import check_c_primitive
from vaemath.codegen.lift.c_reading import read_c
from vaemath.codegen.lift.contracts import PRIMITIVES
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.instance import Instance
from vaemath.codegen.lift.library import words
from vaemath.codegen.lift.sums import length
from vaemath.codegen.lift.value import Value, lifted
from vaemath.codegen.program import Program
from vaemath.codegen.targets.c.elements import constant, elements, narrow

Run = Callable[[], dict[str, Any]]


class CFile:
    """An emitted C file: its functions in double, and those that are there in float."""

    def __init__(self, program: Program, text: str) -> None:
        self.program = program
        self.name = f"{program.name} (c)"
        self.sources = read_c(program, text)
        self.parts = elements(program)
        self.once = constant(program)

    def runs(self, instance: Instance) -> list[list[Run]]:
        """In double, and as float32 arguments are treated."""
        return [[self._runner(instance, suffix)] for suffix in ("f64", "f32")]

    def primitives(self) -> list[str]:
        """The functions of the file that have a contract."""
        found = {f for source in self.sources.values() for f in source.functions}
        return sorted(name.removeprefix("_") for name in PRIMITIVES if name in found)

    def primitive(self, name: str) -> list[str]:
        """What was shown of a primitive, for every type in which the file has it."""
        found = [s for s, source in self.sources.items() if f"_{name}" in source.functions]
        return [f"{suffix}: {check_c_primitive(self.sources[suffix], name)}" for suffix in found]

    def _runner(self, instance: Instance, suffix: str) -> Run:
        spaces = {s: self._namespace(s) for s in self.sources}

        def called(name: str, on: str, inputs: int, outputs: int) -> Callable[..., Any]:
            own = f"_{self.program.name}_{name}"
            if own not in spaces[on] or len(self.sources[on].takes(own)) != inputs:
                raise LiftError(f"{self.name}: there is no function `{own[1:]}_{on}` of {inputs} arguments")

            def run(*given: Any) -> tuple[Any, ...]:
                found = spaces[on][own](*given)
                results = found if isinstance(found, tuple) else (found,)
                if len(results) != outputs:
                    raise LiftError(
                        f"{self.name}: `{own[1:]}_{on}` has {len(results)} results, not {outputs}"
                    )
                return results

            return run

        def run() -> dict[str, Any]:
            total = Value(lifted(0).term, "")
            slopes: dict[str, Any] = {}
            for element in self.parts:
                names = (*element.arguments, *element.options)
                on = suffix if narrow(element) else "f64"
                function = called(element.name, on, len(names), len(element.outputs))
                results = function(*(instance.values[name] for name in names))
                count = len(element.values)
                for part in results[:count]:
                    summed = instance.run.ledger.sum_of(lifted(part)) if element.letter else lifted(part)
                    total = total + summed
                slopes |= {f"d_{a}": r for a, r in zip(element.arguments, results[count:], strict=True)}
            if self.once is not None:
                lengths = [Value(length(letter)) for letter in self.once.arguments]
                options = [instance.values[o] for o in self.once.options]
                function = called("constant", "f64", len(lengths) + len(options), 1)
                total = total + function(*lengths, *options)[0]
            return {"value": total, **slopes}

        return run

    def _namespace(self, suffix: str) -> dict[str, Any]:
        source = self.sources[suffix]
        contracts = {name: p for name, p in PRIMITIVES.items() if name in source.functions}
        return source.compiled(words(), replacing=contracts)
