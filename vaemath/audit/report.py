"""The audit of a proof: every node evaluated in random models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Protocol

from flint import ctx

from vaemath.audit.enclosure import Enclosure, compare, converges
from vaemath.audit.evaluate import DIGITS
from vaemath.audit.models import Model
from vaemath.audit.satisfy import Around, define, satisfying, surroundings
from vaemath.audit.statements import Verdict, judge
from vaemath.audit.values import BeyondError, UndefinedError, show
from vaemath.core.terms import NAT, Term


class Node(Protocol):
    """What the audit reads of a theorem."""

    statement: Term
    hypotheses: frozenset[Term]
    rule: str
    premises: tuple[Any, ...]


@dataclass(frozen=True)
class Failure:
    """A node that is false, or has no value, where its hypotheses hold."""

    rule: str
    statement: Term
    left: str
    right: str
    where: str

    def __str__(self) -> str:
        return (
            f"rule `{self.rule}`: {self.statement} is false at {self.where}: {self.left} against {self.right}"
        )


@dataclass(frozen=True)
class Report:
    """What the audit of a proof found.

    `unaudited` are nodes that no model decided: their hypotheses hold in none, or the evaluator has no
    method for them. `vacuous` are those of them of which every model contradicts
    a hypothesis: such a theorem says nothing.
    """

    nodes: int
    evaluations: int
    worst_deviation: float
    enclosures: int
    unaudited: tuple[Term, ...]
    vacuous: tuple[Term, ...]
    failure: Failure | None

    @property
    def good(self) -> bool:
        """Was every node decided, and none of them false?"""
        return self.failure is None and not self.unaudited


@dataclass(frozen=True)
class _Outcome:
    evaluations: int
    deviation: float
    enclosures: int = 0
    failure: Failure | None = None


@lru_cache(maxsize=1)
def reading_models() -> tuple[Model, ...]:
    """The models every node is read in: three random ones, one not normalised, one of zeros and ones.

    The first three give each dimension the values 1, 2 and 3.
    """
    return (
        Model(0),
        Model(1),
        Model(2),
        Model(4, normalised=False),
        Model(3, numbers=(Fraction(0),), dimension=2),
    )


@lru_cache(maxsize=1)
def large_models() -> tuple[Model, ...]:
    """Models of dimensions 6 to 8, for the nodes that have any: what fails only from 4 on is seen there."""
    return (Model(2, dimensions=(4, 8)),)


_OUTCOMES: dict[tuple[Term, frozenset[Term], bool], _Outcome] = {}


def audit(theorems: Node | Sequence[Node], *, digits: int = DIGITS) -> Report:
    """Evaluate every node that some theorems rest on, in every model in which its hypotheses hold."""
    roots = list(theorems) if isinstance(theorems, Sequence) else [theorems]
    order = all_nodes(roots)
    around = surroundings(t for n in order for t in (n.statement, *n.hypotheses))
    outcomes: list[_Outcome] = []
    unaudited: list[Term] = []
    vacuous: list[Term] = []
    with ctx.workdps(digits + 15):
        for n in order:
            outcome = _outcome(n, around)
            outcomes.append(outcome)
            if not outcome.evaluations and not outcome.failure and n.statement not in unaudited:
                unaudited.append(n.statement)
                if is_vacuous(n):
                    vacuous.append(n.statement)
    return Report(
        nodes=len(order),
        evaluations=sum(o.evaluations for o in outcomes),
        worst_deviation=max((o.deviation for o in outcomes), default=0.0),
        enclosures=sum(o.enclosures for o in outcomes),
        unaudited=tuple(unaudited),
        vacuous=tuple(vacuous),
        failure=next((o.failure for o in outcomes if o.failure), None),
    )


def is_vacuous(n: Node) -> bool:
    """Is some hypothesis false in every model, with defined names as they are defined?

    An equation for one symbol is met by the choice of its value: it is no reason to call a theorem vacuous.
    """
    return all(_contradicted(n.hypotheses, base) for base in reading_models())


def _contradicted(hypotheses: Iterable[Term], base: Model) -> bool:
    given = tuple(hypotheses)
    try:
        m = define(given, base)
    except (BeyondError, UndefinedError):
        return False
    chosen = {a for h in given if h.head == "eq" for a in h.args if a.head == "sym"}
    return any(judge(h, m).truth is False for h in given if h.head != "def" and not h.free & chosen)


def all_nodes(roots: Iterable[Node]) -> list[Node]:
    """Every theorem that some theorems rest on, premises first."""
    order: list[Node] = []
    seen: set[int] = set()
    stack: list[tuple[Node, bool]] = [(r, False) for r in roots]
    while stack:
        n, done = stack.pop()
        if done:
            order.append(n)
        elif id(n) not in seen:
            seen.add(id(n))
            stack.append((n, True))
            stack.extend((p, False) for p in n.premises)
    return order


def _outcome(n: Node, around: Around) -> _Outcome:
    key = (n.statement, n.hypotheses, n.rule in ("integrate", "integrable"))
    found = _OUTCOMES.get(key)
    if found is None or not found.evaluations:
        found = _OUTCOMES[key] = _read(n, around)
    return found


def _read(n: Node, around: Around) -> _Outcome:
    evaluations, worst, enclosures = 0, 0.0, 0
    dimensions = any(s.sort == NAT for t in (n.statement, *n.hypotheses) for s in t.free)
    for base in reading_models() + (large_models() if dimensions else ()):
        m = satisfying(n.hypotheses, base, around)
        if m is None:
            continue
        v = judge(n.statement, m)
        if v.truth is False or v.undefined:
            return _Outcome(evaluations, worst, enclosures, _failure(n, m, v))
        if v.truth:
            evaluations += 1
            worst = max(worst, v.deviation)
        try:
            enclosures += _enclosed(n, m)
        except RefutedError as e:
            wrong = Verdict(False, left=e.enclosure.integral, right=e.enclosure.claimed)
            return _Outcome(evaluations, worst, enclosures, _failure(n, m, wrong))
    return _Outcome(evaluations, worst, enclosures)


class RefutedError(Exception):
    """An enclosure that does not contain the value claimed."""

    def __init__(self, enclosure: Enclosure) -> None:
        self.enclosure = enclosure


def _enclosed(n: Node, m: Model) -> int:
    """How many rigorous enclosures confirm the node in a model: integrals and their convergence."""
    try:
        if n.rule == "integrate":
            found = compare(n.statement, m)
            if found.refuted:
                raise RefutedError(found)
            return int(found.holds)
        if n.rule == "integrable":
            return int(converges(n.statement, m))
    except (BeyondError, UndefinedError):
        return 0
    return 0


def _failure(n: Node, m: Model, v: Verdict) -> Failure:
    values = {str(s): m.symbol(s) for s in n.statement.free}
    plain = {k: x for k, x in sorted(values.items()) if not callable(x) and not hasattr(x, "expect")}
    where = ", ".join(f"{k} = {show(x)}" for k, x in plain.items()) or f"model {m.seed}"
    if v.undefined:
        return Failure(n.rule, n.statement, "no value", v.note, where)
    return Failure(n.rule, n.statement, show(v.left), show(v.right), where)
