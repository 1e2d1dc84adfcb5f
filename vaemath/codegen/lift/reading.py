"""Reading an emitted file: its functions compiled over a shim, its numbers checked."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Mapping
from typing import Any

from vaemath.codegen.lift.errors import LiftError


class SourceFile:
    """The functions and constants of an emitted file.

    A name has one meaning, functions carry no decorators or defaults of their own, and nothing else
    runs when the file is imported: what is read here is what a user of the file gets.
    """

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        try:
            tree = ast.parse(text)
        except SyntaxError as e:
            raise LiftError(f"{name}: not Python: {e.msg} in line {e.lineno}") from None
        self.functions: dict[str, ast.FunctionDef] = {}
        self.constants: dict[str, Any] = {}
        seen: set[str] = set()
        for node in tree.body:
            for defined in self._read(node):
                if defined in seen:
                    raise LiftError(f"{name}: `{defined}` has two meanings")
                seen.add(defined)

    def _read(self, node: ast.stmt) -> list[str]:
        """Keep what the statement defines; the names it gives a meaning."""
        if isinstance(node, ast.FunctionDef):
            if node.decorator_list or node.args.defaults:
                raise LiftError(f"{self.name}: `{node.name}` has a decorator or a default")
            self.functions[node.name] = node
            return [node.name]
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            target = node.targets[0].id
            try:
                self.constants[target] = ast.literal_eval(node.value)
            except ValueError:
                raise LiftError(f"{self.name}: `{target}` is not a constant") from None
            return [target]
        raise LiftError(f"{self.name}: unexpected statement in line {node.lineno}")

    def compiled(self, shim: Mapping[str, Any], *, replacing: Mapping[str, Any]) -> dict[str, Any]:
        """The file's functions over the words of `shim`, some of them replaced."""
        module = ast.Module(body=[_bare(f) for f in self.functions.values()], type_ignores=[])
        namespace: dict[str, Any] = {"__builtins__": _BUILTINS}
        namespace |= self.constants
        namespace |= dict(shim)
        exec(compile(module, self.name, "exec"), namespace)
        namespace |= dict(replacing)
        return namespace


def _import(name: str, *rest: Any) -> Any:
    """NumPy imports parts of itself while it sums arrays of objects; nothing else may be imported."""
    if name.split(".")[0] != "numpy":
        raise LiftError(f"a kernel imports {name} inside a function")
    return importlib.__import__(name, *rest)


_BUILTINS = {
    "__import__": _import,
    "range": range,
    "reversed": reversed,
    "tuple": tuple,
    "len": len,
    "any": any,
    "map": map,
    "zip": zip,
    "sum": sum,
}


def _bare(function: ast.FunctionDef) -> ast.FunctionDef:
    """The function without annotations, decorators and docstring."""
    copy = ast.FunctionDef(
        name=function.name,
        args=ast.arguments(
            posonlyargs=[],
            args=[ast.arg(a.arg) for a in function.args.args],
            vararg=None,
            kwonlyargs=[],
            kw_defaults=[],
            kwarg=None,
            defaults=[],
        ),
        body=function.body,
        decorator_list=[],
        returns=None,
    )
    return ast.fix_missing_locations(ast.copy_location(copy, function))
