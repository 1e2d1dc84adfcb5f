"""Broken rules, each with the mistake it makes; a test asks that proof, models or false goals find it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from vaemath.core import normal, words
from vaemath.core.heads import sign
from vaemath.core.terms import Term, close, is_matrix, make, rebuild, substitute
from vaemath.core.theorem import RULES, Step
from vaemath.terms.build import *
from vaemath.terms.build import mul, neg, opened

Body = Callable[..., Step]


@dataclass(frozen=True)
class Fault:
    """A rule, the wrong body it gets from the right one, and the derivations in which it is looked for."""

    rule: str
    breaks: Callable[[Body], Body]
    derivations: tuple[str, ...]


def wrong_value(change: Callable[[Term], Term]) -> Callable[[Body], Body]:
    """The conclusion's right side, changed."""

    def breaks(right: Body) -> Body:
        def body(*premises: Any, **params: Any) -> Step:
            step = right(*premises, **params)
            a, b = step.statement.args
            return replace(step, statement=make(step.statement.head, (a, change(b))))

        return body

    return breaks


def _dropped(t: Term) -> Term:
    return make("add", t.args[:-1]) if t.head == "add" else t


def _one_less(t: Term) -> Term:
    return make("sum", (t.args[0], t.args[1] - 1, t.args[2])) if t.head == "sum" else t


def _doubled(t: Term) -> Term:
    return make("scale", (number(2), t)) if is_matrix(t) else 2 * t


def _split_products(right: Body) -> Body:
    """E[f g] = E[f] E[g] whatever f and g."""

    def body(*, term: Term) -> Step:
        if term.head == "E":
            x, inner = opened(term.args[1], term)
            if inner.head == "mul" and sum(x in a.free for a in inner.args) > 1:
                parts = [rebuild(term, (term.args[0], close(x, a))) if x in a.free else a for a in inner.args]
                return Step(eq(term, make("mul", tuple(parts))))
            if inner.head == "pow" and inner.data == (2, 1) and x in inner.free:
                part = rebuild(term, (term.args[0], close(x, inner.args[0])))
                return Step(eq(term, part**2))
        return right(term=term)

    return body


def _no_side_conditions(right: Body) -> Body:
    def body(*premises: Any, **params: Any) -> Step:
        return replace(right(*premises, **params), adds=())

    return body


def _forgets_hypotheses(right: Body) -> Body:
    def body(*premises: Any, **params: Any) -> Step:
        return replace(right(*premises, **params), inherited=frozenset())

    return body


def _forgets_the_second_premise(right: Body) -> Body:
    def body(*premises: Any, **params: Any) -> Step:
        return replace(right(*premises, **params), inherited=premises[0].hypotheses)

    return body


def _believes_everything(right: Body) -> Body:
    return lambda *, left, right: Step(eq(left, right))


def _reversed_inequality(right: Body) -> Body:
    def body(*premises: Any, **params: Any) -> Step:
        step = right(*premises, **params)
        return replace(step, statement=make(step.statement.head, step.statement.args[::-1]))

    return body


def _everything_is_signed(right: Body) -> Body:
    return lambda *, term: Step(le(0, term)) if sign(term) == "" else right(term=term)


def _any_factor(right: Body) -> Body:
    """Inequalities may be multiplied by anything."""

    def body(*premises: Any, statement: Term, factors: tuple[Term, ...]) -> Step:
        total = sum((mul(k, p.rhs - p.lhs) for p, k in zip(premises, factors, strict=True)), zero)
        if normal.residual(statement.args[1] - statement.args[0], total) != zero:
            return right(*premises, statement=statement, factors=factors)
        return Step(statement)

    return body


def _free_in_nothing(right: Body) -> Body:
    """Rewriting under a binder with hypotheses about the bound variable left as they are."""

    def body(t: Any, **params: Any) -> Step:
        return replace(right(t, **params), inherited=t.hypotheses)

    return body


def _without_slope(right: Body) -> Body:
    def body(*, term: Term, inner: Term, bounds: tuple[Term, ...]) -> Step:
        right(term=term, inner=inner, bounds=bounds)
        u, g = opened(inner, term)
        changed = close(u, make("app", (term.args[-1], g)))
        return Step(eq(term, make(term.head, (*bounds, changed))))

    return body


def _recursive(right: Body) -> Body:
    """A definition that does not look whether the name is in its meaning."""

    def body(*, name: Term, meaning: Term, at: tuple[Term, ...]) -> Step:
        left, value = (make("app", (t, *at)) if at else t for t in (name, meaning))
        return Step(eq(left, value))

    return body


def _unproved_cut(right: Body) -> Body:
    def body(t: Any, s: Any, *, names: tuple[Term, ...]) -> Step:
        step = right(t, s, names=names)
        return replace(step, inherited=step.inherited - s.hypotheses if step.inherited else step.inherited)

    return body


def _wrong_instance(right: Body) -> Body:
    """Instances one symbol after another, so that a value's own symbols are replaced too."""

    def body(t: Any, *, mapping: Any) -> Step:
        statement = t.statement
        for s, v in mapping.items():
            statement = substitute(statement, {s: v})
        return replace(right(t, mapping=mapping), statement=statement)

    return body


FAULTS = {
    "linearity drops a term": Fault("linearity", wrong_value(_dropped), ("kl-normal",)),
    "linearity takes functions of x for constants": Fault(
        "linearity", _split_products, ("kl-normal-standard",)
    ),
    "differentiate changes the sign": Fault("differentiate", wrong_value(neg), ("kl-normal-standard",)),
    "differentiate forgets the one half": Fault(
        "differentiate", wrong_value(lambda t: mul(2, t)), ("kl-normal-standard",)
    ),
    "integrate drops a factor": Fault("integrate", wrong_value(lambda t: mul(t, t)), ("gaussian-moments",)),
    "integrate forgets a root": Fault("integrate", wrong_value(lambda t: mul(2, t)), ("gaussian-moments",)),
    "algebra believes everything": Fault("algebra", _believes_everything, ("kl-normal",)),
    "congruence ignores bound variables": Fault("congruence", _free_in_nothing, ("gibbs",)),
    "congruence forgets hypotheses": Fault("congruence", _forgets_hypotheses, ("gibbs",)),
    "instantiate ignores sorts": Fault("instantiate", _no_side_conditions, ("kl-normal",)),
    "instantiate goes symbol by symbol": Fault("instantiate", _wrong_instance, ("kl-normal",)),
    "monotone the wrong way round": Fault("monotone", _reversed_inequality, ("gibbs",)),
    "log_tangent the wrong way round": Fault("log_tangent", _reversed_inequality, ("gibbs",)),
    "substitution without g'": Fault("substitution", _without_slope, ("reparameterization",)),
    "substitution without its condition": Fault("substitution", _no_side_conditions, ("reparameterization",)),
    "rearrange with any factor": Fault("rearrange", _any_factor, ("gibbs",)),
    "signed says yes": Fault("signed", _everything_is_signed, ("gibbs",)),
    "transitivity forgets a premise": Fault("transitivity", _forgets_the_second_premise, ("gibbs",)),
    "cut without proof": Fault("cut", _unproved_cut, ("gibbs",)),
    "definitions may be recursive": Fault("define", _recursive, ("elbo-decomposition",)),
    "whitening doubles": Fault("whitening", wrong_value(_doubled), ("gaussian-quadratic",)),
    "independence loses a coordinate": Fault("independence", wrong_value(_one_less), ("kl-normal-diag",)),
    "leibniz loses a factor": Fault(
        "leibniz",
        wrong_value(lambda t: make("mul", (number(2), t))),
        ("reparameterization",),
    ),
}


@contextmanager
def broken(fault: Fault) -> Iterator[None]:
    """The rule with its mistake, for as long as the block runs."""
    right = RULES[fault.rule]
    RULES[fault.rule] = fault.breaks(right)
    try:
        yield
    finally:
        RULES[fault.rule] = right


@contextmanager
def changed_normal_form(module: Any, name: str, value: Any) -> Iterator[None]:
    """A function of the normal form replaced; its memory is emptied before and after."""
    old = getattr(module, name)
    _forget()
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, old)
        _forget()


def _forget() -> None:
    normal._POLY.clear()
    normal._CANON.clear()


def any_order(w: words.Word, n: Term) -> normal.Poly:
    """A trace that does not see the order of its letters."""
    letters = tuple(sorted(w, key=lambda x: normal.key(x[0])))
    return normal.atom_poly(make("tr", (words.word_term(letters, n),)))
