"""Pages as one HTML file each: MathML and a style sheet, no script, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from vaemath.pages.layout import Paragraph, broken
from vaemath.pages.mathml import html_text, mathml
from vaemath.pages.page import Block, Line, Page
from vaemath.pages.words import ORACLES, heading, reason

STYLE = """
.vm-line { display: grid; grid-template-columns: 1.4rem minmax(0, 1fr) 3rem; gap: 0 .6rem; margin: .55rem 0;
  align-items: baseline; }
.vm-line .vm-formula { overflow-x: auto; overflow-y: hidden; padding: .15rem 0; }
.vm-line .vm-formula math { display: block; width: max-content; }
.vm-line .vm-number { text-align: right; opacity: .7; font-variant-numeric: tabular-nums; }
.vm-line .vm-why { grid-column: 2; font-size: .88em; opacity: .8; }
.vm-fold:has(input:checked) .vm-plain { display: none; }
.vm-statement { overflow-x: auto; padding: .6rem 0; }
"""
_PAGE_STYLE = """
:root { color-scheme: light dark; }
body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif;
  overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
dt { font-weight: 600; } dd { margin-left: 1rem; }
code { font-size: .9em; }
math { font-size: 1.08em; font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math", math; }
"""


def as_html(page: Page) -> str:
    """The page as a file of its own."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(page.title)}</title>\n<style>{_PAGE_STYLE}{STYLE}</style>\n</head>\n"
        f'<body class="vm-fold">\n<h1>{escape(page.title)}</h1>\n{_body(page)}</body>\n</html>\n'
    )


def _body(page: Page) -> str:
    out = [f'<div class="vm-statement">{_display(page.main.statement)}</div>', "<dl>"]
    out += _items("Standing", page.standing)
    if page.main.named:
        out += _items("Where", page.main.where)
    out += _items("Notation", page.notation)
    out += _items("Assumes", page.main.hypotheses or [("nothing beyond the notation",)])
    trusted = [(f"{o}: ", *reason(ORACLES.get(o, ""))) for o in page.oracles]
    out += [*_items("Trusts", trusted or [("nothing outside its own rules",)]), "</dl>"]
    out.append('<label><input type="checkbox"> fold the lines that are algebra alone</label>')
    out += [_block(b, page) for b in page.blocks]
    out.append("<dl>")
    if page.kernels:
        out += _items("Kernels made from it", [(k,) for k in page.kernels])
    out += _items("It backs", [(s,) for s in page.sources])
    out += _items("Version", [(f"vaemath theorem {page.id}, certificate {page.hash}",)])
    return "\n".join([*out, "</dl>", ""])


def _items(head: str, items: Iterable[Paragraph]) -> list[str]:
    rows = [f"<dd>{html_text(p)}</dd>" for p in items]
    return rows and [f"<dt>{head}</dt>", *rows]


def _display(formula: Paragraph) -> str:
    if len(formula) != 1 or isinstance(formula[0], str):
        return html_text(formula)
    return "".join(mathml(r, block=True) for r in broken(formula[0], 70))


def _block(b: Block, page: Page) -> str:
    title = "Derivation" if b is page.main else b.title or b.name
    out = [f'<section id="{b.name}">', f"<h2>{html_text(heading(title))}</h2>"]
    notes = [f"where {html_text(x)}" for x in b.where]
    notes += [f"given {html_text(h)}" for h in b.hypotheses if h not in page.main.hypotheses]
    out += [f"<p>{'<br>'.join(notes)}</p>"] if notes else []
    out += map(_line, b.lines)
    return "\n".join([*out, "</section>"])


def _line(line: Line) -> str:
    if len(line.formula) == 1 and not isinstance(line.formula[0], str):
        formula = "".join(mathml(r, block=True) for r in broken(line.formula[0], 68))
    else:
        formula = html_text(line.formula)
    uses = ", ".join(f'<a href="{id}.html">{id}</a>' for id in dict.fromkeys(id for id, _ in line.uses))
    why = html_text(line.reason) + (f" ({uses})" if uses else "")
    return (
        f'<div class="vm-line{" vm-plain" if line.plain else ""}" id="line-{line.number}">'
        f"<span>{escape(line.relation)}</span>"
        f'<div class="vm-formula">{formula}</div><span class="vm-number">({line.number})</span>'
        + (f'<div class="vm-why">{why}</div>' if line.reason else "")
        + "</div>"
    )
