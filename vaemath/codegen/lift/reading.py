"""Reading an emitted file: its functions compiled over a shim, its numbers checked."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Mapping
from typing import Any

from vaemath.codegen.lift.errors import LiftError

_ALLOWED = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.ClassDef,
    ast.Assign,
    ast.Expr,
    ast.If,
)


class SourceFile:
    """The functions and constants of an emitted file."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        try:
            tree = ast.parse(text)
        except SyntaxError as e:
            raise LiftError(f"{name}: not Python: {e.msg} in line {e.lineno}") from None
        self.functions: dict[str, ast.FunctionDef] = {}
        self.constants: dict[str, Any] = {}
        for node in tree.body:
            if not isinstance(node, _ALLOWED):
                raise LiftError(f"{name}: unexpected statement in line {node.lineno}")
            if isinstance(node, ast.FunctionDef):
                if node.name in self.functions:
                    raise LiftError(f"{name}: `{node.name}` is defined twice")
                self.functions[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                target = node.targets[0].id
                try:
                    self.constants[target] = ast.literal_eval(node.value)
                except ValueError:
                    continue  # a type alias
                if target in self.functions:
                    raise LiftError(f"{name}: `{target}` has two meanings")

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
