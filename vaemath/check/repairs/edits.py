"""Small changes of a function's source, likely ones first: what somebody would change who sees the
mistake.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from functools import partial

from vaemath.check.repairs.substitute import Edit, everywhere

__all__ = ["edits"]

RENAMES = {"mean": "sum", "rand_like": "randn_like", "rand": "randn", "sample": "rsample"}
STRIPPED = (
    "pow",
    "square",
    "sqrt",
    "detach",
    "clamp",
    "clip",
    "clamp_min",
    "clamp_max",
    "clip_",
    "clamp_",
    "item",
)
GUARDS = ("clamp", "clip", "clamp_min", "clamp_max", "maximum", "minimum", "relu")


def edits(function: ast.FunctionDef, spreads: dict[str, str], pairs: list[tuple[str, str]]) -> Iterator[Edit]:
    """Changed copies of a function.

    `spreads` gives for each spread parameter the convention that is declared; `pairs` the
    parameters that belong together in the two distributions, for swapping them.
    """
    yield from everywhere(function, spreads, pairs)
    for rewrite in (_removals, _flips, _renames, _numbers, _swaps, _insertions):
        for index, node in enumerate(ast.walk(function)):
            for make in rewrite(node):
                changed = copy.deepcopy(function)
                target = list(ast.walk(changed))[index]
                try:
                    new = make(target)
                except SyntaxError:
                    continue
                if new is not None and _replace(changed, target, new):
                    yield ast.fix_missing_locations(changed), new


Make = Callable[[ast.AST], "ast.AST | None"]


def _removals(node: ast.AST) -> list[Make]:
    out: list[Make] = []
    if isinstance(node, ast.Call):
        name = _called(node)
        if name in STRIPPED and isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
            out.append(lambda n: n.func.value)  # type: ignore[attr-defined]
        if name in GUARDS and node.args:
            out.append(lambda n: n.args[0])  # type: ignore[attr-defined]
    if isinstance(node, ast.Attribute) and node.attr == "data":
        out.append(lambda n: n.value)  # type: ignore[attr-defined]
    if isinstance(node, ast.With):
        out.append(lambda n: n.body[0] if len(n.body) == 1 else None)  # type: ignore[attr-defined]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        out.append(lambda n: n.operand)  # type: ignore[attr-defined]
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Mult | ast.Div | ast.Pow):
            out.append(lambda n: n.left)  # type: ignore[attr-defined]
        if isinstance(node.op, ast.Mult):
            out.append(lambda n: n.right)  # type: ignore[attr-defined]
        if isinstance(node.op, ast.Add | ast.Sub):
            out.append(lambda n: n.left)  # type: ignore[attr-defined]
    return out


def _flips(node: ast.AST) -> list[Make]:
    if not isinstance(node, ast.BinOp):
        return []
    table: dict[type[ast.operator], ast.operator] = {ast.Add: ast.Sub(), ast.Sub: ast.Add()}
    table |= {ast.Mult: ast.Div(), ast.Div: ast.Mult()}
    if type(node.op) not in table:
        return []

    def flip(n: ast.AST) -> ast.AST:
        assert isinstance(n, ast.BinOp)
        return ast.BinOp(n.left, table[type(n.op)], n.right)

    return [flip]


def _renames(node: ast.AST) -> list[Make]:
    if not isinstance(node, ast.Attribute) or node.attr not in RENAMES:
        return []

    def rename(n: ast.AST) -> ast.AST:
        assert isinstance(n, ast.Attribute)
        return ast.Attribute(n.value, RENAMES[n.attr], n.ctx)

    return [rename]


def _numbers(node: ast.AST) -> list[Make]:
    out: list[Make] = []
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value is not True:
        value = node.value
        for other in (value * 2, value / 2, -value, 1, 2, 0.5):
            if other != value:
                number = int(other) if float(other).is_integer() else other
                out.append(partial(_constant, number))
    if isinstance(node, ast.keyword) and isinstance(node.value, ast.Constant) and node.value.value == "mean":
        out.append(lambda n: ast.keyword("reduction", ast.Constant("sum")))
    return out


def _constant(number: float, node: ast.AST) -> ast.AST:
    return ast.Constant(number)


def _swaps(node: ast.AST) -> list[Make]:
    out: list[Make] = []
    if isinstance(node, ast.Call) and len(node.args) >= 2:

        def swap(n: ast.AST) -> ast.AST:
            assert isinstance(n, ast.Call)
            return ast.Call(n.func, [n.args[1], n.args[0], *n.args[2:]], n.keywords)

        out.append(swap)
    if isinstance(node, ast.Call) and _called(node) == "mean":

        def latent(n: ast.AST) -> ast.AST | None:
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and not n.keywords:
                inner = f"({ast.unparse(n.args[0] if n.args else n.func.value)})"
                if len(n.args) <= 1 and (not n.args or _is_module(n.func.value)):
                    return ast.parse(f"{inner}.sum(-1).mean()", mode="eval").body
            return None

        out.append(latent)
    return out


def _insertions(node: ast.AST) -> list[Make]:
    if not isinstance(node, ast.expr) or isinstance(node, ast.Constant | ast.Tuple | ast.List | ast.Slice):
        return []
    if isinstance(getattr(node, "ctx", ast.Load()), ast.Store):
        return []
    patterns = (
        "0.5 * _",
        "-_",
        "2 * _",
        "_ ** 2",
        "_ - 1",
        "_ + 1",
        "_ - 0.5",
        "_ ** 0.5",
        "EXP(_)",
        "LOG(_)",
    )

    def maker(pattern: str) -> Make:
        def insert(n: ast.AST) -> ast.AST | None:
            assert isinstance(n, ast.expr)
            body = ast.parse(pattern, mode="eval").body
            return _Fill(n).visit(body)  # type: ignore[no-any-return]

        return insert

    return [maker(p) for p in patterns]


class _Fill(ast.NodeTransformer):
    def __init__(self, expression: ast.expr) -> None:
        self.expression = expression

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self.expression if node.id == "_" else node


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _is_module(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("torch", "np", "numpy", "F", "jnp")


def _replace(root: ast.AST, old: ast.AST, new: ast.AST) -> bool:
    for parent in ast.walk(root):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
                if hasattr(old, "lineno"):
                    new.lineno, new.end_lineno = old.lineno, getattr(old, "end_lineno", old.lineno)  # type: ignore[attr-defined]
                return True
            if isinstance(value, list):
                for k, item in enumerate(value):
                    if item is old:
                        value[k] = new
                        return True
    return False
