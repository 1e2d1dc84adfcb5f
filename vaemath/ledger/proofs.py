"""How a ledger row proves its statement: short forms over calc-blocks, rearrangement and evaluation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

from vaemath import library
from vaemath.core import rules
from vaemath.core.terms import Term
from vaemath.core.theorem import ProofError, Theorem
from vaemath.proof.chain import Derivation, Reason
from vaemath.proof.discharge import by_theorem
from vaemath.terms.build import number, term

Factor = tuple[Theorem, Any]
cited: ContextVar[list[str] | None] = ContextVar("cited", default=None)


def theorem(id: str, name: str = "main", **values: Any) -> Theorem:
    """A theorem of the library, noted among those that back the row; keywords instantiate its symbols.

    Raises:
        UnknownTheorem: no such id, name or symbol.
    """
    used = cited.get()
    word = id if name == "main" else f"{id}/{name}"
    if used is not None and word not in used:
        used.append(word)
    return library.theorem(id, name, **values)


def theorems(id: str, *names: str) -> tuple[Theorem, ...]:
    """Several theorems of one derivation, as one reason."""
    return tuple(theorem(id, n) for n in names)


def by(
    reason: Reason, *, lines: Sequence[tuple[Any, Reason]] = (), using: Sequence[Theorem] = ()
) -> Callable[[Term], Theorem]:
    """An equation, by a calc-block: from its left side through `lines` to its right side."""

    def prove(statement: Term) -> Theorem:
        if statement.head != "eq":
            raise ProofError(f"a calc-block proves an equation, not {statement}")
        d = Derivation("ledger", "")
        d.start(statement.args[0])
        for line, why in lines:
            d.to(line, why, "a line of the row")
        d.to(statement.args[1], reason, "the last line of the row")
        return d.qed(using=using)

    return prove


def arranged(*parts: Theorem | Factor, using: Sequence[Theorem] = ()) -> Callable[[Term], Theorem]:
    """A relation, as the sum of known relations times nonnegative factors."""

    def prove(statement: Term) -> Theorem:
        pairs = [p if isinstance(p, tuple) else (p, number(1)) for p in parts]
        made = rules.rearrange(
            *(t for t, _ in pairs), statement=statement, factors=tuple(term(k) for _, k in pairs)
        )
        return Derivation("ledger", "").record("main", made, using=using)

    return prove


def stated(known: Theorem, *, using: Sequence[Theorem] = ()) -> Callable[[Term], Theorem]:
    """A statement that is an instance of a known theorem, word for word."""

    def prove(statement: Term) -> Theorem:
        found = known if known.statement == statement else by_theorem(known)(statement)
        if found is None or found.statement != statement:
            raise ProofError(f"{statement} is no instance of {known.statement}")
        return Derivation("ledger", "").record("main", found, using=using)

    return prove


def made(build: Callable[[], Theorem], *, using: Sequence[Theorem] = ()) -> Callable[[Term], Theorem]:
    """A statement that rules give directly; it must come out as written."""

    def prove(statement: Term) -> Theorem:
        found = build()
        if found.statement != statement:
            raise ProofError(f"the rules give {found.statement}, not {statement}")
        return Derivation("ledger", "").record("main", found, using=using)

    return prove
