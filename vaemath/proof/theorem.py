"""The only maker of theorems, and their replay.

**What is trusted.** This module, the rules in :mod:`vaemath.proof.rules` (one sentence of mathematics
each), the normal form they decide by (``normal.py``, ``words.py``), the sign and definedness of terms
(``sign.py``), and the meaning of words (:mod:`vaemath.terms`). Where a rule leans on a computer algebra
system it records an *oracle*, which every later theorem carries and every report prints.

**What is not.** Scripts, tactics, printing, certificates on disk: they can fail to make a theorem,
not make a false one. Python cannot seal a class, so the guarantee is not the private key below. It is
*replay* (:func:`replay` recomputes each conclusion, its hypotheses and its oracles from the rules
alone, and compares) and *audit* (:mod:`vaemath.audit` evaluates each node in random models, by code
that shares nothing with the rules). A theorem forged behind this module's back is found by either.

A theorem reads: under `hypotheses`, `statement` holds for all values of its free symbols. A symbol of
the sort "density" stands for any nonnegative function; that it integrates to one is a hypothesis.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from vaemath.errors import FalseError
from vaemath.proof.sign import evident, obligations
from vaemath.terms.build import lt, zero
from vaemath.terms.term import Term

_KEY = object()
RULES: dict[str, Callable[..., Step]] = {}


class ProofError(FalseError):
    """A rule does not apply, a line does not follow, or a replay disagrees."""


@dataclass(frozen=True)
class Step:
    """What a rule says: a statement, hypotheses and oracles that it adds.

    `inherited` replaces the hypotheses of the premises; only the four rules that bind, rename or
    discharge use it. Without it all of them are carried on.
    """

    statement: Term
    adds: tuple[Term, ...] = ()
    oracles: tuple[str, ...] = ()
    inherited: frozenset[Term] | None = None
    defined: bool = False  # the statement is a premise's, so its obligations are met or proved there


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
        return _conclude(body.__name__, premises, params)

    apply.__name__ = body.__name__
    apply.__doc__ = body.__doc__
    apply.__signature__ = inspect.signature(body)  # type: ignore[attr-defined]
    return apply


def _conclude(name: str, premises: tuple[Theorem, ...], params: dict[str, Any]) -> Theorem:
    for p in premises:
        if not isinstance(p, Theorem):
            raise ProofError(f"{name}: a premise must be a theorem, got {type(p).__name__}")
    step = RULES[name](*premises, **params)
    inherited = step.inherited
    if inherited is None:
        inherited = frozenset().union(*(p.hypotheses for p in premises))
    needed = frozenset() if step.defined else obligations(step.statement)
    everything = inherited | frozenset(step.adds) | needed
    hypotheses = frozenset(h.core for h in everything if not evident(h))
    hypotheses = frozenset(h for h in hypotheses if not _follows(h, hypotheses))
    _definitions_are_sound(hypotheses)
    oracles = frozenset(step.oracles).union(*(p.oracles for p in premises))
    return Theorem(_KEY, step.statement, hypotheses, oracles, name, premises, params)


def _follows(h: Term, given: frozenset[Term]) -> bool:
    """Is this a != 0 where 0 < a stands beside it?"""
    return h.head == "ne" and h.args[1] == zero and lt(0, h.args[0]) in given


def _definitions_are_sound(hypotheses: Iterable[Term]) -> None:
    """Each defined name has one meaning, and no meaning leads back to the name."""
    meaning: dict[Term, Term] = {}
    for h in hypotheses:
        if h.head == "def" and h.args[0].head == "sym":
            name, body = h.args
            if meaning.setdefault(name, body) != body:
                raise ProofError(f"define: `{name}` has two meanings: {meaning[name]} and {body}")
    for name in meaning:
        seen, todo = set(), {name}
        while todo:
            for used in meaning[todo.pop()].free & meaning.keys():
                if used == name:
                    raise ProofError(f"define: the meaning of `{name}` leads back to `{name}`")
                if used not in seen:
                    seen.add(used)
                    todo.add(used)


def nodes(theorem: Theorem) -> list[Theorem]:
    """Every theorem that `theorem` rests on, premises first, itself last."""
    order: list[Theorem] = []
    seen: set[int] = set()
    stack: list[tuple[Theorem, bool]] = [(theorem, False)]
    while stack:
        t, done = stack.pop()
        if done:
            order.append(t)
        elif id(t) not in seen:
            seen.add(id(t))
            stack.append((t, True))
            stack.extend((p, False) for p in t.premises)
    return order


def replay(theorem: Theorem) -> int:
    """Recompute every node from the rules; the number of nodes.

    Raises:
        ProofError: a node is not what its rule gives; it names the rule and both statements.
    """
    order = nodes(theorem)
    fresh: dict[int, Theorem] = {}
    for t in order:
        if t.rule not in RULES:
            raise ProofError(f"replay: unknown rule `{t.rule}`")
        again = _conclude(t.rule, tuple(fresh[id(p)] for p in t.premises), t.params)
        same = (again.statement == t.statement, again.hypotheses == t.hypotheses, again.oracles == t.oracles)
        if not all(same):
            what = ("statement", "hypotheses", "oracles")[same.index(False)]
            raise ProofError(f"replay: rule `{t.rule}` gives another {what}: {again}, recorded: {t}")
        fresh[id(t)] = again
    return len(order)
