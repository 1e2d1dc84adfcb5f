"""Broken rules of equality, instances, assumptions and definitions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.proof.faults.registry import Body, changed, fault, law, restated, swapped
from vaemath.core.obligations import general
from vaemath.core.rules import logic
from vaemath.core.terms import Term, make, open_with, relation, substitute
from vaemath.core.theorem import Step

NOTHING: frozenset[Term] = frozenset()

changed("assume", "the statement is no hypothesis", adds=())
changed("symmetry", "hypotheses are lost", inherited=NOTHING)
changed("transitivity", "hypotheses are lost", inherited=NOTHING)
changed("antisymmetry", "hypotheses are lost", inherited=NOTHING)
changed("congruence", "hypotheses are lost", inherited=NOTHING)
changed("replace", "hypotheses are lost", inherited=NOTHING)
changed("instantiate", "values of any sort", adds=())
changed("instantiate", "hypotheses are lost", inherited=NOTHING)
changed("specialise", "hypotheses are lost", inherited=NOTHING)
changed("cut", "hypotheses are lost", inherited=NOTHING)
changed("define", "the definition is no hypothesis", adds=())


@fault("symmetry", "of inequalities too")
def _(right: Body) -> Body:
    return lambda t: Step(swapped(t.statement))


@fault("transitivity", "the hypotheses of the second premise are lost")
def _(right: Body) -> Body:
    return lambda s, t: replace(right(s, t), inherited=s.hypotheses)


@fault("transitivity", "strict from two weak ones")
def _(right: Body) -> Body:
    return lambda s, t: Step(relation("lt", *right(s, t).statement.args))


@fault("transitivity", "whatever stands in the middle")
def _(right: Body) -> Body:
    def body(s: Any, t: Any) -> Step:
        heads = (s.statement.head, t.statement.head)
        return Step(relation("eq" if heads == ("eq", "eq") else "le", s.lhs, t.rhs))

    return body


@fault("antisymmetry", "from one side")
def _(right: Body) -> Body:
    return lambda s, t: replace(right(s, t), inherited=s.hypotheses)


restated(
    "antisymmetry", "the sides of different premises", lambda st: make("eq", (st.args[0], st.args[1] + 1))
)


@fault("congruence", "hypotheses about the bound variable are left as they are")
def _(right: Body) -> Body:
    return lambda t, **kw: replace(right(t, **kw), inherited=t.hypotheses)


@fault("congruence", "with hypotheses about the bound variable dropped")
def _(right: Body) -> Body:
    def body(t: Any, *, names: Any, **kw: Any) -> Step:
        step = right(t, names=names, **kw)
        return replace(step, inherited=frozenset(h for h in t.hypotheses if not h.free & set(names)))

    return body


law("congruence", "positive names under any derivative", (logic, "sign", lambda t: ">"))


@fault("replace", "hypotheses about the bound variable are left as they are")
def _(right: Body) -> Body:
    return lambda t, s, **kw: replace(right(t, s, **kw), inherited=t.hypotheses | s.hypotheses)


@fault("replace", "the hypotheses of the statement are lost")
def _(right: Body) -> Body:
    def body(t: Any, s: Any, **kw: Any) -> Step:
        step = right(t, s, **kw)
        return replace(step, inherited=step.inherited - s.hypotheses)

    return body


@fault("instantiate", "one symbol after another")
def _(right: Body) -> Body:
    def body(t: Any, *, mapping: Any) -> Step:
        statement = t.statement
        for s, v in mapping.items():
            statement = substitute(statement, {s: v})
        return replace(right(t, mapping=mapping), statement=statement)

    return body


@fault("instantiate", "hypotheses stay as they were")
def _(right: Body) -> Body:
    return lambda t, *, mapping: replace(right(t, mapping=mapping), inherited=t.hypotheses)


@fault("instantiate", "a defined name takes any value")
def _(right: Body) -> Body:
    def body(t: Any, *, mapping: Any) -> Step:
        kept = frozenset(
            substitute(h, mapping) for h in t.hypotheses if h.head != "def" or h.args[0] not in mapping
        )
        return Step(substitute(t.statement, mapping), inherited=kept)

    return body


@fault("specialise", "from almost every value")
def _(right: Body) -> Body:
    def body(t: Any, *, value: Term) -> Step:
        if t.statement.head == "ae":
            return Step(open_with(t.statement.args[1], value), meant=True)
        return right(t, value=value)

    return body


@fault("specialise", "a value outside of the sort")
def _(right: Body) -> Body:
    def body(t: Any, *, value: Term) -> Step:
        if t.statement.head != "forall":
            return right(t, value=value)
        lam = t.statement.args[0]
        wide = make("sym", (), ("wide", lam.data[1]))
        return Step(substitute(open_with(lam, wide), {wide: value}))

    return body


@fault("cut", "the hypotheses of the proof are lost")
def _(right: Body) -> Body:
    def body(t: Any, s: Any, *, names: Any) -> Step:
        step = right(t, s, names=names)
        return replace(step, inherited=step.inherited - s.hypotheses)

    return body


@fault("cut", "general in what it assumes")
def _(right: Body) -> Body:
    def body(t: Any, s: Any, *, names: Any) -> Step:
        names = names or tuple(sorted((x for x in s.statement.free if x.sort[0] == "real"), key=str)[:1])
        goal = general(s.statement, reversed(names))
        if goal in t.hypotheses:
            return Step(t.statement, inherited=(t.hypotheses - {goal}) | s.hypotheses, meant=True)
        return right(t, s, names=names)

    return body


@fault("define", "what is defined is of any kind")
def _(right: Body) -> Body:
    def body(*, name: Term, meaning: Term, at: Any) -> Step:
        step = right(name=name, meaning=meaning, at=at)
        return replace(step, adds=[h for h in step.adds if h.head == "def"])

    return body


@fault("define", "a name equals a part of its meaning")
def _(right: Body) -> Body:
    def body(*, name: Term, meaning: Term, at: Any) -> Step:
        step = right(name=name, meaning=meaning, at=at)
        a, b = step.statement.args
        return (
            replace(step, statement=make("eq", (a, b.args[0])))
            if b.args and b.args[0].sort == a.sort
            else step
        )

    return body
