"""A theorem's page, before any format: what a certificate says, laid out for a reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from vaemath import library
from vaemath.apart.signed import is_signed
from vaemath.core.terms import Term, make
from vaemath.errors import VaemathError
from vaemath.pages import words
from vaemath.pages.densities import legend
from vaemath.pages.glance import Rows
from vaemath.pages.layout import Paragraph
from vaemath.pages.uses import Uses
from vaemath.pages.write import Writer
from vaemath.proof.stored import read


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
    verified: bool  # has `verify` accepted this certificate here?

    @property
    def standing(self) -> tuple[Paragraph, ...]:
        """What has to be said of a certificate that nobody checked here."""
        if self.verified:
            return ()
        return ((f"not verified: nothing on this page was checked here; run vaemath verify {self.id}",),)

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
    content = library.stored(id)
    data = read(content, f"{id}.json", id=id)
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
        is_signed(content),
    )


def chosen_terms(rows: Rows | Sequence[Any], wanted: Iterable[int]) -> dict[int, Term]:
    """Those terms of a certificate, with what they consist of; the rest is not built.

    Raises:
        TermError: an unknown head, or arguments of the wrong sorts.
        VaemathError: a reference that does not lead backwards.
    """
    made: dict[int, Term] = {}

    def build(k: int, above: int) -> Term:
        if not 0 <= k < above:
            raise VaemathError(f"a term refers to {k!r}, which does not stand before it")
        if k not in made:
            head, data, args = rows[k]
            parts = tuple(build(a, k) for a in args)
            made[k] = make(head, parts, tuple(plain(d, k) for d in data))
        return made[k]

    def plain(d: Any, above: int) -> Any:
        if isinstance(d, dict):
            return build(d["term"], above)
        return tuple(plain(x, above) for x in d) if isinstance(d, list) else d

    for k in wanted:
        build(k, k + 1)
    return made


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
    shared = sum(other["title"] == b["title"] for other in data["blocks"]) > 1
    return Block(
        b["name"],
        f"{b['title']} ({b['name']})" if shared and b["title"] else b["title"],
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
    """The kernels whose header names the theorem, ``vaemath.kernels.numpy.kl_normal``, or a file."""
    return tuple(name for name, head in _headers() if f"theorem {id}," in head)


def _module(path: Path) -> str:
    return f"vaemath.kernels.{path.parent.name}.{path.stem}"


@lru_cache(maxsize=1)
def _headers() -> tuple[tuple[str, str], ...]:
    """The first lines of every kernel file."""
    out: list[tuple[str, str]] = []
    folder = Path(__file__).parent.parent / "kernels"
    for path in sorted(folder.glob("*/[a-z]*")):
        name = f"vaemath/kernels/c/{path.name}" if path.suffix == ".c" else _module(path)
        with path.open(encoding="utf-8") as f:
            out.append((name, f.read(1500)))
    return tuple(out)
