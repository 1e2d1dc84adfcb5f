"""LaTeX as tokens: commands, numbers, letters and signs; spacing and sizes are dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vaemath.errors import VaemathError


class GradeError(VaemathError):
    """A formula that is outside the vocabulary, or a file without equations."""


@dataclass(frozen=True)
class Token:
    """One word of a formula; `line` is its line in the file, `start` and `end` its place in its source."""

    text: str
    line: int
    start: int = 0
    end: int = 0


_PATTERN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|[A-Za-z]|\S|\n")
_SILENT = {
    r"\left", r"\right", r"\,", r"\;", r"\:", r"\!", r"\ ", r"\quad", r"\qquad", r"\displaystyle",
    r"\bigl", r"\bigr",
    r"\Bigl", r"\Bigr", r"\big", r"\Big", r"\biggl", r"\biggr", r"\limits", r"\notag", r"\nonumber", "~",
}  # fmt: skip
_SAME = {
    r"\lbrack": "[", r"\rbrack": "]", r"\{": "[", r"\}": "]", r"\Vert": r"\|", r"\parallel": r"\|",
    r"\mid": "|", r"\vert": "|",
    r"\leq": r"\le", r"\geq": r"\ge", r"\ln": r"\log", r"\dfrac": r"\frac", r"\tfrac": r"\frac",
    r"\times": r"\cdot",
    "*": r"\cdot", r"\intercal": r"\top", r"\varphi": r"\phi", r"\varepsilon": r"\epsilon",
    r"\operatorname": r"\mathrm",
    r"\text": r"\mathrm", r"\mathop": r"\mathrm", "≤": r"\le", "≥": r"\ge", "−": "-", "·": r"\cdot",
}  # fmt: skip


def tokens(source: str, line: int) -> list[Token]:
    """The tokens of a formula that begins on that line of its file."""
    out: list[Token] = []
    for m in _PATTERN.finditer(source):
        word = m.group()
        if word == "\n":
            line += 1
        elif word not in _SILENT:
            out.append(Token(_SAME.get(word, word), line, m.start(), m.end()))
    return _differentials(out)


def _differentials(found: list[Token]) -> list[Token]:
    """An upright d, as in an integral, is the letter d."""
    out: list[Token] = []
    for t in found:
        out.append(t)
        if [x.text for x in out[-4:]] == [r"\mathrm", "{", "d", "}"]:
            out[-4:] = [out[-2]]
    return out
