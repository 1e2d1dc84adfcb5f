"""Broken rules of expectations and integrals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.proof.faults.algebra import twice
from tests.proof.faults.registry import Body, changed, fault, law, restated, right_side, swapped
from vaemath.core.obligations import general
from vaemath.core.rules import expectation
from vaemath.core.terms import Term, close, make, mul, open_with, opened, rebuild, relation
from vaemath.core.theorem import Step

NOTHING: frozenset[Term] = frozenset()


def _dropped(t: Term) -> Term:
    return make("add", t.args[:-1]) if t.head == "add" and len(t.args) > 1 else t


restated("linearity", "a summand is lost", right_side(_dropped))
changed("linearity", "whether or not the parts converge", meant=True)


@fault("linearity", "the mean of a product is the product of means")
def _(right: Body) -> Body:
    def body(*, term: Term) -> Step:
        x, inner = opened(term.args[-1], term)
        if inner.head == "mul" and sum(x in a.free for a in inner.args) > 1:
            parts = [rebuild(term, (*term.args[:-1], close(x, a))) if x in a.free else a for a in inner.args]
            return Step(relation("eq", term, mul(*parts)))
        return right(term=term)

    return body


@fault("linearity", "the mean of a constant is the constant")
def _(right: Body) -> Body:
    def body(*, term: Term) -> Step:
        x, inner = opened(term.args[-1], term)
        return Step(relation("eq", term, inner)) if x not in inner.free else right(term=term)

    return body


restated("independence", "a factor", right_side(twice))
changed("independence", "densities of any total", adds=())
changed("independence", "whether or not it converges", meant=True)


@fault("independence", "a covariance is diagonal whatever the means")
def _(right: Body) -> Body:
    return lambda *means, term: replace(right(*means, term=term), inherited=NOTHING)


restated("whitening", "a factor", right_side(twice))
changed("whitening", "for any matrix", meant=True)


@fault("whitening", "the transposed factor")
def _(right: Body) -> Body:
    def body(*, term: Term) -> Step:
        def turned(t: Term) -> Term:
            return make("T", (t,)) if t.head == "chol" else rebuild(t, tuple(map(turned, t.args)))

        step = right(term=term)
        return replace(step, statement=relation("eq", term, turned(step.statement.args[1])))

    return body


restated("monotone", "the wrong way round", swapped)
restated("monotone", "strict", lambda st: relation("lt", *st.args))
changed("monotone", "densities of any sign", adds=())
changed("monotone", "whether or not they converge", meant=True)


@fault("monotone", "an inequality at one point")
def _(right: Body) -> Body:
    return lambda t, **kw: replace(right(t, **kw), inherited=t.hypotheses)


@fault("vanish", "whether or not it converges")
def _(right: Body) -> Body:
    def body(m: Any, s: Any, *, variable: Term) -> Step:
        step = right(m, s, variable=variable)
        return Step(
            step.statement,
            inherited=frozenset(h for h in step.inherited if h.head != "integrable"),
            meant=True,
        )

    return body


@fault("vanish", "a function that is nonnegative at one point")
def _(right: Body) -> Body:
    return lambda m, s, *, variable: replace(
        right(m, s, variable=variable), inherited=m.hypotheses | s.hypotheses
    )


@fault("vanish", "everywhere")
def _(right: Body) -> Body:
    def body(m: Any, s: Any, *, variable: Term) -> Step:
        step = right(m, s, variable=variable)
        return replace(step, statement=make("forall", step.statement.args[1:]))

    return body


law("vanish", "densities of any sign", (expectation, "sign", lambda t: ">"))


@fault("vanish", "from a mean that is not zero")
def _(right: Body) -> Body:
    return lambda m, s, *, variable: replace(right(m, s, variable=variable), inherited=s.hypotheses)


@fault("almost_everywhere", "a statement for all goes with the premise")
def _(right: Body) -> Body:
    def body(t: Any, s: Any, *, variable: Term) -> Step:
        step = right(t, s, variable=variable)
        premise = open_with(t.statement.args[1], variable)
        return replace(step, inherited=step.inherited - {general(premise, [variable])})

    return body


@fault("almost_everywhere", "what holds almost everywhere is no hypothesis")
def _(right: Body) -> Body:
    def body(t: Any, s: Any, *, variable: Term) -> Step:
        step = right(t, s, variable=variable)
        return replace(step, inherited=step.inherited - t.hypotheses)

    return body


@fault("almost_everywhere", "everywhere")
def _(right: Body) -> Body:
    def body(t: Any, s: Any, *, variable: Term) -> Step:
        step = right(t, s, variable=variable)
        return replace(step, statement=make("forall", step.statement.args[1:]))

    return body


@fault("integrable", "everything converges")
def _(right: Body) -> Body:
    return lambda *parts, statement, factors=(): Step(statement)


law("integrable", "whatever the sign of the leading coefficient", (expectation, "sign", lambda t: ">"))
law("integrable", "any factor is a polynomial", (expectation, "_polynomial", lambda t, x: True))
changed("integrable", "functions that are continuous nowhere", adds=())
changed("integrable", "hypotheses are lost", inherited=NOTHING)


@fault("integrable", "an integral that is zero converges")
def _(right: Body) -> Body:
    def body(*parts: Any, statement: Term, factors: Any = ()) -> Step:
        if len(parts) == 1 and parts[0].statement.head == "eq" and parts[0].lhs.head == "int":
            converges = make("integrable", parts[0].lhs.args)
            return Step(converges, inherited=parts[0].hypotheses - {converges.core})
        return right(*parts, statement=statement, factors=factors)

    return body
