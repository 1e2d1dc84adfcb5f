"""The only maker of theorems.

A theorem reads: in every model in which `hypotheses` hold, `statement` holds. A rule says what follows from
premises; what every theorem carries besides is decided here, once: the hypotheses of the premises, those the
rule adds, and the obligations of the statement, less what is plain from its form.

Python cannot seal a class, so the guarantee is not the private key below. It is *replay* (each conclusion,
its hypotheses and its oracles are recomputed from the rules alone), a second checker that shares no code with
this one (:mod:`vaemath.recheck`), and *audit* (each node evaluated in random models).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vaemath.core.obligations import obligations, smallest
from vaemath.core.terms import Term, TermError
from vaemath.errors import FalseError

_KEY = object()
RULES: dict[str, Callable[..., Step]] = {}


class ProofError(FalseError):
    """A rule does not apply, a line does not follow, or a replay disagrees."""


@dataclass(frozen=True)
class Step:
    """What a rule says: a statement, hypotheses and oracles that it adds.

    `inherited` stands for the hypotheses of the premises, in the rules that bind, rename or discharge.
    `meant` says that the statement is a premise's, so that its obligations are met or proved there.
    """

    statement: Term
    adds: Iterable[Term] = ()
    oracles: tuple[str, ...] = ()
    inherited: frozenset[Term] | None = None
    meant: bool = False


class Theorem:
    """A statement that the rules made, with all that it rests on."""

    __slots__ = ("hypotheses", "oracles", "params", "premises", "rule", "statement")
    statement: Term
    hypotheses: frozenset[Term]
    oracles: frozenset[str]
    rule: str
    premises: tuple[Theorem, ...]
    params: dict[str, Any]

    def __init__(self, key: object, *values: Any) -> None:
        if key is not _KEY:
            raise ProofError("Theorem: only rules make theorems")
        names = ("statement", "hypotheses", "oracles", "rule", "premises", "params")
        for name, value in zip(names, values, strict=True):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise ProofError(f"Theorem: `{name}` cannot be changed")

    @property
    def lhs(self) -> Term:
        return self.statement.args[0]

    @property
    def rhs(self) -> Term:
        return self.statement.args[1]

    def __repr__(self) -> str:
        given = "; ".join(sorted(map(str, self.hypotheses)))
        return f"{given + ' ' if given else ''}|- {self.statement}"


def rule(body: Callable[..., Step]) -> Callable[..., Theorem]:
    """Register a rule. Its premises are theorems by position, its parameters go by keyword."""
    RULES[body.__name__] = body

    def apply(*premises: Theorem, **params: Any) -> Theorem:
        return conclude(body.__name__, premises, params)

    apply.__name__, apply.__doc__ = body.__name__, body.__doc__
    apply.__signature__ = inspect.signature(body)  # type: ignore[attr-defined]
    return apply


def conclude(name: str, premises: tuple[Theorem, ...], params: Mapping[str, Any]) -> Theorem:
    """The theorem that a rule makes of premises and parameters.

    Raises:
        ProofError: there is no such rule, or it does not apply; the message says why.
    """
    if name not in RULES:
        raise ProofError(f"unknown rule `{name}`")
    for p in premises:
        if type(p) is not Theorem:
            raise ProofError(f"{name}: a premise must be a theorem, got {type(p).__name__}")
    if not all(map(_closed, params.values())):
        raise ProofError(f"{name}: expected parameters that are terms without loose variables, or numbers")
    try:
        inspect.signature(RULES[name]).bind(*premises, **params)
        step = RULES[name](*premises, **params)
        inherited = step.inherited
        if inherited is None:
            inherited = frozenset().union(*(p.hypotheses for p in premises))
        needed = frozenset() if step.meant else obligations(step.statement)
        hypotheses = smallest(inherited.union(step.adds, needed))
    except (TermError, TypeError) as e:
        raise ProofError(f"{name}: {e}") from None
    _one_meaning_each(hypotheses)
    oracles = frozenset(step.oracles).union(*(p.oracles for p in premises))
    return Theorem(_KEY, step.statement, hypotheses, oracles, name, premises, dict(params))


def _closed(v: Any) -> bool:
    if isinstance(v, Mapping):
        return all(_closed(k) and _closed(x) for k, x in v.items())
    return (
        all(map(_closed, v))
        if isinstance(v, tuple)
        else isinstance(v, int) or (type(v) is Term and not v.level)
    )


def _one_meaning_each(hypotheses: Iterable[Term]) -> None:
    """Each defined name has one meaning, which does not lead back to it: a definition assumes nothing."""
    meaning: dict[Term, Term] = {}
    for name, body in (h.args for h in hypotheses if h.head == "def"):
        if meaning.setdefault(name, body) != body:
            raise ProofError(f"define: `{name}` has two meanings: {meaning[name]} and {body}")
    for name in meaning:
        seen, todo = set[Term](), {name}
        while todo:
            used = meaning[todo.pop()].free & meaning.keys()
            if name in used:
                raise ProofError(f"define: the meaning of `{name}` leads back to `{name}`")
            todo |= used - seen
            seen |= used
