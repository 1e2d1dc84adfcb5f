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
    """The answer in two lines, then labelled lines."""
    lines = [_headline(verdict), *_row("", _answer(verdict), label=2), ""]
    if verdict.status == "undecided":
        lines += _row("it computes", verdict.computes)
        return "\n".join([*lines, *_rows("note", verdict.notes)]).rstrip()
    if verdict.status in ("wrong", "scaled"):
        lines += _row("it computes", verdict.computes)
        lines += _row("it should be" if verdict.status == "wrong" else "exactly it is", verdict.expected)
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
    lines += _rows("evidence", verdict.evidence[1:] if verdict.status == "correct" else verdict.evidence)
    lines += _rows("at the edges", verdict.edges)
    lines += _rows("note", verdict.notes)
    return "\n".join(lines)


def _headline(verdict: Verdict) -> str:
    what = f"{verdict.target} (its part `{verdict.part}`)" if verdict.part else verdict.target
    if verdict.status == "undecided":
        return f"{what}: undecided"
    if verdict.status == "scaled":
        return f"{what} is {verdict.subject}, up to a factor"
    kind = "an unbiased estimator of " if verdict.estimator and verdict.status == "correct" else ""
    return f"{what} is {'NOT ' if verdict.status == 'wrong' else kind}{verdict.subject}"


def _answer(verdict: Verdict) -> str:
    """The second line: why."""
    if verdict.status == "undecided":
        return f"missing: {verdict.missing}"
    if verdict.status == "correct":
        return verdict.evidence[0] if verdict.evidence else ""
    return "; ".join(cause.words() for cause in verdict.causes[:2])


def _row(name: str, text: str, *, label: int = LABEL + 2) -> list[str]:
    if not text:
        return []
    wrapped = textwrap.wrap(text, WIDTH - label, break_long_words=False, break_on_hyphens=False)
    first, *rest = wrapped
    return [f"  {name}".ljust(label) + first, *(" " * label + line for line in rest)]


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
