"""A theorem's page, before any format: what a certificate says, laid out for a reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vaemath import library
from vaemath.pages import words
from vaemath.pages.densities import legend
from vaemath.pages.layout import Paragraph
from vaemath.pages.uses import Uses
from vaemath.pages.write import Writer
from vaemath.terms.term import Term


@dataclass(frozen=True)
class Line:
    """One line of a derivation: its number on the page, how it relates to the one before, and why."""

    number: int
    relation: str  # "" on the first line of a block, else = or ≤
    formula: Paragraph
    reason: Paragraph
    uses: tuple[tuple[str, str], ...]  # theorems of other derivations, as (id, name)
    plain: bool  # algebra alone: a reader may fold it


@dataclass(frozen=True)
class Block:
    """One theorem of a derivation with its lines."""

    name: str
    title: str
    statement: Paragraph
    where: tuple[Paragraph, ...]  # letters for densities, used in the lines
    named: bool  # does the statement use these letters too?
    hypotheses: tuple[Paragraph, ...]
    oracles: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Page:
    """Everything that is printed about a derivation."""

    id: str
    title: str
    sources: tuple[str, ...]
    hash: str
    notation: tuple[Paragraph, ...]
    blocks: tuple[Block, ...]
    kernels: tuple[str, ...]

    @property
    def main(self) -> Block:
        """The block that the page is about."""
        return next((b for b in self.blocks if b.name == "main"), self.blocks[0])

    @property
    def oracles(self) -> tuple[str, ...]:
        """All that any of its theorems was trusted to."""
        return tuple(sorted({o for b in self.blocks for o in b.oracles}))


def page(id: str) -> Page:
    """The page of a theorem, from its certificate.

    Raises:
        UnknownTheorem: there is no certificate of that id.
        CertificateError: it was edited.
    """
    data = library.certificate(id)
    wanted = [
        data["steps"][s]["statement"]
        for b in data["blocks"]
        for s in (b["step"], *(x["step"] for x in b["lines"]))
    ]
    terms = chosen_terms(data["terms"], [*wanted, *(h for b in data["blocks"] for h in b["hypotheses"])])
    uses = Uses(data)
    blocks: list[Block] = []
    count = 0
    for b in data["blocks"]:
        blocks.append(_block(data, b, terms, uses, count))
        count += len(blocks[-1].lines)
    symbols = frozenset().union(*(terms[k].free for k in wanted))
    return Page(
        data["id"],
        data["title"],
        tuple(data["sources"]),
        data["hash"],
        tuple(words.notation(symbols)),
        tuple(blocks),
        kernels(id),
    )


def chosen_terms(rows: Sequence[Any], wanted: Iterable[int]) -> dict[int, Term]:
    """Those terms of a certificate, and what they consist of; the rest is not built."""
    from vaemath.proof.certificate import read_terms

    needed: set[int] = set()
    todo = list(wanted)
    while todo:
        k = todo.pop()
        if k not in needed:
            needed.add(k)
            todo += [*rows[k][2], *_referred(rows[k][1])]
    order = sorted(needed)
    place = {k: n for n, k in enumerate(order)}
    short = [[rows[k][0], _renumbered(rows[k][1], place), [place[a] for a in rows[k][2]]] for k in order]
    return dict(zip(order, read_terms(short), strict=True))


def _referred(data: Any) -> list[int]:
    if isinstance(data, dict):
        return [data["term"]]
    return [k for d in data for k in _referred(d)] if isinstance(data, list) else []


def _renumbered(data: Any, place: Mapping[int, int]) -> Any:
    if isinstance(data, dict):
        return {"term": place[data["term"]]}
    return [_renumbered(d, place) for d in data] if isinstance(data, list) else data


_MARKS = {"eq": "=", "le": "≤", "lt": "<"}


def _block(
    data: Mapping[str, Any], b: Mapping[str, Any], terms: Mapping[int, Term], uses: Uses, before: int
) -> Block:
    steps = data["steps"]
    statement = terms[steps[b["step"]]["statement"]]
    statements = [terms[steps[x["step"]]["statement"]] for x in b["lines"]]
    names = legend(data["id"], [statement, *statements])
    w = Writer(names)
    plainly = Writer() if not has_pdf(statement) else w
    lines: list[Line] = []
    chained = all(s.head in _MARKS for s in statements)
    if chained:
        lines.append(Line(before + 1, "", (w.write(statements[0].args[0]),), (), (), False))
    for s, x in zip(statements, b["lines"], strict=True):
        step = steps[x["step"]]
        formula: Paragraph = (w.write(s.args[1]),) if chained else words.statement(w, s)
        mark = _MARKS[s.head] if chained else ""
        plain = chained and step["rule"] == "algebra"
        lines.append(
            Line(before + len(lines) + 1, mark, formula, words.reason(x["reason"]), uses.of(x["step"]), plain)
        )
    return Block(
        b["name"],
        b["title"],
        words.statement(plainly, statement),
        tuple(words.meaning_of(w, d, label) for d, label in names.items()),
        bool(names) and has_pdf(statement),
        tuple(words.hypotheses(w, (terms[h] for h in b["hypotheses"]))),
        tuple(b["oracles"]),
        tuple(lines),
    )


def has_pdf(t: Term) -> bool:
    """Does a density stand at a point in it?"""
    return t.head == "pdf" or any(map(has_pdf, t.args))


def kernels(id: str) -> tuple[str, ...]:
    """The kernels whose header names the theorem, such as ``vaemath.kernels.numpy.kl_normal``."""
    out: list[str] = []
    folder = library.CERTIFICATES.parent / "kernels"
    for path in sorted(folder.glob("*/[a-z]*.py")):
        with path.open(encoding="utf-8") as f:
            head = f.read(1500)
        if f"theorem {id}," in head:
            out.append(f"vaemath.kernels.{path.parent.name}.{path.stem}")
    return tuple(out)
