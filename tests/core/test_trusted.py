"""What has to be believed is counted, complete, and does not grow unseen."""

from __future__ import annotations

import ast
from pathlib import Path

from vaemath.trusted import BUILDS_ONLY, CORE, LIMIT, lines_of_code, trusted


def test_the_core_is_no_larger_than_it_says():
    assert sum(f.lines for f in trusted()) <= LIMIT


def test_every_file_of_the_core_is_counted():
    named = {f.name for f in trusted()}
    there = {p.relative_to(CORE).as_posix() for p in CORE.rglob("*.py") if p.name != "__init__.py"}
    assert there - named == set(BUILDS_ONLY)


def test_what_is_counted():
    assert lines_of_code('"""Words."""\n\nimport os\n\n# a remark\nx = [\n    1,\n]\n') == 3


def test_the_core_imports_nothing_that_is_not_counted():
    """Only the oracle, which theorems name, and the exceptions; operators import what builds terms."""
    allowed = ("vaemath.core", "vaemath.errors", "vaemath.proof.oracle")
    for f in trusted():
        for node in ast.walk(ast.parse((CORE / f.name).read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("vaemath"):
                assert (node.module or "").startswith(allowed), f"{f.name} imports {node.module}"


def test_the_order_of_reading_is_the_order_of_imports():
    """A file imports, when it is loaded, only what stands before it in the list."""
    before: set[str] = set()
    for f in trusted():
        if not f.name.startswith("rules/"):
            for node in ast.parse((CORE / f.name).read_text()).body:
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("vaemath.core."):
                    assert Path((node.module or "").removeprefix("vaemath.core.")).name in before | {
                        "operators"
                    }
        before.add(f.name.removesuffix(".py"))
