"""The ledger as pages: a table for each document, and the mistakes on one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from vaemath.files import write
from vaemath.ledger.load import documents
from vaemath.ledger.rows import VERDICTS, Document
from vaemath.ledger.run import Result

_MADE = "<!-- made by `vaemath ledger --docs docs/ledger`; do not edit -->\n"
_MEANING = {
    "verified": "holds as written: proved, or evaluated where it is about particular numbers",
    "definition": "a definition; the rows after it use it",
    "corrected": "false or ill-formed as written; the corrected statement is proved",
    "refuted": "false, with no small correction",
    "shown": "about behaviour; an experiment bears it out",
}


def write_pages(results: Iterable[Result], folder: Path) -> list[Path]:
    """Write an index, one page per document, and the page of mistakes; the paths written.

    Raises:
        VaemathError: the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    out = []
    for name, text in pages(list(results)).items():
        path = folder / name
        write(path, text)
        out.append(path)
    return out


def pages(results: list[Result]) -> dict[str, str]:
    """File name -> Markdown."""
    found = {}
    for d in documents():
        mine = [r for r in results if r.row.source == d.name]
        if mine:
            found[f"document-{d.name}.md"] = _document(d, mine)
    found["mistakes.md"] = _mistakes([r for r in results if r.verdict in ("corrected", "refuted")])
    found["index.md"] = _index(results)
    return found


def _index(results: list[Result]) -> str:
    lines = [
        _MADE,
        "# The ledger of the source documents\n",
        "Every displayed equation and every checkable claim of five documents, with a verdict that "
        "`vaemath ledger` computes: nothing is marked by hand.\n",
        *(f"- **{v}**: {_MEANING[v]}" for v in VERDICTS),
        "\n| document | origin | " + " | ".join(VERDICTS) + " |",
        "|---|---|" + "---|" * len(VERDICTS),
    ]
    for d in documents():
        count = Counter(r.verdict for r in results if r.row.source == d.name)
        cells = " | ".join(str(count[v]) for v in VERDICTS)
        lines.append(f"| [{d.name}, {d.title}](document-{d.name}.md) | {d.origin} | {cells} |")
    lines.append("\nThe false ones, with numbers and what they mean for code: [mistakes](mistakes.md).")
    return "\n".join(lines) + "\n"


def _document(d: Document, results: list[Result]) -> str:
    lines = [
        _MADE,
        f"# Document {d.name}: {d.title}\n",
        f"{d.origin} File: `{d.file}`.\n",
        "| label | what it says | as written | verdict | backed by | note |",
        "|---|---|---|---|---|---|",
    ]
    for r in results:
        written = _math(r.row.tex)
        if r.corrected:
            written += f" **should be** {_math(r.corrected)}"
        cells = (r.row.label, r.row.statement, written, r.verdict, r.backed_by, r.row.note)
        lines.append("| " + " | ".join(_cell(c) for c in cells) + " |")
    return "\n".join(lines) + "\n"


def _mistakes(results: list[Result]) -> str:
    lines = [
        _MADE,
        "# Mistakes in the source documents\n",
        "What each document says, what is true, the numbers that tell them apart, and why it matters to "
        "someone who codes it. A statement stands here because the proof core refuses it as written and "
        "the evaluator finds it false at the point shown (or it has no meaning at all); the corrected "
        "statement is proved, or evaluated where it is about particular numbers. Slips of notation, where "
        "one symbol stands for two things, are among them.\n",
    ]
    merged: dict[tuple[str, str], list[Result]] = {}
    for r in results:
        merged.setdefault((r.row.statement, r.row.tex), []).append(r)
    for same in merged.values():
        r = same[0]
        where = "; ".join(f"document {s.row.source}, {s.row.label}" for s in same)
        lines.append(f"## {where}\n")
        lines.append(f"{r.row.statement}\n")
        lines.append(f"- **It says** {_math(r.row.tex)}")
        if r.corrected:
            lines.append(f"- **True is** {_math(r.corrected)}")
        lines.extend(f"- **Numbers** {_point(p)}" for p in r.points)
        if not r.points:
            lines.append(f"- **It has no meaning**, and cannot be formed: {r.refusals[-1]}")
        if r.row.note:
            lines.append(f"- **Note** {r.row.note}")
        if r.row.matters:
            lines.append(f"- **In code** {r.row.matters}")
        lines.append("")
    return "\n".join(lines)


def _point(p: dict[str, str]) -> str:
    where = "" if p["at"] == "as it stands" else f"at {p['at']}: "
    return (
        f"{where}the left side is {p['left']}, the right side {p['right']}"
        if "left" in p
        else f"false at {p['at']}"
    )


def _math(tex: str) -> str:
    return f"${tex}$"


def _cell(text: str) -> str:
    return text.replace("\\|", "\\Vert ").replace("|", "\\vert " if "\\" in text and "$" in text else "\\|")
