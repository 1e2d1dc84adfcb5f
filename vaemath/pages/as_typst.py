"""Pages as Typst documents, and from them as PDF with reproducible bytes."""

from __future__ import annotations

from vaemath.errors import VaemathError
from vaemath.pages.layout import Paragraph, Piece, broken
from vaemath.pages.page import Block, Page
from vaemath.pages.typst import escaped, typst, typst_text
from vaemath.pages.words import ORACLES, heading, reason

_HEAD = """#set document(title: "@title@", date: none)
#set page(paper: "a4", margin: (x: 2.2cm, y: 2.4cm), numbering: "1 / 1",
  footer: context [#set text(size: 7pt, fill: luma(90))
    @id@ #h(1fr) certificate @hash@ #h(1fr) #counter(page).display("1 / 1", both: true)])
#set text(font: "New Computer Modern", size: 10.5pt, lang: "en")
#set par(justify: false)
#set heading(numbering: none)
#show heading: set text(size: 12pt)
#let line-of(number, relation, formula, why) = block(breakable: false, above: 0.9em, below: 0.9em, grid(
  columns: (1.2em, 1fr, 2.6em), column-gutter: 0.6em, align: (right + top, left + top, right + top),
  row-gutter: 0.55em,
  relation, { show math.equation.where(block: true): set align(left); formula }, [(#number)],
  ..if why == [] { () } else { ([], text(size: 9pt, fill: luma(70), why), []) }))
"""


def as_typst(page: Page) -> str:
    """The page as a Typst document."""
    title = page.title.replace('"', "'")
    out = [_HEAD.replace("@title@", title).replace("@id@", page.id).replace("@hash@", page.hash)]
    out.append(f"#text(size: 16pt, weight: 700)[{escaped(page.title)}]\n")
    out.append(_display(page.main.statement))
    out += _items("Standing", page.standing)
    if page.main.named:
        out += _items("Where", page.main.where)
    out += _items("Notation", page.notation)
    out += _items("Assumes", page.main.hypotheses or (("nothing beyond the notation",),))
    trusted = [(f"{o}: ", *reason(ORACLES.get(o, ""))) for o in page.oracles]
    out += _items("Trusts", trusted or [("nothing outside its own rules",)])
    for b in page.blocks:
        out += _block(b, page)
    if page.kernels:
        out += _items("Kernels made from it", [(k,) for k in page.kernels])
    out += _items("It backs", [(s,) for s in page.sources])
    out += _items("Cite", [(f"vaemath theorem {page.id}, certificate {page.hash}",)])
    return "\n".join(out) + "\n"


def as_pdf(page: Page) -> bytes:
    """The page as a PDF; the same page gives the same bytes.

    Raises:
        VaemathError: the package `typst` is not installed.
    """
    try:
        import typst as compiler
    except ImportError:
        raise VaemathError("format: pdf needs the package typst; try: pip install 'vaemath[pdf]'") from None
    made: bytes = compiler.compile(as_typst(page).encode(), ignore_system_fonts=True, timestamp=0)
    return made


def _display(formula: Paragraph) -> str:
    if len(formula) != 1 or isinstance(formula[0], str):
        return f"#align(center)[{typst_text(formula)}]\n"
    rows = broken(formula[0], 72)
    return _rows(rows) + "\n"


def _rows(rows: tuple[Piece, ...]) -> str:
    return (
        "$ " + " \\\n  ".join(("& " if k == 0 else "& quad ") + typst(r) for k, r in enumerate(rows)) + " $"
    )


def _items(head: str, items: object) -> list[str]:
    rows = [f"- {typst_text(p)}" for p in items]  # type: ignore[attr-defined]
    return rows and [f"*{head}.*", *rows, ""]


def _block(b: Block, page: Page) -> list[str]:
    title = "Derivation" if b is page.main else b.title or b.name
    out = [f"\n== {typst_text(heading(title))}\n"]
    if b is not page.main:
        out.append(_display(b.statement))
    out += [f"where {typst_text(x)} \\" for x in b.where]
    out += [f"given {typst_text(h)} \\" for h in b.hypotheses if h not in page.main.hypotheses]
    out.append("")
    for line in b.lines:
        rows = (
            broken(line.formula[0], 66)
            if not isinstance(line.formula[0], str) and len(line.formula) == 1
            else None
        )
        formula = typst_text(line.formula) if rows is None else _rows(rows)
        uses = "; ".join(dict.fromkeys(id for id, _ in line.uses))
        why = typst_text(line.reason) + (f" #emph[({escaped(uses)})]" if uses else "")
        relation = {"": "[]", "=": "[$=$]", "≤": "[$<=$]", "<": "[$<$]"}[line.relation]
        out.append(f"#line-of([{line.number}], {relation}, [{formula}], [{why}])")
    return out
