"""Pages for the terminal."""

from __future__ import annotations

import textwrap

from vaemath.pages.layout import Paragraph, Piece, broken
from vaemath.pages.page import Block, Page
from vaemath.pages.unicode import unicode
from vaemath.pages.words import ORACLES, reason


def said(paragraph: Paragraph) -> str:
    """A paragraph as one line of text."""
    return "".join(p if isinstance(p, str) else unicode(p) for p in paragraph)


def as_text(page: Page, width: int = 100) -> str:
    """The page as text of at most that many columns, as far as single terms allow."""
    out = [f"{page.id}   {page.title}", ""]
    out += [*_items("Standing", [said(p) for p in page.standing], width), ""] if page.standing else []
    out += _formula(page.main.statement, "    ", "      ", width)
    out += [f"    where {said(x)}" for x in page.main.where if page.main.named]
    out.append("")
    out += _items("Notation", [said(p) for p in page.notation], width)
    out += _items(
        "Assumes", [said(p) for p in page.main.hypotheses] or ["nothing beyond the notation"], width
    )
    oracles = [f"{o}: {said(reason(ORACLES[o]))}" if o in ORACLES else o for o in page.oracles]
    out += _items("Trusts", oracles or ["nothing outside its own rules"], width)
    for b in page.blocks:
        out += _block(b, page, width)
    out.append("")
    if page.kernels:
        out += _items("Kernels", list(page.kernels), width)
    out += _items("Sources", list(page.sources), width)
    out += _items(
        "Version", [f"certificate {page.hash}", f"`vaemath cite {page.id}` gives a reference to it"], width
    )
    return "\n".join(x.rstrip() for x in out) + "\n"


def _items(head: str, items: list[str], width: int) -> list[str]:
    out: list[str] = []
    for k, item in enumerate(items):
        first = f"{head:10}" if k == 0 else " " * 10
        out += textwrap.wrap(
            item, width, initial_indent=first, subsequent_indent=" " * 12, break_long_words=False
        )
    return out


def _block(b: Block, page: Page, width: int) -> list[str]:
    title = b.title or ("the theorem" if b.name == "main" else b.name)
    out = [
        "",
        f"{b.name}: {said(reason(title))}" if b.name != "main" else f"Derivation: {said(reason(title))}",
    ]
    out += [f"    where {said(x)}" for x in b.where]
    if b is not page.main and b.hypotheses and b.hypotheses != page.main.hypotheses:
        out += [f"    given {said(h)}" for h in b.hypotheses if h not in page.main.hypotheses]
    for line in b.lines:
        number = f"({line.number})"
        out += _formula(line.formula, f"  {number:>5} {line.relation:1} ", " " * 12, width)
        if line.reason:
            uses = dict.fromkeys(id for id, _ in line.uses)
            why = said(line.reason) + (f"   [{', '.join(uses)}]" if uses else "")
            out += textwrap.wrap(why, width, initial_indent=" " * 16, subsequent_indent=" " * 16)
    return out


def _formula(formula: Paragraph, first: str, later: str, width: int) -> list[str]:
    whole = said(formula)
    if len(first) + len(whole) <= width or len(formula) != 1 or isinstance(formula[0], str):
        return [first + whole]
    limit = float(width - len(later))
    rows: tuple[Piece, ...] = broken(formula[0], limit)
    while max(len(unicode(r)) for r in rows) > width - len(later) and limit > 30:
        limit -= 8
        rows = broken(formula[0], limit)
    return [(first if k == 0 else later) + unicode(r).strip() for k, r in enumerate(rows)]
