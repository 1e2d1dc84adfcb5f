"""False goals: what a theorem would say with a slip in it, shown false in a model, to be refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from flint import ctx

from vaemath.audit.densities import Table
from vaemath.audit.evaluate import DIGITS
from vaemath.audit.models import Model
from vaemath.audit.report import Node, all_nodes, reading_models
from vaemath.audit.satisfy import Around, satisfying, surroundings
from vaemath.audit.statements import judge
from vaemath.audit.values import ball
from vaemath.core.terms import POINT, Term, is_matrix, is_real, make, number, rebuild, substitute
from vaemath.errors import VaemathError

LIMIT = 24
Prover = Callable[["Goal"], Any]


@dataclass(frozen=True)
class Goal:
    """A statement that is false in a model in which its hypotheses hold."""

    kind: str
    statement: Term
    hypotheses: frozenset[Term]
    model: Model

    def __str__(self) -> str:
        return f"{self.kind}: {self.statement}"


def false_goals(theorem: Node, limit: int = LIMIT) -> tuple[Goal, ...]:
    """The false goals of a theorem; slips that a model does not show false are left out."""
    around = surroundings(t for n in all_nodes([theorem]) for t in (n.statement, *n.hypotheses))
    out: list[Goal] = []
    seen: set[Term] = {theorem.statement}
    with ctx.workdps(DIGITS + 15):
        starts = [
            m for m in (satisfying(theorem.hypotheses, b, around) for b in reading_models()) if m is not None
        ]
        for kind, statement in slips(theorem.statement):
            if statement in seen or len(out) >= limit:
                continue
            seen.add(statement)
            model = next((m for m in starts if judge(statement, m).truth is False), None)
            if model is not None:
                out.append(Goal(kind, statement, theorem.hypotheses, model))
        out.extend(_without_a_hypothesis(theorem, around))
    return tuple(out)


def accepted(goals: tuple[Goal, ...], prover: Prover) -> tuple[Goal, ...]:
    """The goals that a prover proves, which should be none.

    Args:
        goals: what is offered.
        prover: gives back a theorem for the statement of a goal, or raises `VaemathError`. A theorem counts
            when its hypotheses hold in the model in which the goal is false.
    """
    out = []
    for g in goals:
        try:
            proved = prover(g)
        except VaemathError:
            continue
        if proved is None:
            continue
        with ctx.workdps(DIGITS + 15):
            if all(judge(h, g.model).truth for h in proved.hypotheses):
                out.append(g)
    return tuple(out)


def _without_a_hypothesis(theorem: Node, around: Around) -> Iterator[Goal]:
    """The statement itself, for each hypothesis without which it is false in some model."""
    for h in sorted(theorem.hypotheses, key=str):
        if not _says_something(h):
            continue
        rest = theorem.hypotheses - {h}
        for base in _out_of_order(h):
            m = satisfying(rest, base, Around((), around.definitions))
            if m is not None and judge(h, m).truth is False and judge(theorem.statement, m).truth is False:
                yield Goal("without a hypothesis", theorem.statement, rest, m)
                break


def _says_something(h: Term) -> bool:
    """Is this more than that a part of the statement is defined?"""
    return _says_something(h.args[-1].args[0]) if h.head in ("forall", "ae") else h.head in ("eq", "le")


def _out_of_order(h: Term) -> Iterator[Model]:
    """Models in which a hypothesis may fail: the densities it is about scaled, then the usual ones."""
    for s in sorted(h.free, key=str):
        sort = s.sort[2] if s.sort[0] == "fun" else s.sort
        if sort == ("dist", POINT):
            for factor in (2, Fraction(1, 2), 6):
                for m in reading_models()[:3]:
                    yield m.with_given({s: _rescaled(m.symbol(s), ball(Fraction(factor)))})
    yield from reading_models()


def _rescaled(density: Any, factor: Any) -> Any:
    """A density, or each member of a family, times a constant."""
    if isinstance(density, Table):
        return Table({k: v * factor for k, v in density.heights.items()}, density.masses)
    return lambda x: _rescaled(density(x), factor)


def slips(statement: Term) -> Iterator[tuple[str, Term]]:
    """The slips of a statement, each with a name for it."""
    if statement.head in ("ae", "forall"):
        lam = statement.args[-1]
        for kind, body in slips(lam.args[0]):
            yield kind, rebuild(statement, (*statement.args[:-1], rebuild(lam, (body,))))
        return
    if statement.head not in ("eq", "le", "lt"):
        return
    left, right = statement.args
    if statement.head != "eq":
        yield "wrong direction", make("lt", (right, left))
    if not (is_real(right) or is_matrix(right)):
        return
    for kind, wrong in _wrong_sides(right):
        yield kind, make(statement.head, (left, wrong))
    if not right.args:
        for kind, wrong in _wrong_sides(left):
            yield kind, make(statement.head, (wrong, right))


def _wrong_sides(t: Term) -> Iterator[tuple[str, Term]]:
    yield "sign", _scaled(t, -1)
    yield "factor 2", _scaled(t, 2)
    yield "factor 1/2", _scaled(t, Fraction(1, 2))
    if is_real(t):
        yield "a constant more", make("add", (t, number(1)))
    by_sort: dict[Any, list[Term]] = {}
    for s in sorted(t.free, key=str):
        by_sort.setdefault(s.sort, []).append(s)
    for symbols in by_sort.values():
        for a, b in combinations(symbols, 2):
            yield "swapped arguments", substitute(t, {a: b, b: a})
    for path, part in _parts(t):
        yield from ((kind, _put(t, path, wrong)) for kind, wrong in _wrong_part(part))


def _wrong_part(part: Term) -> Iterator[tuple[str, Term]]:
    if part.head == "add" and len(part.args) > 1:
        for k, a in enumerate(part.args):
            rest = (*part.args[:k], *part.args[k + 1 :])
            yield "dropped term", rest[0] if len(rest) == 1 else make("add", rest)
            yield "sign of a term", make("add", (*part.args[:k], _scaled(a, -1), *part.args[k + 1 :]))
    if part.head == "inv":
        yield "inverse forgotten", part.args[0]
    if part.head == "pow":
        (base,), (p, q) = part.args, part.data
        yield "power forgotten", base
        if p < 0:
            yield "inverse forgotten", make("pow", (base,), (-p, q))
    if part.head in ("KL", "CE"):
        yield "swapped arguments", make(part.head, part.args[::-1])
    if part.head == "num" and part.data not in ((0, 1), (1, 1), (-1, 1)):
        yield "factor 2", number(2 * Fraction(*part.data))
    if part.head == "log":
        yield "logarithm forgotten", part.args[0]


def _scaled(t: Term, c: int | Fraction) -> Term:
    return make("scale" if is_matrix(t) else "mul", (number(c), t))


def _parts(t: Term) -> Iterator[tuple[tuple[int, ...], Term]]:
    """Every part of a term with its path, binders passed without opening them."""
    yield (), t
    for k, a in enumerate(t.args):
        for path, part in _parts(a):
            yield (k, *path), part


def _put(t: Term, path: tuple[int, ...], new: Term) -> Term:
    if not path:
        return new
    k, *rest = path
    return rebuild(t, (*t.args[:k], _put(t.args[k], tuple(rest), new), *t.args[k + 1 :]))
