"""One entry of the list of theorems."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from vaemath.pages import words
from vaemath.pages.as_text import said
from vaemath.pages.densities import legend
from vaemath.pages.glance import glance
from vaemath.pages.latex import latex, mixed
from vaemath.pages.layout import Paragraph
from vaemath.pages.page import chosen_terms, has_pdf, kernels
from vaemath.pages.write import Writer
from vaemath.terms.term import Term


@dataclass(frozen=True)
class Summary:
    """What `vaemath list --json` says about a theorem."""

    id: str
    title: str
    statement: str  # LaTeX, for math mode
    statement_text: str
    hypotheses: tuple[dict[str, str], ...]  # each as "text" and as "latex"
    oracles: tuple[str, ...]
    kernels: tuple[str, ...]
    sources: tuple[str, ...]
    hash: str

    def data(self) -> dict[str, Any]:
        """The entry as plain data."""
        return asdict(self)


def summary(id: str) -> Summary:
    """The main theorem of a certificate, as it stands there; `verify` checks it.

    Raises:
        UnknownTheorem: there is no certificate of that id.
        VaemathError: it is not written as certificates are.
    """
    found = glance(id)
    block = next((b for b in found.blocks if b["name"] == "main"), None) or found.blocks[0]
    k = found.steps[block["step"]]["statement"]
    terms = chosen_terms(found.terms, [k, *block["hypotheses"]])
    shown, where = shown_statement(id, terms[k])
    w = Writer(dict(where))
    meanings = [words.meaning_of(w, d, label) for d, label in where.items()]
    notation = [p for p in words.notation(terms[k].free) if "density" in said(p) or "densities" in said(p)]
    given = [*words.hypotheses(w, (terms[h] for h in block["hypotheses"])), *notation]
    return Summary(
        id,
        found.title,
        " ".join([_math(shown), *(rf",\quad {_math(m)}" for m in meanings)]),
        "; ".join([said(shown), *map(said, meanings)]),
        tuple({"text": said(h), "latex": mixed(h)} for h in given),
        tuple(block["oracles"]),
        kernels(id),
        found.sources,
        found.hash,
    )


def shown_statement(id: str, t: Term) -> tuple[Paragraph, dict[Term, Any]]:
    """A statement by itself, and the letters that it uses for densities."""
    names = legend(id, [t]) if has_pdf(t) else {}
    return words.statement(Writer(names), t), names


def _math(p: Paragraph) -> str:
    """A paragraph for math mode: its words as text."""
    return "".join(
        rf"\text{{{x}}}" if isinstance(x, str) and x.strip() != "=" else x if isinstance(x, str) else latex(x)
        for x in p
    )
