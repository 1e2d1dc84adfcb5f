"""Pages as Markdown with LaTeX between dollar signs."""

from __future__ import annotations

from collections.abc import Iterable

from vaemath.pages.latex import latex
from vaemath.pages.layout import Paragraph, broken
from vaemath.pages.page import Block, Page
from vaemath.pages.words import ORACLES, heading, reason


def markdown_text(paragraph: Paragraph) -> str:
    """A paragraph as Markdown."""
    return "".join(p if isinstance(p, str) else f"${latex(p)}$" for p in paragraph)


def displayed(formula: Paragraph, relation: str = "", limit: float = 84) -> str:
    """A formula for display, in several rows where it is long."""
    mark = {"": "", "=": "= ", "≤": r"\le ", "<": "< "}[relation]
    if len(formula) != 1 or isinstance(formula[0], str):
        return mark + "".join(rf"\text{{{p}}}" if isinstance(p, str) else latex(p) for p in formula)
    rows = [latex(r) for r in broken(formula[0], limit)]
    if len(rows) == 1:
        return mark + rows[0]
    inner = " \\\\\n& \\quad ".join(rows)
    return f"\\begin{{aligned}}\n{mark}{{}}& {inner}\n\\end{{aligned}}"


def as_markdown(page: Page) -> str:
    """The page as Markdown."""
    out = [f"# {page.title}", "", f"$$\n{displayed(page.main.statement)}\n$$", ""]
    out += _items("Standing", page.standing)
    if page.main.named:
        out += _items("Where", page.main.where)
    out += _items("Notation", page.notation)
    out += _items("Assumes", page.main.hypotheses or [("nothing beyond the notation",)])
    trusted = [(f"`{o}`: ", *reason(ORACLES.get(o, ""))) for o in page.oracles]
    out += _items("Trusts", trusted or [("nothing outside its own rules",)])
    for b in page.blocks:
        out += _block(b, page)
    if page.kernels:
        out += _items("Kernels made from it", [(f"`{k}`",) for k in page.kernels])
    out += _items("It backs", [(s,) for s in page.sources])
    out += _items(
        "Version", [(f"certificate `{page.hash}`",), (f"`vaemath cite {page.id}` gives a reference to it",)]
    )
    return "\n".join(out)


def _items(head: str, items: Iterable[Paragraph]) -> list[str]:
    rows = [f"- {markdown_text(p)}" for p in items]
    return rows and [f"**{head}**", "", *rows, ""]


def _block(b: Block, page: Page) -> list[str]:
    title = "Derivation" if b is page.main else b.title or b.name
    out = [f"## {markdown_text(heading(title))}", ""]
    notes = [f"where {markdown_text(x)}" for x in b.where]
    notes += [f"given {markdown_text(h)}" for h in b.hypotheses if h not in page.main.hypotheses]
    out += [f"- {n}" for n in notes] + ([""] if notes else [])
    for line in b.lines:
        if line.reason:
            uses = ", ".join(f"[{id}]({id}.md)" for id in dict.fromkeys(id for id, _ in line.uses))
            out += [f"*{markdown_text(line.reason)}*" + (f" ({uses})" if uses else ""), ""]
        out += [f"$$\n{displayed(line.formula, line.relation)} \\tag{{{line.number}}}\n$$", ""]
    return out
