"""Broken rules of calculus."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from tests.proof.faults.algebra import twice
from tests.proof.faults.registry import Body, changed, fault, law, restated, right_side, swapped
from vaemath.core import words
from vaemath.core.heads import exp
from vaemath.core.rules import calculus
from vaemath.core.terms import Term, add, close, is_real, make, mul, neg, number, open_with, opened, relation
from vaemath.core.theorem import Step

NOTHING: frozenset[Term] = frozenset()

restated("log_tangent", "the wrong way round", swapped)
restated("log_tangent", "strict", lambda st: relation("lt", *st.args))
changed("log_tangent", "for what is not positive too", meant=True)
restated("log_tangent_equality", "the tangent touches at 2", right_side(twice))
changed("log_tangent_equality", "hypotheses are lost", inherited=NOTHING, adds=())


@fault("log_tangent_equality", "from the inequality")
def _(right: Body) -> Body:
    def body(t: Any) -> Step:
        step = right(t)
        return replace(step, inherited=frozenset({relation("le", *t.statement.args)}))

    return body


restated(
    "differentiate",
    "the sign",
    right_side(lambda t: neg(t) if is_real(t) else make("scale", (number(-1), t))),
)
restated("differentiate", "the factor 1/2", right_side(twice))
changed("differentiate", "everything is differentiable", meant=True)


def _broken_slope(head: str, change: Any) -> tuple[Any, str, Any]:
    true_slope = calculus.slope

    def slope(t: Term, x: Term) -> Term:
        return change(t, x) if t.head == head and x in t.free else true_slope(t, x)

    return (calculus, "slope", slope)


law("differentiate", "the chain rule without the inner slope", _broken_slope("exp", lambda t, x: t))
law("differentiate", "of a logarithm", _broken_slope("log", lambda t, x: exp(neg(t))))
law(
    "differentiate",
    "a product factor by factor",
    _broken_slope("mul", lambda t, x: mul(*(calculus.slope(a, x) if x in a.free else a for a in t.args))),
)
law(
    "differentiate",
    "a power with the old exponent",
    _broken_slope("pow", lambda t, x: mul(number(Fraction(*t.data)), t, calculus.slope(t.args[0], x))),
)
law("differentiate", "a function of t stands still", _broken_slope("app", lambda t, x: number(0)))
law("differentiate", "gradients are transposed", (words, "flipped", lambda w: tuple(reversed(w))))
restated("leibniz", "a factor", right_side(twice))


@fault("leibniz", "under a density that moves")
def _(right: Body) -> Body:
    def body(*, term: Term) -> Step:
        t, inside = opened(term.args[0], term)
        x, inner = opened(inside.args[-1], term, t)
        derived = make("diff", (close(t, inner), term.args[1]))
        fixed = tuple(open_with(close(t, a), term.args[1]) for a in inside.args[:-1])
        return Step(relation("eq", term, make(inside.head, (*fixed, close(x, derived)))))

    return body


restated("integrate", "a factor", right_side(twice))
restated("integrate", "a constant more", right_side(lambda t: add(t, number(1))))
changed("integrate", "also what diverges", meant=True)


@fault("substitution", "without g'")
def _(right: Body) -> Body:
    def body(*, term: Term, inner: Term, bounds: Any) -> Step:
        step = right(term=term, inner=inner, bounds=bounds)
        u, g = opened(inner, term)
        plain = close(u, open_with(term.args[-1], g))
        return replace(step, statement=relation("eq", term, make(term.head, (*bounds, plain))))

    return body


@fault("substitution", "whatever the bounds")
def _(right: Body) -> Body:
    def body(*, term: Term, inner: Term, bounds: Any) -> Step:
        step = right(term=term, inner=inner, bounds=bounds)
        result = step.statement.args[1]
        return replace(
            step, statement=relation("eq", term, make(result.head, (*term.args[:-1], result.args[-1])))
        )

    return body


changed("substitution", "g need not increase", adds=())
