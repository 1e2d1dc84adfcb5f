"""Reading functions out of the parts, and writing programs and constants as text."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from vaemath.codegen.program import Program

LINE = 110


def definitions_of(part: Path, kind: type[ast.FunctionDef] | type[ast.ClassDef]) -> dict[str, str]:
    """The source of every function, or class, of a part, by name; the part is read, not imported."""
    text = part.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    return {
        node.name: "".join(lines[_start(node) - 1 : node.end_lineno]).rstrip("\n")
        for node in ast.parse(text).body
        if isinstance(node, kind)
    }


def _start(node: ast.FunctionDef | ast.ClassDef) -> int:
    """The line of the first decorator, or of the definition."""
    return min([node.lineno, *(d.lineno for d in node.decorator_list)])


def needed(start: Iterable[str], sources: Mapping[str, str]) -> list[str]:
    """The functions that `start` needs, with what these call, in the order of the part."""
    wanted: set[str] = set()
    waiting = [name for name in start if name in sources]
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting.extend(names_in(sources[name]) & sources.keys())
    return [name for name in sources if name in wanted]


def names_in(source: str) -> set[str]:
    """Every name that the source mentions."""
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


def constant(name: str, value: float | tuple[float, ...]) -> str:
    """An assignment of a number or a tuple of numbers, one a line."""
    if isinstance(value, tuple):
        return f"{name} = (\n" + "".join(f"    {number!r},\n" for number in value) + ")\n"
    return f"{name} = {value!r}\n"


def steps(program: Program, rewrite: Callable[[ast.Call], ast.expr]) -> list[str]:
    """The program's assignments, calls rewritten for a target."""

    class Rewriter(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.AST:
            self.generic_visit(node)
            return rewrite(node)

    lines = [ast.unparse(Rewriter().visit(line)).replace("'", '"') for line in program.parsed().body]
    for line in lines:
        if len(line) + 4 > LINE:
            raise ValueError(f"{program.name}: too long for one line: {line}")
    return lines


def call(text: str, *arguments: ast.expr) -> ast.expr:
    """The expression `text` with _0, _1, ... replaced by the arguments."""

    class Filler(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            if node.id.startswith("_") and node.id[1:].isdigit():
                return arguments[int(node.id[1:])]
            return node

    tree = ast.parse(text, mode="eval")
    return Filler().visit(tree.body)  # type: ignore[no-any-return]


def total_call(node: ast.Call) -> ast.expr:
    """A sum rounded once, of as many terms as there are: Python kernels take them as a tuple."""
    return call(f"_total(({''.join(f'_{k}, ' for k in range(len(node.args)))}))", *node.args)


def joined(parts: Iterable[str]) -> str:
    """Definitions, two blank lines between them."""
    return "\n\n\n".join(part.strip("\n") for part in parts) + "\n"
