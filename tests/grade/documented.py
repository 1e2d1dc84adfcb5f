"""What `grade` says of the documents' equations, set beside the verdicts of the ledger."""

from collections import Counter
from pathlib import Path

from tests.grade.lines import WORDS
from vaemath.grade import Graded, grade
from vaemath.grade.document import formulas
from vaemath.ledger.load import documents

HERE = Path(__file__).with_name("documents")
NAMES = sorted(p.stem for p in HERE.glob("[0-9]*.md"))
SHORT = {said: word for word, said in WORDS.items()}


def graded(name: str) -> Graded:
    """The verdicts on one document."""
    return grade(HERE / f"{name}.md")


def expected(name: str) -> list[str]:
    """The verdicts written down, one for each line."""
    return (HERE / f"{name}.verdicts").read_text().split()


def displays(name: str) -> list[int]:
    """The lines of the file on which the displayed equations begin."""
    return [f.line for f in formulas(HERE / f"{name}.md") if f.display]


def by_display(name: str, found: Graded) -> dict[int, list[str]]:
    """The verdicts in each display; the first display is 1."""
    starts = displays(name)
    out: dict[int, list[str]] = {k: [] for k in range(1, len(starts) + 1)}
    for v in found.verdicts:
        if v.chain:
            out[sum(s <= v.place for s in starts)].append(SHORT[v.verdict])
    return out


def ledger(name: str) -> dict[int, set[str]]:
    """The verdicts of the ledger's rows on each display."""
    rows = next(d for d in documents() if d.name == name).rows
    out: dict[int, set[str]] = {}
    for row in rows:
        for k in row.covers:
            out.setdefault(k, set()).add(row.back().verdict)
    return out


def table() -> str:
    """How many displays and lines of each document are read, and what is said of the lines."""
    out = ["document  displays  read    lines  " + "  ".join(f"{w:>9}" for w in WORDS)]
    total: Counter[str] = Counter()
    for name in NAMES:
        parts = by_display(name, graded(name))
        words = Counter(w for ws in parts.values() for w in ws)
        words["displays"], words["whole"] = len(parts), sum("unread" not in ws for ws in parts.values())
        total += words
        out.append(_row(name, words))
    return "\n".join([*out, _row("all", total)])


def _row(name: str, words: Counter[str]) -> str:
    lines = sum(words[w] for w in WORDS)
    share = f"{words['whole'] / words['displays']:.0%}"
    cells = "  ".join(f"{words[w]:>9}" for w in WORDS)
    return f"{name:8}  {words['displays']:>8}  {share:>4}  {lines:>7}  {cells}"


if __name__ == "__main__":
    print(table())
