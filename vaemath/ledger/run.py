"""Running the ledger: whatever a row says is recomputed, and what does not go through is named."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from vaemath.core.terms import Term, TermError
from vaemath.core.theorem import Theorem
from vaemath.errors import VaemathError
from vaemath.ledger.point import Point, difference, holds
from vaemath.ledger.proofs import by, cited
from vaemath.ledger.rows import Backing, Check, Claim, IllFormed, Row, Wrong
from vaemath.proof.chain import algebra
from vaemath.terms.build import number

_NEED = {
    "verified": (True, False, False),
    "definition": (True, False, False),
    "corrected": (True, True, False),
    "refuted": (False, True, False),
    "shown": (False, False, True),
}


@dataclass(frozen=True)
class Result:
    """What running one row gave. `failures` is empty when its backing holds."""

    row: Row
    verdict: str
    proved: tuple[Theorem, ...]
    checked: tuple[Term, ...]
    uses: tuple[str, ...]
    points: tuple[Point, ...]
    refusals: tuple[str, ...]
    numbers: dict[str, float]
    corrected: str
    formal: str
    failures: tuple[str, ...]
    seconds: float

    @property
    def good(self) -> bool:
        """Is the verdict backed?"""
        return not self.failures

    @property
    def backed_by(self) -> str:
        """In words: theorems, evaluation, refusal, experiment."""
        parts = []
        if self.proved:
            parts.append(
                f"proof of {len(self.proved)}" + (f" by {', '.join(self.uses)}" if self.uses else "")
            )
        if self.checked:
            parts.append(f"check of {len(self.checked)} at 50 digits")
        if self.refusals:
            parts.append("refused as written")
        if self.points:
            parts.append("counterexample")
        if self.numbers:
            parts.append("experiment")
        return "; ".join(parts)

    def line(self) -> str:
        """One line for the terminal."""
        word = self.verdict if self.good else "FAILS"
        text = f"{word:<10} {self.row.source} {self.row.label}: {self.row.statement}"
        return "\n".join([text, *(f"           {f}" for f in self.failures)])

    def as_json(self) -> dict[str, Any]:
        """The row as plain data."""
        return {
            "source": self.row.source,
            "label": self.row.label,
            "statement": self.row.statement,
            "as_written": self.row.tex,
            "verdict": self.verdict,
            "backed_by": self.backed_by,
            "counterexample": list(self.points),
            "corrected": self.corrected,
            "note": self.row.note,
            "matters": self.row.matters,
            "formal": self.formal,
            "proved": [str(t.statement) for t in self.proved] + [str(t) for t in self.checked],
            "hypotheses": sorted({str(h) for t in self.proved for h in t.hypotheses}),
            "oracles": sorted({o for t in self.proved for o in t.oracles}),
            "numbers": self.numbers,
            "good": self.good,
            "failures": list(self.failures),
        }


def run_rows(rows: Iterable[Row]) -> Iterator[Result]:
    """Run rows one after another; what two documents share runs once."""
    done: dict[object, Result] = {}
    for row in rows:
        if row.back not in done:
            done[row.back] = run_row(row)
        yield replace(done[row.back], row=row)


def run_row(row: Row) -> Result:
    """Prove, evaluate and refute what a row says."""
    began = time.perf_counter()
    used: list[str] = []
    token = cited.set(used)
    run = Attempt()
    try:
        backing = row.back()
        run.backing(backing)
    except VaemathError as e:
        backing = Backing("refuted")
        run.failures.append(f"the row cannot be built: {e}")
    finally:
        cited.reset(token)
    return Result(
        row,
        backing.verdict,
        tuple(run.proved),
        tuple(run.checked),
        tuple(used),
        tuple(run.points),
        tuple(run.refusals),
        run.numbers,
        backing.corrected,
        _formal(backing),
        tuple(run.failures),
        time.perf_counter() - began,
    )


def _formal(backing: Backing) -> str:
    written: list[str] = []
    for w in backing.wrong:
        written.append(str(w.statement) if isinstance(w, Wrong) else "cannot be formed")
    if not written:
        written = [str(c.statement) for c in backing.claims]
    return "; ".join(written)


def _adds_up(h: Term) -> bool:
    """Does the statement say that a density, or a table of probabilities, adds up to one?"""
    return h.head == "eq" and h.args[0].head == "int" and h.args[1] == number(1)


def _extra(theorem: Theorem, given: tuple[Term, ...]) -> list[Term]:
    """Equations and inequalities that a proof rests on though they are not given."""
    return [h for h in theorem.hypotheses if h.head in ("eq", "le") and not _adds_up(h) and h not in given]


class Attempt:
    """One run of a backing: what was proved, evaluated, refused, and what failed."""

    def __init__(self) -> None:
        self.proved: list[Theorem] = []
        self.checked: list[Term] = []
        self.points: list[Point] = []
        self.refusals: list[str] = []
        self.numbers: dict[str, float] = {}
        self.failures: list[str] = []

    def backing(self, b: Backing) -> None:
        need = _NEED[b.verdict]
        for wanted, present, what in zip(
            need, (b.claims, b.wrong, b.experiments), ("claim", "refutation", "experiment"), strict=True
        ):
            if wanted and not present:
                self.failures.append(f"`{b.verdict}` needs a {what}")
        for claim in b.claims:
            self.claim(claim)
        for w in b.wrong:
            if isinstance(w, IllFormed):
                self.ill_formed(w)
            else:
                self.wrong(w, b.claims)
        for e in b.experiments:
            self.numbers.update(e.run())
            if not e.holds(self.numbers):
                self.failures.append(f"the experiment does not bear it out: {self.numbers}")

    def claim(self, claim: Claim) -> None:
        if isinstance(claim.proof, Check):
            if holds(claim.statement, claim.given, claim.proof.models) is True:
                self.checked.append(claim.statement)
            else:
                self.failures.append(f"evaluation does not bear out {claim.statement}")
            return
        try:
            theorem = claim.proof(claim.statement)
        except VaemathError as e:
            self.failures.append(f"not proved: {claim.statement}: {e}")
            return
        if theorem.statement != claim.statement:
            self.failures.append(f"proved {theorem.statement}, not {claim.statement}")
        self.failures.extend(
            f"the proof of {claim.statement} rests on {h}" for h in _extra(theorem, claim.given)
        )
        self.proved.append(theorem)

    def ill_formed(self, w: IllFormed) -> None:
        try:
            made = w.build()
        except TermError as e:
            self.refusals.append(str(e))
        else:
            self.failures.append(f"it can be formed after all: {made}")

    def wrong(self, w: Wrong, claims: tuple[Claim, ...]) -> None:
        for proof in [by(algebra), *(c.proof for c in claims)]:
            if isinstance(proof, Check):
                continue
            try:
                theorem = proof(w.statement)
            except VaemathError as e:
                self.refusals.append(str(e))
            else:
                if not _extra(theorem, w.given):
                    self.failures.append(f"the statement as written is provable: {theorem}")
        point = difference(w.statement, w.given, w.at)
        if point is None:
            self.failures.append(f"no point is found where it fails: {w.statement}")
        else:
            self.points.append(point)
