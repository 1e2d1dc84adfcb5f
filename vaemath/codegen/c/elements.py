"""A program taken apart by event axis: what is done to each entry, and what is summed."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from vaemath.codegen.program import Program

_AXIS_FREE = {
    "half_expm1_parts",
    "log_gap",
    "standardised",
    "logistic_parts",
    "half_square_plus",
    "positive_part",
    "log",
    "sum_event",
}
Step = tuple[tuple[str, ...], ast.expr]


@dataclass(frozen=True)
class Element:
    """What a program does to each entry of one event axis.

    Attributes:
        letter: of the axis; "" where the kernel is elementwise.
        arguments: those with this axis, in order.
        options: the options that the steps use.
        steps: assignments; `value` is the entry's part of the value.
        calls: the functions used.
    """

    letter: str
    arguments: tuple[str, ...]
    options: tuple[str, ...]
    steps: tuple[Step, ...]
    calls: frozenset[str]

    @property
    def name(self) -> str:
        return f"each_{self.letter}" if self.letter else "each"

    @property
    def outputs(self) -> tuple[str, ...]:
        return ("value", *(f"d_{a}" for a in self.arguments))


def by_entries(program: Program) -> bool:
    """Whether a program only treats entries one by one and sums them."""
    return program.calls() <= _AXIS_FREE and all(len(a.event) <= 1 for a in program.arguments)


def elements(program: Program) -> tuple[Element, ...]:
    """The elements of a program, one for each event letter.

    Raises:
        ValueError: the program does more than treat entries one by one and sum them.
    """
    if not by_entries(program):
        raise ValueError(f"{program.name}: not done entry by entry")
    letters = list(dict.fromkeys(a.event for a in program.arguments))
    axis = {a.name: {a.event} for a in program.arguments} | {name: set[str]() for name, _ in program.options}
    found: list[tuple[set[str], Step]] = []
    for line in program.parsed().body:
        assert isinstance(line, ast.Assign)
        (target,) = line.targets
        targets = tuple(
            t.id
            for t in (target.elts if isinstance(target, ast.Tuple) else [target])
            if isinstance(t, ast.Name)
        )
        parts = _summed(line.value) if targets == ("value",) and letters != [""] else [line.value]
        for part in parts:
            on = set[str]().union(*(axis.get(n.id, set()) for n in ast.walk(part) if isinstance(n, ast.Name)))
            if len(on) > 1:
                raise ValueError(f"{program.name}: `{ast.unparse(line)}` mixes axes")
            axis |= dict.fromkeys(targets, on) if targets != ("value",) else {}
            found.append((on, (targets, part)))
    return tuple(_element(program, letter, found) for letter in letters)


def _summed(value: ast.expr) -> list[ast.expr]:
    """The arguments of a sum of sums over axes."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        return _summed(value.left) + _summed(value.right)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "sum_event":
        return [value.args[0]]
    raise ValueError(f"not a sum of sums over axes: {ast.unparse(value)}")


def _element(program: Program, letter: str, found: list[tuple[set[str], Step]]) -> Element:
    """The steps of one axis, and of none as far as these need them."""
    kept: list[Step] = []
    needed: set[str] = set()
    for on, (targets, value) in reversed(found):
        if on == {letter} or (not on and needed & set(targets)):
            kept.append((targets, value))
            needed |= {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
    return Element(
        letter=letter,
        arguments=tuple(a.name for a in program.arguments if a.event == letter),
        options=tuple(name for name, _ in program.options if name in needed),
        steps=tuple(reversed(kept)),
        calls=frozenset(needed & _AXIS_FREE),
    )
