"""Broken rules of algebra, definitions and signs."""

from __future__ import annotations

from typing import Any

from tests.proof.faults.registry import Body, changed, fault, restated, right_side
from vaemath.core.heads import sign, unfold
from vaemath.core.normal import residual
from vaemath.core.terms import Term, add, is_matrix, is_real, make, mul, neg, number, relation
from vaemath.core.theorem import Step
from vaemath.terms.build import E, log, pdf, zero

changed("algebra", "without obligations", meant=True)


def twice(t: Term) -> Term:
    if is_matrix(t):
        return make("scale", (number(2), t))
    return mul(number(2), t) if is_real(t) else t


@fault("algebra", "believes everything")
def _(right: Body) -> Body:
    return lambda *, left, right: Step(relation("eq", left, right))


restated("definition", "doubles", right_side(twice))


@fault("definition", "an expectation forgets its density")
def _(right: Body) -> Body:
    def body(*, term: Term) -> Step:
        if term.head == "E":
            return Step(relation("eq", term, make("int", term.args[1:])))
        return right(term=term)

    return body


@fault("definition", "a divergence the other way round")
def _(right: Body) -> Body:
    def body(*, term: Term) -> Step:
        if term.head in ("KL", "CE"):
            return Step(relation("eq", term, unfold(make(term.head, term.args[::-1]))))
        return right(term=term)

    return body


@fault("definition", "an entropy without its sign")
def _(right: Body) -> Body:
    def body(*, term: Term) -> Step:
        if term.head == "H":
            return Step(relation("eq", term, E(term.args[0], lambda x: log(pdf(term.args[0], x)))))
        return right(term=term)

    return body


@fault("signed", "everything is nonnegative")
def _(right: Body) -> Body:
    return lambda *, term: Step(relation("le", zero, term)) if not sign(term) else right(term=term)


@fault("signed", "nonnegative is positive")
def _(right: Body) -> Body:
    return lambda *, term: Step(relation("lt", zero, term)) if sign(term) else right(term=term)


def _sides(premises: Any, factors: Any) -> Term:
    total = zero
    for p, k in zip(premises, factors, strict=True):
        total = add(total, mul(k, add(p.rhs, neg(p.lhs))))
    return total


def _loose(statement: Term, premises: Any, factors: Any) -> bool:
    c, d = statement.args
    return residual(add(d, neg(c)), _sides(premises, factors)) == zero


@fault("rearrange", "factors of any sign")
def _(right: Body) -> Body:
    def body(*ps: Any, statement: Term, factors: Any) -> Step:
        heads = {p.statement.head for p in ps}
        if statement.head == "le" and heads <= {"le", "lt", "eq"} and _loose(statement, ps, factors):
            return Step(statement)
        return right(*ps, statement=statement, factors=factors)

    return body


@fault("rearrange", "strict from weak ones")
def _(right: Body) -> Body:
    def body(*ps: Any, statement: Term, factors: Any) -> Step:
        if statement.head == "lt" and all(sign(k) for k in factors) and _loose(statement, ps, factors):
            return Step(statement)
        return right(*ps, statement=statement, factors=factors)

    return body


@fault("rearrange", "an equation from inequalities")
def _(right: Body) -> Body:
    def body(*ps: Any, statement: Term, factors: Any) -> Step:
        if statement.head == "eq" and _loose(statement, ps, factors):
            return Step(statement)
        return right(*ps, statement=statement, factors=factors)

    return body


changed("rearrange", "hypotheses are lost", inherited=frozenset())
changed("rearrange", "without the obligations of factors", adds=())
