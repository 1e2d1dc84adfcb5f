"""Models in which given hypotheses hold: definitions by their meaning, equations solved where possible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from flint import arb, ctx

from vaemath.audit.code import code
from vaemath.audit.evaluate import DIGITS
from vaemath.audit.models import Model
from vaemath.audit.statements import judge
from vaemath.audit.values import BeyondError, UndefinedError, Value, ball
from vaemath.core.terms import NAT, POSITIVE, REAL, Term

Repair = dict[Term, Value]


@dataclass(frozen=True)
class Around:
    """What stands around a hypothesis in its proof, from which equality cases are made."""

    densities: tuple[Term, ...] = ()
    definitions: tuple[Term, ...] = ()


def surroundings(terms: Iterable[Term]) -> Around:
    """The closed densities and the definitions that occur in some terms."""
    densities: dict[Term, None] = {}
    definitions: dict[Term, Term] = {}
    seen: set[Term] = set()

    def visit(t: Term) -> None:
        if t in seen:
            return
        seen.add(t)
        if t.sort[0] == "dist" and t.level == 0:
            densities.setdefault(t)
        if _is_definition(t):
            definitions.setdefault(t.args[0], t)
        for a in t.args:
            visit(a)

    for t in terms:
        visit(t)
    return Around(tuple(densities), tuple(definitions.values()))


def satisfying(hypotheses: Iterable[Term], model: Model, around: Around = Around()) -> Model | None:
    """The model, changed where needed so that all hypotheses hold; None when that fails."""
    given = sorted(set(hypotheses), key=_name)
    named = {h.args[0] for h in given if _is_definition(h)}
    more = [d for d in around.definitions if d.args[0] not in named]
    with ctx.workdps(DIGITS + 15):
        found = _satisfying(given, model, around)
        return _satisfying([*given, *more], model, around) if found is None and more else found


@lru_cache(maxsize=4096)
def _name(t: Term) -> str:
    return str(t)


def _satisfying(given: list[Term], model: Model, around: Around) -> Model | None:
    m = define(given, model)
    rest = [h for h in given if not _is_definition(h)]
    for _ in range(3):
        wrong = [h for h in rest if judge(h, m).truth is not True]
        if not wrong:
            return m
        better = next((n for n in _repaired(wrong[0], m, given, around.densities) if n is not None), None)
        if better is None:
            return None
        m = better
    return None


def _is_definition(h: Term) -> bool:
    return h.head == "def" and h.args[0].head == "sym"


def define(hypotheses: Iterable[Term], model: Model) -> Model:
    """The model in which every defined name has its meaning, innermost meanings first."""
    meanings = {h.args[0]: h.args[1] for h in hypotheses if _is_definition(h)}
    if not meanings:
        return model
    while meanings:
        ready = [name for name, body in meanings.items() if not body.free & meanings.keys()]
        if not ready:
            return model
        for name in ready:
            model = model.with_given({name: code(meanings.pop(name))(model, ())})
    return model


def _repaired(h: Term, m: Model, given: list[Term], densities: tuple[Term, ...]) -> Iterator[Model | None]:
    for change in _changes(h, m, densities):
        try:
            candidate = define(given, m.with_given(change))
            yield candidate if judge(h, candidate).truth is True else None
        except (UndefinedError, BeyondError):
            yield None


def _changes(h: Term, m: Model, densities: tuple[Term, ...]) -> Iterator[Repair]:
    if h.head == "eq":
        for a, b in (h.args, h.args[::-1]):
            if a.head == "sym" and a not in b.free and a not in m.given:
                yield {a: code(b)(m, ())}
    yield from _tied(h, m, densities)
    if h.head == "eq" and h.args[0].sort[0] in ("real", "positive", "nat"):
        yield from _roots(h, m)


def _tied(h: Term, m: Model, densities: tuple[Term, ...]) -> Iterator[Repair]:
    """Density symbols of the hypothesis, or one member of a family of them, set to another density."""
    for a in _densities_in(h):
        name = a.args[0] if a.head == "app" else a
        if name.head != "sym" or name in m.given:
            continue
        for b in densities:
            if b != a and b.sort == a.sort and name not in b.free:
                value = code(b)(m, ())
                yield {name: _changed(m, a, value) if a.head == "app" else value}


def _changed(m: Model, member: Term, value: Value) -> Callable[[Any], Value]:
    """A family that takes `value` at the argument of `member`, and its old values elsewhere."""
    family, at = (code(x)(m, ()) for x in member.args)
    return lambda x: value if x == at else family(x)


def _densities_in(t: Term) -> Iterator[Term]:
    if t.sort[0] == "dist" and t.level == 0:
        yield t
    for a in t.args:
        yield from _densities_in(a)


_STARTS = ((Fraction(1), Fraction(5, 4)), (Fraction(1, 4), Fraction(1, 3)), (Fraction(-1), Fraction(-3, 4)))


def _roots(h: Term, m: Model) -> Iterator[Repair]:
    """One real symbol, or the common factor of a family of numbers, solved for by the secant method."""
    for s in sorted(h.free, key=str):
        change = _one_parameter(s, m)
        if change is None or s in m.given:
            continue
        for a, b in _STARTS:
            root = _secant(h, m, change, ball(a), ball(b))
            positive = (s.sort[2] if s.sort[0] == "fun" else s.sort) == POSITIVE
            if root is not None and (root > 0 or not positive):
                yield change(root)


def _one_parameter(s: Term, m: Model) -> Callable[[arb], Repair] | None:
    if s.sort in (REAL, POSITIVE):
        return lambda x: {s: x}
    if s.sort in (("fun", NAT, REAL), ("fun", NAT, POSITIVE)):
        family = m.symbol(s)
        return lambda x: {s: lambda j: family(j) * x}
    return None


def _secant(h: Term, m: Model, change: Callable[[arb], Repair], x0: arb, x1: arb) -> arb | None:
    def residual(x: arb) -> arb:
        n = m.with_given(change(x))
        difference: arb = (code(h.args[0])(n, ()) - code(h.args[1])(n, ())).mid()
        return difference

    try:
        f0, f1 = residual(x0), residual(x1)
        for _ in range(60):
            if abs(float(f1)) < 1e-45:
                return x1
            if (f1 - f0).contains(0):
                return None
            x0, x1, f0 = x1, (x1 - f1 * (x1 - x0) / (f1 - f0)).mid(), f1
            f1 = residual(x1)
    except (UndefinedError, BeyondError):
        return None
    return None
