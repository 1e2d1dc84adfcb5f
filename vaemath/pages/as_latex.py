"""Pages as LaTeX documents that need nothing but amsmath."""

from __future__ import annotations

from collections.abc import Iterable

from vaemath.pages.latex import latex, mixed
from vaemath.pages.layout import Paragraph, broken
from vaemath.pages.page import Block, Page
from vaemath.pages.words import ORACLES, heading, reason

_HEAD = r"""\documentclass[11pt,a4paper]{article}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb}
\usepackage[margin=2.4cm]{geometry}
\allowdisplaybreaks
\begin{document}
"""


def as_latex(page: Page) -> str:
    """The page as a LaTeX document."""
    out = [_HEAD + rf"\section*{{{mixed((page.title,))}}}", ""]
    out += [*_display(page.main.statement), ""]
    out += _items("Standing", page.standing)
    if page.main.named:
        out += _items("Where", page.main.where)
    out += _items("Notation", page.notation)
    out += _items("Assumes", page.main.hypotheses or [("nothing beyond the notation",)])
    trusted = [(f"{o}: ", *reason(ORACLES.get(o, ""))) for o in page.oracles]
    out += _items("Trusts", trusted or [("nothing outside its own rules",)])
    for b in page.blocks:
        out += _block(b, page)
    if page.kernels:
        out += _items("Kernels made from it", [(k,) for k in page.kernels])
    out += _items("It backs", [(s,) for s in page.sources])
    out += _items("Version", [(f"vaemath theorem {page.id}",)])
    out += [rf"\noindent certificate {{\small\texttt{{{page.hash}}}}}", "", r"\end{document}", ""]
    return "\n".join(out)


def _items(head: str, items: Iterable[Paragraph]) -> list[str]:
    """A list with a heading; nothing if it is empty, which LaTeX would refuse."""
    rows = [rf"  \item {mixed(p)}" for p in items]
    return rows and [
        rf"\paragraph{{{head}}}",
        r"\begin{itemize}\setlength\itemsep{0pt}",
        *rows,
        r"\end{itemize}",
        "",
    ]


def _display(formula: Paragraph) -> list[str]:
    if len(formula) != 1 or isinstance(formula[0], str):
        return [rf"\begin{{center}}{mixed(formula)}\end{{center}}"]
    rows = [latex(r) for r in broken(formula[0], 70)]
    return (
        [r"\begin{multline*}", " \\\\\n".join(rows), r"\end{multline*}"]
        if len(rows) > 1
        else [r"\[", rows[0], r"\]"]
    )


def _block(b: Block, page: Page) -> list[str]:
    title = "Derivation" if b is page.main else b.title or b.name
    out = [rf"\subsection*{{{mixed(heading(title))}}}"]
    out += [f"where {mixed(x)}" + r"\\" for x in b.where]
    out += [f"given {mixed(h)}" + r"\\" for h in b.hypotheses if h not in page.main.hypotheses]
    rows: list[str] = []
    for line in b.lines:
        relation = {"": "", "=": "={}", "≤": r"\le{}", "<": "<{}"}[line.relation]
        if len(line.formula) == 1 and not isinstance(line.formula[0], str):
            parts = [latex(r) for r in broken(line.formula[0], 64)]
        else:
            parts = [rf"\text{{{mixed(line.formula)}}}"]
        for k, part in enumerate(parts):
            tag = rf"\tag{{{line.number}}}" if k == 0 else r"\notag"
            rows.append(f"{relation if k == 0 else ''}& {'' if k == 0 else chr(92) + 'quad '}{part} {tag}")
        if line.reason:
            used = "; ".join(dict.fromkeys(id for id, _ in line.uses))
            why = mixed(line.reason) + (rf" (\texttt{{{used}}})" if used else "")
            rows.append(rf"& \qquad\text{{\footnotesize {why}}} \notag")
    return [*out, r"\begin{align}", " \\\\\n".join(rows), r"\end{align}", ""]
