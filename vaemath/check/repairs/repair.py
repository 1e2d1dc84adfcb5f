"""The line to change: an edit of the function's own source that makes it right, tried out before it
is proposed.
"""

from __future__ import annotations

import ast
import textwrap
import time
from collections.abc import Callable

import numpy as np

from vaemath.check.calling.process import Broken
from vaemath.check.evidence.gradient import compare_gradients
from vaemath.check.expected.attempt import Attempt
from vaemath.check.expected.design import BOXES, draw
from vaemath.check.expected.observe import kind_of
from vaemath.check.recognition.predict import Predictor
from vaemath.check.repairs.edits import edits

__all__ = ["accepts", "suggest"]

SECONDS = 2.5


def suggest(a: Attempt, accept: Callable[[], bool], kernel: str) -> list[str]:
    """The changed lines, or where to find the verified kernel if no small change makes the function
    right.
    """
    found = _search(a, accept)
    if found is not None:
        return found
    return [f"no small change makes it right; the verified kernel does: {kernel}"] if kernel else []


def accepts(a: Attempt, predictor: Predictor, *, gradients: bool) -> Callable[[], bool]:
    """Whether the function as it is now gives the expected values (and gradients) at a few inputs."""
    rng = np.random.default_rng(77)
    boxes = ["main", "main", "unit", "large"]
    if not a.plan.matrix and all(c[0] in ("logvar", "logstd") for c in a.plan.conventions.values()):
        boxes += ["signed", "signed"]
    points = [draw(a.plan, rng, size, BOXES[box]) for box in boxes for size in a.shapes[:2]]
    sizes = [size for _ in boxes for size in a.shapes[:2]]
    for p in (points[0], points[2]):  # far enough out for a clamp to show
        for role in p:
            if role.startswith(("loc", "spread")) and not a.plan.matrix:
                p[role] = p[role] * 4.0
    expected = [predictor.total(p) for p in points]
    main = a.main.kind if a.main else None

    def accept() -> bool:
        first = a.caller.one(points[0])
        if first.value is None or not _close(first.value, expected[0]):
            return False
        for answer, want, size in zip(a.caller.many(points), expected, sizes, strict=True):
            if answer.value is None or not _close(answer.value, want):
                return False
            try:
                kind = kind_of(answer.value.shape, size, matrix=a.plan.matrix)
            except Exception:
                return False
            if main is not None and kind != main:
                return False
        if gradients:
            return not compare_gradients(a, predictor, rng).causes
        return True

    return accept


def _close(value: np.ndarray, want: float) -> bool:
    return bool(abs(float(np.sum(value)) - want) <= 1e-4 * max(abs(want), 1e-2))


def _search(a: Attempt, accept: Callable[[], bool]) -> list[str] | None:
    process = a.caller.process
    source, line = process.description.get("source"), process.description.get("line", 0)
    if not source or process.description.get("method"):
        return None
    try:
        tree = ast.parse(textwrap.dedent(source))
    except SyntaxError:
        return None
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.FunctionDef):
        return None
    function = tree.body[0]
    decorators = [ast.unparse(d) for d in function.decorator_list]
    function.decorator_list = []
    spreads = {a.plan.name_of(r): c[0] for r, c in a.plan.conventions.items()}
    pairs = [("loc", "loc_q"), ("spread", "spread_q")]
    named = [(a.plan.name_of(x), a.plan.name_of(y)) for x, y in pairs if y in a.plan.roles]
    library = "torch" if a.caller.library == "torch" else "np"
    before = _statements(function, library)
    started = time.monotonic()
    try:
        if decorators:
            process.use_source(_text(function, library))
            if accept():
                return [f"line {line}: without `@{d}`" for d in decorators]
        for changed, _ in edits(function, spreads, named):
            if time.monotonic() - started > SECONDS:
                return None
            after = _statements(changed, library)
            if after == before:
                continue
            try:
                process.use_source(_text(changed, library))
            except Broken:
                continue
            if accept():
                return _difference(before, after, line - 1)
    except Broken:
        return None
    finally:
        if process.alive:
            process.use_source(None)
    return None


def _text(node: ast.AST, library: str) -> str:
    return ast.unparse(node).replace("EXP(", f"{library}.exp(").replace("LOG(", f"{library}.log(")


def _statements(function: ast.FunctionDef, library: str) -> list[tuple[int, str]]:
    """Line and text of every simple statement."""
    out = []
    for node in ast.walk(function):
        if isinstance(node, ast.Return | ast.Assign | ast.AugAssign | ast.Expr | ast.AnnAssign):
            out.append((getattr(node, "lineno", 0), _text(node, library)))
        elif isinstance(node, ast.With):
            out.append((node.lineno, f"with {', '.join(ast.unparse(i) for i in node.items)}:"))
    return sorted(out)


def _difference(before: list[tuple[int, str]], after: list[tuple[int, str]], offset: int) -> list[str]:
    """The statements that are new, each with the line that it replaces."""
    old = [b for b in before if b not in after]
    new = [b for b in after if b not in before]
    lines = []
    for k, (number, text) in enumerate(new):
        was = next((t for n, t in old if n == number), old[k][1] if k < len(old) else "")
        lines.append(f"line {number + offset}: {was}")
        lines.append(f"-> {text}")
    lines += [f"line {number + offset}: without `{text}`" for number, text in old if not new]
    return lines
