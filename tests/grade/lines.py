"""Graded lines as data: files of blocks, each with what is declared and lines with the expected verdict.

    == title
    Let $x \\in \\mathbb{R}$.
    starts    (x + 1)^2
    follows   = x^2 + 2 x + 1
    --
    starts    x
    false     = x + 1

Lines up to `--` are one display. A line that begins with none of the verdicts is text of the student's file.
"""

from dataclasses import dataclass, field
from pathlib import Path

DATA = Path(__file__).with_name("data")
WORDS = {
    "starts": "starts",
    "defines": "defines",
    "follows": "follows",
    "false": "false",
    "undecided": "cannot decide",
    "unread": "cannot be read",
}


@dataclass
class Block:
    """One student's file."""

    title: str
    text: list[str] = field(default_factory=list)
    expected: list[tuple[str, str]] = field(default_factory=list)

    @property
    def source(self) -> str:
        """The file as Markdown."""
        return "\n".join(self.text) + "\n"


def blocks(path: Path) -> list[Block]:
    """All blocks of a data file."""
    out: list[Block] = []
    opened = False

    def close() -> None:
        nonlocal opened
        if opened:
            out[-1].text.append("$$")
        opened = False

    for line in path.read_text(encoding="utf-8").splitlines():
        word, _, rest = line.partition(" ")
        if line.startswith("== "):
            if out:
                close()
            out.append(Block(line[3:]))
        elif line.strip() == "--" or not line.strip():
            if out:
                close()
        elif word in WORDS:
            if not opened:
                out[-1].text.append("$$")
            elif out[-1].text[-1] != "$$":
                out[-1].text[-1] += r" \\"
            opened = True
            out[-1].text.append(rest.strip())
            out[-1].expected.append((word, rest.strip()))
        else:
            close()
            out[-1].text.append(line)
    if out:
        close()
    return out


def files() -> list[Path]:
    """The data files; each is a kind of lines."""
    return sorted(DATA.glob("*.txt"))
