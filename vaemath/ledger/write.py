"""What a ledger file imports beside ``vaemath.derive``: documents, verdicts and proofs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vaemath.core.terms import Term
from vaemath.ledger.proofs import arranged, by, made, stated, theorem, theorems
from vaemath.ledger.rows import Backing, Check, Claim, Document, Experiment, IllFormed, Proof, Wrong

check = Check()


def claim(statement: Term, proof: Proof, *, given: tuple[Term, ...] = ()) -> Claim:
    """A statement with the proof that backs it; `given` are the conditions under which it is said to hold."""
    return Claim(statement, proof, given)


def wrong(statement: Term, *, given: tuple[Term, ...] = (), **at: Any) -> Wrong:
    """A statement as written that does not hold; keywords are the symbols' values at the point shown."""
    return Wrong(statement, at, given)


def ill_formed(build: Callable[[], Term]) -> IllFormed:
    """An expression as written that means nothing."""
    return IllFormed(build)


def verified(*claims: Claim) -> Backing:
    """It holds as written."""
    return Backing("verified", claims)


def definition_of(*claims: Claim) -> Backing:
    """A definition that later rows use: the claims say that it is what our words mean."""
    return Backing("definition", claims)


def corrected(
    as_written: Wrong | IllFormed | tuple[Wrong | IllFormed, ...], *claims: Claim, tex: str
) -> Backing:
    """False or ill-formed as written; `tex` is the corrected statement, which the claims prove."""
    return Backing(
        "corrected", claims, as_written if isinstance(as_written, tuple) else (as_written,), corrected=tex
    )


def refuted(*as_written: Wrong) -> Backing:
    """False, with no small correction."""
    return Backing("refuted", wrong=as_written)


def shown(
    experiment: Callable[[], dict[str, float]], holds: Callable[[dict[str, float]], bool], *claims: Claim
) -> Backing:
    """A claim about behaviour, backed by an experiment that runs."""
    return Backing("shown", claims, experiments=(Experiment(experiment, holds),))


__all__ = [
    "Document",
    "arranged",
    "by",
    "check",
    "claim",
    "corrected",
    "definition_of",
    "ill_formed",
    "made",
    "refuted",
    "shown",
    "stated",
    "theorem",
    "theorems",
    "verified",
    "wrong",
]
