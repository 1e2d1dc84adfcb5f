"""The displayed equations of the documents, counted in their text."""

import re
from pathlib import Path

DOCUMENTS = Path(__file__).resolve().parents[2].parent / "shared" / "seeds"


def displays(text: str) -> list[str]:
    """The printed number of each displayed equation, in order; empty where none is printed.

    A display stands between double dollars; a document without any has one on each line that is only a
    formula.
    """
    blocks = re.findall(r"\$\$(.*?)\$\$", text, re.DOTALL)
    if not blocks:
        return ["" for line in text.splitlines() if re.fullmatch(r"\$.*\$", line.strip())]
    return [_number(b) for b in blocks]


def _number(block: str) -> str:
    found = re.findall(r"\\tag\{(\d+)\}|\\quad \((\d+)\)\s*$", block)
    return "".join(found[-1]) if found else ""
