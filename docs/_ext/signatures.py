"""Signatures as their authors wrote them, one parameter a line where they are long."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
from typing import Any

_WIDTH = 84


def signature(name: str, value: Any) -> str:
    """What stands in the source between ``def`` and the colon, or the fields of a dataclass."""
    if inspect.isclass(value) and not (dataclasses.is_dataclass(value) or _says_how_it_is_made(value)):
        return name
    try:
        words, end = _parts(value)
    except (OSError, TypeError):
        return f"{name}(...)"
    short = f"{name}({', '.join(words)}){end}"
    if len(short) <= _WIDTH:
        return short
    return "\n".join([f"{name}(", *(f"    {w}," for w in words), f"){end}"])


def _says_how_it_is_made(value: type) -> bool:
    made = value.__init__  # type: ignore[misc]
    ours = getattr(made, "__module__", "").startswith("vaemath.")
    return ours and ("__init__" in vars(value) or not issubclass(value, Exception))


def _parts(value: Any) -> tuple[list[str], str]:
    if dataclasses.is_dataclass(value):
        return _fields(value), ""
    function = value.__init__ if inspect.isclass(value) else value
    node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(node, ast.FunctionDef)
    words = _arguments(node.args)
    if inspect.isclass(value):
        return words[1:], ""
    return words, f" -> {ast.unparse(node.returns)}" if node.returns else ""


def _arguments(args: ast.arguments) -> list[str]:
    plain = [*args.posonlyargs, *args.args]
    missing: list[ast.expr | None] = [None] * (len(plain) - len(args.defaults))
    words = [_argument(a, d) for a, d in zip(plain, missing + args.defaults, strict=True)]
    if args.vararg:
        words.append(f"*{_argument(args.vararg, None)}")
    elif args.kwonlyargs:
        words.append("*")
    words += [_argument(a, d) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True)]
    return [*words, f"**{_argument(args.kwarg, None)}"] if args.kwarg else words


def _argument(a: ast.arg, default: ast.expr | None) -> str:
    return ast.unparse(a) + (f" = {ast.unparse(default)}" if default else "")


def _fields(value: Any) -> list[str]:
    node = ast.parse(textwrap.dedent(inspect.getsource(value))).body[0]
    assert isinstance(node, ast.ClassDef)
    words = ["*"] if all(f.kw_only for f in dataclasses.fields(value)) else []
    for part in node.body:
        if isinstance(part, ast.AnnAssign) and not ast.unparse(part.target).startswith("_"):
            default = part.value
            made = isinstance(default, ast.Call) and ast.unparse(default.func) == "field"
            written = "" if default is None else " = ..." if made else f" = {ast.unparse(default)}"
            words.append(f"{ast.unparse(part.target)}: {ast.unparse(part.annotation)}{written}")
    return words
