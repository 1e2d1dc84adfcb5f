"""An emitted file of NumPy or torch run on terms."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from itertools import product
from typing import Any

from vaemath.codegen.lift.bodies import check_primitive
from vaemath.codegen.lift.contracts import PRIMITIVES
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.frames import inside
from vaemath.codegen.lift.instance import Instance
from vaemath.codegen.lift.library import pinned, words
from vaemath.codegen.lift.reading import SourceFile
from vaemath.codegen.program import Program
from vaemath.codegen.targets import targets
from vaemath.codegen.targets.python import PythonTarget

Run = Callable[[], dict[str, Any]]
_PLAIN = ["inputs", "options"]
_TAKES = {"numpy": _PLAIN, "jax": _PLAIN, "torch": [*_PLAIN, "fine", "needs"]}


class PythonFile:
    """An emitted file of NumPy or torch."""

    def __init__(self, program: Program, target: str, text: str) -> None:
        self.program, self.target, self.name = program, target, f"{program.name} ({target})"
        hole = inside(program, target, text, self.name)
        own = targets()[target]
        assert isinstance(own, PythonTarget)
        self.source = SourceFile(
            hole.text, self.name, own.reads_as, above=hole.above, reserved=_bound("".join(own.frame(program)))
        )
        self.takes = _TAKES[own.reads_as]
        if "_program" not in self.source.functions or self.source.takes("_program") != self.takes:
            raise LiftError(f"{self.name}: there is no function `_program({', '.join(self.takes)})`")

    def runs(self, instance: Instance) -> list[list[Run]]:
        """Value and gradients by name: for torch finely and not, each with all gradients, then with fewer."""
        if self.takes == _PLAIN:
            return [[self._runner(instance, ())]]
        count = len(self.program.arguments)
        every = list(product((True, False), repeat=count))
        return [[self._runner(instance, (fine, needs)) for needs in every] for fine in (True, False)]

    def primitives(self) -> list[str]:
        """The functions of the file that have a contract."""
        return sorted(name.removeprefix("_") for name in PRIMITIVES if name in self.source.functions)

    def primitive(self, name: str) -> list[str]:
        """What was shown of a primitive."""
        own = f"_{name}"
        takes_fine = "fine" in self.source.takes(own)
        flags: list[tuple[bool, ...]] = [(True,), (False,)] if takes_fine else [()]
        return [check_primitive(self.source, own, flag) for flag in flags]

    def _runner(self, instance: Instance, more: tuple[Any, ...]) -> Run:
        given = tuple(instance.values[a.name] for a in self.program.arguments)
        options = tuple(instance.values[name] for name, _ in self.program.options)
        known = {**PRIMITIVES, **pinned(instance.run)}
        namespace = self.source.compiled(words(instance.run), replacing=known)

        def run() -> dict[str, Any]:
            found = namespace["_program"](given, options, *more)
            if not isinstance(found, tuple) or len(found) != 2 or not isinstance(found[1], tuple):
                raise LiftError(f"{self.name}: `_program` returns no value with a tuple of gradients")
            value, slopes = found
            if len(slopes) != len(given):
                raise LiftError(f"{self.name}: {len(slopes)} gradients, expected {len(given)}")
            named = {f"d_{a.name}": g for a, g in zip(self.program.arguments, slopes, strict=True)}
            wanted = more[1] if more else (True,) * len(given)
            for needed, (name, slope) in zip(wanted, named.items(), strict=True):
                if needed and slope is None:
                    raise LiftError(f"{self.name}: {name} is None for needs = {wanted}")
            return {"value": value, **named}

        return run


@cache
def _bound(text: str) -> frozenset[str]:
    """The names that a frame gives a meaning."""
    found: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.update((a.asname or a.name).split(".")[0] for a in node.names)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found.update(n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name))
    return frozenset(found)
