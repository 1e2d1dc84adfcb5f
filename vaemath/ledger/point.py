"""Both sides of a statement at a point where it fails, in words and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from flint import arb_mat

from vaemath.audit.counterexample import simple_models
from vaemath.audit.densities import Density, Table
from vaemath.audit.evaluate import verdict
from vaemath.audit.models import Family, Model
from vaemath.audit.satisfy import satisfying
from vaemath.audit.values import show
from vaemath.core.normal import canon
from vaemath.core.terms import NAT, POINT, Term, open_with, substitute
from vaemath.errors import VaemathError
from vaemath.terms.build import number, term

Point = dict[str, str]


def difference(statement: Term, given: Iterable[Term] = (), at: Mapping[str, Any] = {}) -> Point | None:
    """A point where the hypotheses hold and the statement does not; None when none is found.

    `at` fixes symbols by name; what is left is sought among simple numbers first.
    """
    named = {s.data[0]: s for s in statement.free.union(*(g.free for g in given))}
    unknown = set(at) - set(named)
    if unknown:
        raise VaemathError(f"at: no symbol `{min(unknown)}` in {statement}")
    values = {named[k]: term(v) for k, v in at.items()}
    statement = substitute(statement, values)
    conditions = [substitute(g, values) for g in given]
    for model in _models():
        found = satisfying(conditions, model)
        if found is None:
            continue
        v = verdict(statement, found)
        if v.truth is False:
            count = max((v for k, v in at.items() if named[k].sort == NAT), default=1)
            where = [f"{k} = {_plain(v, count)}" for k, v in at.items()] + _rest(
                (statement, *conditions), found
            )
            point = {"at": ", ".join(where) or "as it stands"}
            if v.left is not None:
                point.update(left=_shown(v.left), right=_shown(v.right))
            return point
    return None


def holds(statement: Term, given: Iterable[Term], models: int, at: Mapping[str, Any] = {}) -> bool | None:
    """Is the statement true in so many models that satisfy the hypotheses? None when nothing was decided."""
    decided = 0
    for seed in range(models):
        model = satisfying(given, Model(seed, dimension=1 + seed % 2, points=2))
        if model is None:
            continue
        truth = verdict(statement, model).truth
        if truth is False:
            return False
        decided += truth is True
    return True if decided else None


def _models() -> Iterator[Model]:
    """Small numbers first, then abstract spaces of two points, then anything."""
    simple = list(simple_models())
    yield from simple[:16]
    yield from (Model(seed, points=2, dimension=1) for seed in range(60))
    yield from simple[16:]


def _plain(value: Any, count: int) -> str:
    """A number, or the entries of a family at 1, ..., count."""
    if isinstance(value, Term) and value.head == "lam" and value.data[1] == NAT:
        entries = [_plain(canon(open_with(value, number(j))), count) for j in range(1, count + 1)]
        return entries[0] if count == 1 else f"({', '.join(entries)})"
    return str(value)


def _shown(value: Any) -> str:
    return show(value) if not callable(value) else "a function"


def _rest(statements: tuple[Term, ...], model: Model) -> list[str]:
    """The values of the symbols, but those that are defined by others."""
    defined = {g.args[0] for g in statements if g.head == "def"}
    free = frozenset().union(*(g.free for g in statements)) - defined
    order = sorted(free, key=lambda s: (s.sort == NAT, str(s)))
    return [line for s in order for line in _lines(str(s), model.symbol(s), model, s.sort)]


def _lines(name: str, value: Any, model: Model, sort: Any) -> list[str]:
    if isinstance(value, Family):
        of_points = sort[1] == POINT
        for k in range(model.size) if of_points else ():
            value(k)
        return [
            x
            for k, v in sorted(value.table.items())
            for x in _lines(f"{name}{_index(k, of_points)}", v, model, sort[2])
        ]
    if isinstance(value, Table):
        masses = [float((value.heights[k] * w).mid()) for k, w in value.masses]
        shown = ", ".join(str(Fraction(p).limit_denominator(1000)) for p in masses)
        return [f"{name} = ({shown})"]
    if isinstance(value, Density) or (callable(value) and not isinstance(value, arb_mat)):
        return []
    if sort == POINT:
        return [f"{name} = point {int(value) + 1}"]
    return [f"{name} = {show(value)}"]


def _index(k: int, of_points: bool) -> str:
    return f"(point {k + 1})" if of_points else f"[{k}]"
