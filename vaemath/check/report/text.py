"""The report that people read."""

from __future__ import annotations

import math
import textwrap
from typing import Any

from vaemath.check.report.verdict import Verdict

__all__ = ["report"]

LABEL = 16
WIDTH = 100


def report(verdict: Verdict) -> str:
    """A headline, then labelled lines."""
    lines = [_headline(verdict), ""]
    if verdict.status == "undecided":
        return "\n".join([*lines, *_row("missing", verdict.missing), *_rows("note", verdict.notes)])
    if verdict.status == "wrong":
        lines += _row("it computes", verdict.computes)
        lines += _row("it should be", verdict.expected)
        for k, cause in enumerate(verdict.causes):
            lines += _row("cause" if k == 0 else "", f"{cause.code}: {cause.words()}")
        if verdict.counterexample is not None:
            c = verdict.counterexample
            inputs = ", ".join(f"{k} = {_number(v)}" for k, v in c.inputs.items())
            what = f"{inputs}: {c.of} is expected to be" if c.of else f"{inputs}: expected"
            lines += _row("smallest case", f"{what} {_number(c.expected)}, got {_number(c.got)}")
        lines += _rows("change", verdict.change)
    else:
        for k, (name, words) in enumerate(verdict.conventions.items()):
            lines += _row("takes" if k == 0 else "", f"{name}: {words}")
        lines += _row("direction", verdict.direction)
        lines += _row("reduction", verdict.reduction)
        lines += _row("formula", verdict.computes)
    lines += _rows("evidence", verdict.evidence)
    lines += _rows("at the edges", verdict.edges)
    lines += _rows("note", verdict.notes)
    return "\n".join(lines)


def _headline(verdict: Verdict) -> str:
    if verdict.status == "undecided":
        return f"{verdict.target}: undecided"
    kind = "an unbiased estimator of " if verdict.estimator and verdict.status == "correct" else ""
    return f"{verdict.target} is {'NOT ' if verdict.status == 'wrong' else kind}{verdict.subject}"


def _row(label: str, text: str) -> list[str]:
    if not text:
        return []
    wrapped = textwrap.wrap(text, WIDTH - LABEL - 2, break_long_words=False, break_on_hyphens=False)
    first, *rest = wrapped
    return [f"  {label:<{LABEL}}{first}", *(" " * (LABEL + 2) + line for line in rest)]


def _rows(label: str, texts: list[str]) -> list[str]:
    out: list[str] = []
    for k, text in enumerate(texts):
        out += _row(label if k == 0 else "", text)
    return out


def _number(value: Any) -> str:
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        if value == int(value) and abs(value) < 1e15:
            return str(int(value))
        return f"{value:.6f}" if 1e-4 < abs(value) < 1e6 else f"{value:.6g}"
    if isinstance(value, list):
        return "[" + ", ".join(_number(v) for v in value) + "]"
    return str(value)
