"""One entry of the list of theorems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vaemath.pages import words
from vaemath.pages.as_text import said
from vaemath.pages.densities import legend
from vaemath.pages.glance import glance
from vaemath.pages.latex import latex, mixed
from vaemath.pages.layout import Paragraph
from vaemath.pages.page import chosen_terms, has_pdf, kernels
from vaemath.pages.write import Writer


@dataclass(frozen=True)
class Summary:
    """What `vaemath list` says about a theorem."""

    id: str
    title: str
    statement: Paragraph
    meanings: tuple[Paragraph, ...]  # of the letters for densities that the statement uses
    hypotheses: tuple[Paragraph, ...]
    oracles: tuple[str, ...]
    kernels: tuple[str, ...]
    sources: tuple[str, ...]
    hash: str
    verified: bool  # has `verify` accepted this certificate here?

    def data(self) -> dict[str, Any]:
        """The entry as plain data; `statement` is LaTeX for math mode."""
        return {
            "id": self.id,
            "title": self.title,
            "statement": " ".join([_math(self.statement), *(rf",\quad {_math(m)}" for m in self.meanings)]),
            "statement_text": self.text,
            "hypotheses": [{"text": said(h), "latex": mixed(h)} for h in self.hypotheses],
            "oracles": self.oracles,
            "kernels": self.kernels,
            "sources": self.sources,
            "hash": self.hash,
            "verified": self.verified,
        }

    @property
    def text(self) -> str:
        """The statement for a terminal."""
        return "; ".join(map(said, (self.statement, *self.meanings)))


def summary(id: str) -> Summary:
    """The main theorem of a certificate, as it stands there; `verify` checks it.

    Raises:
        UnknownTheorem: there is no certificate of that id.
        CertificateError: it is no certificate, or was edited.
    """
    found = glance(id)
    block = next((b for b in found.blocks if b["name"] == "main"), None) or found.blocks[0]
    k = found.steps[block["step"]]["statement"]
    terms = chosen_terms(found.terms, [k, *block["hypotheses"]])
    names = legend(id, [terms[k]]) if has_pdf(terms[k]) else {}
    w = Writer(names)
    notation = [p for p in words.notation(terms[k].free) if "density" in said(p) or "densities" in said(p)]
    return Summary(
        id,
        found.title,
        words.statement(w, terms[k]),
        tuple(words.meaning_of(w, d, label) for d, label in names.items()),
        (*words.hypotheses(w, (terms[h] for h in block["hypotheses"])), *notation),
        tuple(block["oracles"]),
        kernels(id),
        found.sources,
        found.hash,
        found.verified,
    )


def _math(p: Paragraph) -> str:
    """A paragraph for math mode: its words as text."""
    return "".join(
        rf"\text{{{x}}}" if isinstance(x, str) and x.strip() != "=" else x if isinstance(x, str) else latex(x)
        for x in p
    )
