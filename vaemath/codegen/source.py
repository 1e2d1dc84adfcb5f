"""Reading functions out of the parts, and writing programs and constants as text."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from vaemath.codegen.program import Program
from vaemath.errors import VaemathError

LINE = 110


def functions_of(part: ModuleType) -> dict[str, str]:
    """The source of every function that a part defines, by name."""
    return {
        name: inspect.getsource(value).rstrip() + "\n"
        for name, value in vars(part).items()
        if inspect.isfunction(value) and value.__module__ == part.__name__
    }


def classes_of(part: ModuleType) -> dict[str, str]:
    """The source of every class that a part defines, by name."""
    return {
        name: inspect.getsource(value).rstrip() + "\n"
        for name, value in vars(part).items()
        if inspect.isclass(value) and value.__module__ == part.__name__
    }


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

    return [ast.unparse(Rewriter().visit(line)) for line in program.parsed().body]


def call(text: str, *arguments: ast.expr) -> ast.expr:
    """The expression `text` with _0, _1, ... replaced by the arguments."""

    class Filler(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            if node.id.startswith("_") and node.id[1:].isdigit():
                return arguments[int(node.id[1:])]
            return node

    tree = ast.parse(text, mode="eval")
    return Filler().visit(tree.body)  # type: ignore[no-any-return]


def formatted(texts: Mapping[str, str]) -> dict[str, str]:
    """Texts by file name, as `ruff format` leaves them, in one run.

    Raises:
        VaemathError: ruff is not installed, or a text is not Python.
    """
    with TemporaryDirectory() as folder:
        for name, text in texts.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache", "-q"]
        done = subprocess.run(
            [*command, f"--line-length={LINE}", folder], capture_output=True, text=True, check=False
        )
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise VaemathError(f"kernels are formatted with ruff, which failed: {reason}")
        return {name: (Path(folder) / name).read_text(encoding="utf-8") for name in texts}
