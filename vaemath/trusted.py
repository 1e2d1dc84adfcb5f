"""What has to be believed, file by file, and how much it is: the lines of `vaemath/core`, counted from the
source.
"""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

CORE = Path(__file__).parent / "core"
BUILDS_ONLY = ("operators.py",)  # in the folder for the sake of the class, and believed for nothing
LIMIT = 1_470
_LAYOUT = (
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
)


@dataclass(frozen=True)
class Trusted:
    """One file: its name, its lines of code, and what it is for."""

    name: str
    lines: int
    purpose: str


def trusted() -> list[Trusted]:
    """The files that have to be believed, in the order to read them."""
    order = ("terms", "heads", "obligations", "normal", "words", "theorem")
    files = [CORE / f"{name}.py" for name in order]
    files += sorted(p for p in (CORE / "rules").glob("*.py") if p.name != "__init__.py")
    return [_read(p) for p in files]


def _read(path: Path) -> Trusted:
    source = path.read_text(encoding="utf-8")
    doc = ast.get_docstring(ast.parse(source)) or ""
    return Trusted(
        path.relative_to(CORE).as_posix(),
        lines_of_code(source),
        doc.split("\n")[0].split(". ")[0].rstrip("."),
    )


def _is_documentation(node: ast.AST) -> TypeGuard[ast.Expr]:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def lines_of_code(source: str) -> int:
    """The lines that hold code: neither blank, nor comment, nor documentation, nor an import."""
    left_out: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom) or _is_documentation(node):
            left_out.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _LAYOUT:
            code.update(range(token.start[0], token.end[0] + 1))
    return len(code - left_out)
