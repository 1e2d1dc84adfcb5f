"""Changes that go through a whole function: a parameter read otherwise, or two swapped."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from vaemath.testing.conventions import SPREADS

__all__ = ["Edit", "everywhere"]

Edit = tuple[ast.FunctionDef, ast.AST]  # the changed function, and the changed node in it


def everywhere(
    function: ast.FunctionDef, spreads: dict[str, str], pairs: list[tuple[str, str]]
) -> Iterator[Edit]:
    """Changes that go through the whole function: a parameter read otherwise, or two swapped."""
    for name, declared in spreads.items():
        for used in SPREADS:
            text = _conversion(name, declared, used)
            if text is None:
                continue
            for several in ([name], list(spreads)):
                changed = copy.deepcopy(function)
                texts = {n: _conversion(n, spreads[n], used) or n for n in several}
                changed = _Substitute(texts).visit(changed)
                yield ast.fix_missing_locations(changed), changed
                if len(spreads) == 1:
                    break
    if pairs:
        swapped = dict(pairs) | {b: a for a, b in pairs}
        changed = _Substitute(swapped).visit(copy.deepcopy(function))
        yield ast.fix_missing_locations(changed), changed


def _conversion(name: str, declared: str, used: str) -> str | None:
    """The declared parameter, turned into what the code takes it for."""
    table = {
        ("logvar", "logstd"): f"0.5 * {name}",
        ("logstd", "logvar"): f"2 * {name}",
        ("logvar", "std"): f"EXP(0.5 * {name})",
        ("logvar", "var"): f"EXP({name})",
        ("var", "std"): f"{name} ** 0.5",
        ("std", "var"): f"{name} ** 2",
        ("logstd", "std"): f"EXP({name})",
        ("logstd", "var"): f"EXP(2 * {name})",
        ("std", "logvar"): f"2 * LOG({name})",
        ("std", "logstd"): f"LOG({name})",
        ("var", "logvar"): f"LOG({name})",
        ("var", "logstd"): f"0.5 * LOG({name})",
    }
    return table.get((declared, used))


class _Substitute(ast.NodeTransformer):
    """Put expressions for names, and cancel 2 * (0.5 * x)."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if isinstance(node.ctx, ast.Load) and node.id in self.texts:
            expression = ast.parse(self.texts[node.id], mode="eval").body
            return ast.copy_location(expression, node)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        inner = node.right
        if (
            isinstance(node.op, ast.Mult)
            and isinstance(node.left, ast.Constant)
            and isinstance(inner, ast.BinOp)
            and isinstance(inner.op, ast.Mult)
            and isinstance(inner.left, ast.Constant)
            and isinstance(node.left.value, int | float)
            and isinstance(inner.left.value, int | float)
            and node.left.value * inner.left.value == 1
        ):
            return inner.right
        return node
