"""What targets in Python share: one function of a program, read back through `ast`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from vaemath.codegen.targets.interface import Read, Target

if TYPE_CHECKING:
    from vaemath.codegen.program import Program

Special = Mapping[str, Callable[[ast.Call], ast.expr]]


class PythonTarget(Target):
    """A target whose files are Python.

    Attributes:
        reads_as: whose words its files are in, of those that the lifter knows.
        special: the file with its special functions.
    """

    reads_as: ClassVar[str]
    special: ClassVar[Path]

    def read(self, program: Program, text: str) -> Read:
        from vaemath.codegen.lift.python_program import PythonFile

        return PythonFile(program, self.name, text)


def one_function(program: Program, words: Mapping[str, str], special: Path, others: Special) -> str:
    """Constants, special functions and `_program`, which computes value and gradients together.

    Args:
        program: what is written.
        words: each primitive as the target says it, with _0, _1, ... for its arguments.
        special: the file with the target's special functions.
        others: primitives that one text does not do for.
    """
    from vaemath.codegen.numbers import numbers
    from vaemath.codegen.source import call, definitions_of, joined, names_in, needed, steps, total_call
    from vaemath.codegen.targets.writing import signature

    def rewrite(node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        if node.func.id in others:
            return others[node.func.id](node)
        return total_call(node) if node.func.id == "total" else call(words[node.func.id], *node.args)

    lines = [f"{', '.join(a.name for a in program.arguments)} = inputs"]
    if program.options:
        lines.append(f"({', '.join(name for name, _ in program.options)},) = options")
    lines += steps(program, rewrite)
    gradients = ", ".join(f"d_{a.name}" for a in program.arguments)
    own = (
        signature(
            "_program",
            ["inputs: list[Array]", "options: tuple[float, ...]"],
            "tuple[Array, tuple[Array, ...]]",
        )
        + '    """The value and the gradients of its sum, in float64."""\n'
        + "".join(f"    {line}\n" for line in lines)
        + f"    return value, ({gradients})\n"
    )
    primitives = definitions_of(special, ast.FunctionDef)
    body = joined([*(primitives[name] for name in needed(names_in(own), primitives)), own])
    return numbers(body) + "\n\n" + body.rstrip("\n")
