"""What a ledger is made of: documents, rows, and what backs a verdict.

A row's verdict is never asserted. It is what its backing says when the ledger runs: claims are proved (or
evaluated), the statement as written is refused by the proof core and shown to be false at a point, an
experiment runs and its outcome is compared with what was said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from vaemath.core.terms import Term
from vaemath.core.theorem import Theorem
from vaemath.errors import VaemathError

Verdict = Literal["verified", "definition", "corrected", "refuted", "shown"]
VERDICTS: tuple[Verdict, ...] = ("verified", "definition", "corrected", "refuted", "shown")


@dataclass(frozen=True)
class Check:
    """Stands where a proof would: the statement is evaluated in models instead."""

    models: int = 4


Proof = Callable[[Term], Theorem] | Check


@dataclass(frozen=True)
class Claim:
    """A statement, and how it is proved. The proof takes the statement, so that a changed one can be tried.

    `given` are conditions that the row states; a proof may rest on no other equation or inequality but
    that a density or a table of probabilities adds up to one.
    """

    statement: Term
    proof: Proof
    given: tuple[Term, ...] = ()


@dataclass(frozen=True)
class Wrong:
    """A statement as written that does not hold: false at a point, refused by every proof that is tried."""

    statement: Term
    at: Mapping[str, Any] = field(default_factory=dict)
    given: tuple[Term, ...] = ()


@dataclass(frozen=True)
class IllFormed:
    """An expression as written that means nothing: building it must fail."""

    build: Callable[[], Term]


@dataclass(frozen=True)
class Experiment:
    """A claim about behaviour: `run` returns the numbers, `holds` says whether they bear it out."""

    run: Callable[[], dict[str, float]]
    holds: Callable[[dict[str, float]], bool]


@dataclass(frozen=True)
class Backing:
    """A verdict and all that must go through for it to stand."""

    verdict: Verdict
    claims: tuple[Claim, ...] = ()
    wrong: tuple[Wrong | IllFormed, ...] = ()
    experiments: tuple[Experiment, ...] = ()
    corrected: str = ""


@dataclass(frozen=True)
class Row:
    """One equation or claim of a document.

    `covers` are the numbers of the displayed equations, counted from 1 through the document, that the row
    is about; `tex` is our rendering of what is written there; `matters` says why it matters in code.
    """

    source: str
    label: str
    statement: str
    tex: str
    back: Callable[[], Backing]
    covers: tuple[int, ...] = ()
    note: str = ""
    matters: str = ""


@dataclass
class Document:
    """A source document: its file, what it says of its own origin, and its rows in order."""

    file: str
    title: str
    origin: str
    rows: list[Row] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The document's number, such as 000."""
        return self.file.split("_")[0]

    def row(
        self,
        label: str,
        says: str,
        tex: str,
        *,
        covers: tuple[int, ...] = (),
        note: str = "",
        matters: str = "",
    ) -> Callable[[Callable[[], Backing]], Callable[[], Backing]]:
        """Mark a function as the backing of the next row.

        Raises:
            VaemathError: the label is taken.
        """

        def mark(back: Callable[[], Backing]) -> Callable[[], Backing]:
            self._append(Row(self.name, label, says, tex, back, covers, note, matters))
            return back

        return mark

    def again(
        self,
        other: Document,
        label: str,
        *,
        at: str = "",
        covers: tuple[int, ...] = (),
        **changes: str,
    ) -> None:
        """The row of another document that says the same; `at` is its label here.

        Raises:
            VaemathError: there is no such row, or the label is taken.
        """
        old = other.find(label)
        values = {
            "statement": old.statement,
            "tex": old.tex,
            "note": old.note,
            "matters": old.matters,
            **changes,
        }
        self._append(Row(self.name, at or label, back=old.back, covers=covers, **values))

    def find(self, label: str) -> Row:
        """The row of that label.

        Raises:
            VaemathError: there is none.
        """
        for r in self.rows:
            if r.label == label:
                return r
        raise VaemathError(f"{self.file}: no row `{label}`")

    def _append(self, row: Row) -> None:
        if any(r.label == row.label for r in self.rows):
            raise VaemathError(f"{self.file}: the label `{row.label}` is taken")
        self.rows.append(row)
