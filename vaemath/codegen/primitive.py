"""What is known of a primitive: a function that programs may call."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True, kw_only=True)
class Primitive:
    """A function of programs with its derivative.

    A primitive is either a word that every target says in its own way, or made of others by `steps`.

    Attributes:
        name: what programs call it.
        arguments: names for its arguments, in the texts below.
        outputs: names for its results.
        pullback: the derivative in reverse, as steps that assign `d_ARGUMENT` from the arguments, the
            results and `g_RESULT`, the gradient by each result; an argument that is left out has none.
        steps: what it is made of; these names, too, may occur in the pullback.
        passes: the same to float32 accuracy where every operation is a pass over memory, if that is
            faster made of other steps.
        passes_pullback: the derivative there, if it is not `pullback` word for word.
        adds_axes: how many more event axes the result has than the arguments.
        number: whether the result is a plain number whatever the arguments are.
        keeps_numbers: whether a plain number is its own result.
        linear: the place of an argument in which the primitive is linear.
        projection: whether applying it twice is applying it once.
        variadic: whether it takes any number of arguments, each like the one named.
    """

    name: str
    arguments: tuple[str, ...]
    outputs: tuple[str, ...]
    pullback: str = ""
    steps: str = ""
    passes: str = ""
    passes_pullback: str = ""
    adds_axes: int = 0
    number: bool = False
    keeps_numbers: bool = False
    linear: int | None = None
    projection: bool = False
    variadic: bool = False

    def made_of(self, *, fine: bool) -> str:
        """The steps, or those in few passes; empty for a word."""
        return self.steps if fine else self.passes or self.steps

    def backwards(self, *, fine: bool) -> str:
        """The pullback that goes with these steps."""
        return self.pullback if fine else self.passes_pullback or self.pullback


def lines_of(text: str) -> list[tuple[tuple[str, ...], ast.expr]]:
    """Steps as assignments: the names, and the expression.

    Raises:
        SyntaxError: something that is no assignment to names.
    """
    found = []
    for statement in ast.parse(dedent(text)).body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        if not isinstance(statement, ast.Assign) or not all(isinstance(n, ast.Name) for n in names):
            raise SyntaxError(f"not an assignment: {ast.unparse(statement)}")
        found.append((tuple(n.id for n in names if isinstance(n, ast.Name)), statement.value))
    return found
