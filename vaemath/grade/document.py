"""The formulas of a Markdown or LaTeX file in reading order: those on display, and those in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vaemath.errors import VaemathError
from vaemath.files import read_text
from vaemath.grade.errors import GradeError

LARGEST = 1_000_000  # bytes of a file
_ENVIRONMENTS = "align|alignat|aligned|equation|gather|eqnarray|multline|flalign|displaymath|math|split"
_DISPLAY = re.compile(
    r"\$\$(?P<a>.*?)\$\$|\\\[(?P<b>.*?)\\\]|```(?:math|latex|tex)\s*\n(?P<c>.*?)```"
    rf"|\\begin\{{(?P<env>{_ENVIRONMENTS})\*?\}}(?:\{{\d+\}})?(?P<d>.*?)\\end\{{(?P=env)\*?\}}"
    r"|^[ \t]*\$(?P<e>[^$\n]+)\$[ \t]*$"
    r"|(?<![\\$])\$(?P<i>[^$]+?)(?<!\\)\$|\\\((?P<j>.*?)\\\)",
    re.DOTALL | re.MULTILINE,
)
_CLAIM = re.compile(r"=|≤|≥|\\(?:le|ge|leq|geq|approx|propto)(?![A-Za-z])")
_DECLARES = re.compile(r">|<|\\(?:in|sim|to|succ)(?![A-Za-z])")
_NUMBERED = re.compile(r"\\quad\s*\((\d+|[A-Z])\)\s*$")
_LISTED = re.compile(r"^\s*(?:[a-z0-9]\)|\(?\d\.)\s*(?:\\Rightarrow)?")


@dataclass(frozen=True)
class Formula:
    """What stands between dollar signs.

    Attributes:
        source: the text between them.
        line: its line in the file.
        display: does it stand on display?
        before: the text between it and the display before it.
    """

    source: str
    line: int
    display: bool
    before: str = ""


def formulas(path: Path) -> list[Formula]:
    """All formulas of a file in reading order.

    Raises:
        GradeError: the file is missing, no plain file, too large, not UTF-8, or has no formula.
    """
    found = list(_formulas(_text(path)))
    if not any(f.display for f in found):
        raise GradeError(
            f"{path}: no equations; expected some between $$ and $$, such as $$ a &= b \\\\ &= c $$"
        )
    return found


def _text(path: Path) -> str:
    try:
        return read_text(path, limit=LARGEST, expected="a Markdown or LaTeX file")
    except VaemathError as e:
        raise GradeError(str(e)) from None


def _formulas(text: str) -> Iterator[Formula]:
    end = 0
    for m in _DISPLAY.finditer(text):
        kind = next(k for k in "abcdeij" if m.group(k) is not None)
        source = m.group(kind)
        if (
            kind == "e" and _DECLARES.search(source) and not _CLAIM.search(source)
        ):  # a declaration on a line of its own
            kind = "i"
            start = text.count("\n", 0, m.start("e")) + 1
            yield Formula(source, start, False)
            continue
        start = text.count("\n", 0, m.start(kind)) + 1
        if kind not in "ij":
            source = _LISTED.sub(lambda w: " " * len(w.group()), _NUMBERED.sub("", source), count=1)
        if source.strip():
            yield Formula(source, start, kind not in "ij", text[end : m.start()])
        if kind not in "ij":
            end = m.end()
