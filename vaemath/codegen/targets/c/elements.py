"""A program taken apart by event axis: what is done to each entry, and what is summed."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from vaemath.codegen.program import Program

_AXIS_FREE = {
    "half_expm1_parts",
    "difference_parts",
    "standardised",
    "standardised_parts",
    "log_gap",
    "logistic_parts",
    "half_square_plus",
    "positive_part",
    "log",
    "length",
    "expand",
    "sum_event",
    "total",
}
_NARROW = {"half_expm1_parts", "logistic_parts", "half_square_plus", "positive_part", "total"}
Step = tuple[tuple[str, ...], ast.expr]


@dataclass(frozen=True)
class Element:
    """What a program does to each entry of one event axis.

    Attributes:
        letter: of the axis; "" where the kernel is elementwise.
        arguments: those with this axis, in order.
        options: the options that the steps use.
        steps: assignments; `value`, or each of `value_1`, `value_2`, ..., is summed over the axis.
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
    def values(self) -> tuple[str, ...]:
        return tuple(t for (t, *_), _ in self.steps if t.startswith("value"))

    @property
    def outputs(self) -> tuple[str, ...]:
        return (*self.values, *(f"d_{a}" for a in self.arguments))


def by_entries(program: Program) -> bool:
    """Whether a program only treats entries one by one and sums them."""
    return program.calls() <= _AXIS_FREE and all(len(a.event) <= 1 for a in program.arguments)


def narrow(element: Element) -> bool:
    """Whether float32 arguments are computed in float; else in double."""
    return not element.options and element.calls <= _NARROW


def elements(program: Program) -> tuple[Element, ...]:
    """The elements of a program, one for each event letter.

    Raises:
        ValueError: the program does more than treat entries one by one and sum them.
    """
    if not by_entries(program):
        raise ValueError(f"{program.name}: not done entry by entry")
    found = _found(program)
    return tuple(_element(program, letter, found) for letter in _letters(program))


def constant(program: Program) -> Element | None:
    """What is added once to the value of a sample: it has lengths of axes for arguments."""
    made = _element(program, None, _found(program))
    lengths = [n for n in _letters(program) if any(_names(value) & {n} for _, value in made.steps)]
    return replace(made, arguments=tuple(lengths)) if made.steps else None


def _letters(program: Program) -> list[str]:
    return list(dict.fromkeys(a.event for a in program.arguments))


def _names(value: ast.expr) -> set[str]:
    return {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}


def _found(program: Program) -> list[tuple[set[str], Step]]:
    """The steps, each with the axes that it is on; those of the value apart, summand by summand."""
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
        if targets == ("value",) and not program.elementwise:
            for part in _summed(line.value):
                found.append((_on(program, axis, part), (targets, part)))
            continue
        value = _Lengths(program).visit(line.value)
        on = _on(program, axis, value)
        axis |= dict.fromkeys(targets, on)
        found.append((on, (targets, value)))
    return found


def _on(program: Program, axis: dict[str, set[str]], value: ast.expr) -> set[str]:
    on = set[str]().union(*(axis.get(name, set()) for name in _names(value)))
    if len(on) > 1:
        raise ValueError(f"{program.name}: `{ast.unparse(value)}` mixes axes")
    return on


class _Lengths(ast.NodeTransformer):
    """length(x) as the letter of the axis."""

    def __init__(self, program: Program) -> None:
        self.letters = {a.name: a.event for a in program.arguments}

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "length":
            (of,) = node.args
            assert isinstance(of, ast.Name)
            return ast.Name(self.letters[of.id])
        return node


def _summed(value: ast.expr) -> list[ast.expr]:
    """What is summed over an axis, or added once, in a value that is a sum or a total of these."""
    if isinstance(value, ast.Name):
        return [value]
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        if value.func.id == "sum_event":
            return [value.args[0]]
        if value.func.id == "total":
            return [part for a in value.args for part in _summed(a)]
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):  # a number times a sum
        return [ast.BinOp(value.left, value.op, part) for part in _summed(value.right)]
    raise ValueError(f"not a total of sums over axes: {ast.unparse(value)}")


def _element(program: Program, letter: str | None, found: list[tuple[set[str], Step]]) -> Element:
    """The steps of one axis, and of none as far as these need them; without a letter, of none alone."""
    own = set[str]() if letter is None else {letter}
    parts = [value for on, (targets, value) in found if targets == ("value",) and on == own]
    names = [("value",)] if len(parts) == 1 else [(f"value_{k + 1}",) for k in range(len(parts))]
    kept: list[Step] = []
    needed: set[str] = set()
    for on, (targets, value) in reversed(found):
        if targets == ("value",):
            wanted = on == own
            targets = names.pop() if wanted else targets
        else:
            wanted = (letter is not None and on == own) or (not on and bool(needed & set(targets)))
        if wanted:
            kept.append((targets, value))
            needed |= _names(value)
    return Element(
        letter=letter or "",
        arguments=tuple(a.name for a in program.arguments if a.event == letter),
        options=tuple(name for name, _ in program.options if name in needed),
        steps=tuple(reversed(kept)),
        calls=frozenset(needed & _AXIS_FREE),
    )
