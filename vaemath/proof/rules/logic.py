"""Equality, instances, assumptions and definitions."""

from __future__ import annotations

from collections.abc import Mapping

from vaemath.proof.sign import density_sign, is_spd, sign
from vaemath.proof.theorem import ProofError, Step, Theorem, rule
from vaemath.terms.build import eq, lt, pdf
from vaemath.terms.signature import is_real
from vaemath.terms.term import (
    POSITIVE,
    PROP,
    REAL,
    Sort,
    Term,
    close,
    fits,
    fresh,
    make,
    open_with,
    rebuild,
    substitute,
)

RELATIONS = ("eq", "le", "lt")


@rule
def symmetry(t: Theorem) -> Step:
    """From a = b, b = a."""
    if t.statement.head != "eq":
        raise ProofError(f"symmetry: expected an equation, got {t.statement}")
    return Step(eq(t.rhs, t.lhs))


@rule
def transitivity(s: Theorem, t: Theorem) -> Step:
    """From a R b and b S c, a T c: T is <, <= or =, the weakest that both allow."""
    heads = (s.statement.head, t.statement.head)
    if not set(heads) <= set(RELATIONS):
        raise ProofError(f"transitivity: expected =, <= or <, got {heads[0]} and {heads[1]}")
    if s.rhs != t.lhs:
        raise ProofError(f"transitivity: {s.rhs} is not {t.lhs}")
    head = next((h for h in ("lt", "le") if h in heads), "eq")
    return Step(make(head, (s.lhs, t.rhs)))


@rule
def antisymmetry(s: Theorem, t: Theorem) -> Step:
    """From a <= b and b <= a, a = b."""
    if s.statement.head != "le" or t.statement.head != "le" or (s.lhs, s.rhs) != (t.rhs, t.lhs):
        raise ProofError(f"antisymmetry: expected a <= b and b <= a, got {s.statement} and {t.statement}")
    return Step(eq(s.lhs, s.rhs))


@rule
def congruence(t: Theorem, *, term: Term, path: tuple[int, ...], names: tuple[Term, ...]) -> Step:
    """From a = b, C[a] = C[b]: `path` leads to a in `term`.

    Where the path passes a binder its variable takes the next of `names`, a symbol free in nothing
    around; a hypothesis about that symbol becomes one about every value of it. Under a derivative at a
    positive point the name may be a positive symbol: equality on an open set around the point suffices.
    """
    if t.statement.head != "eq":
        raise ProofError(f"congruence: expected an equation, got {t.statement}")
    left = list(names)
    bound: list[Term] = []

    def go(e: Term, rest: tuple[int, ...], positive: bool = False) -> Term:
        if not rest:
            if e != t.lhs:
                raise ProofError(f"congruence: {e} stands there, not {t.lhs}")
            return t.rhs
        k, *more = rest
        if not 0 <= k < len(e.args):
            raise ProofError(f"congruence: no part {k} in {e}")
        if e.head != "lam":
            inside = e.head == "diff" and k == 0 and sign(e.args[1]) == ">"
            return rebuild(e, (*e.args[:k], go(e.args[k], tuple(more), inside), *e.args[k + 1 :]))
        if not left:
            raise ProofError("congruence: a binder on the path has no name")
        x = left.pop(0)
        wanted = (e.data[1], POSITIVE) if positive and e.data[1] == REAL else (e.data[1],)
        if x.head != "sym" or x.data[1] not in wanted or x in term.free or x in bound:
            raise ProofError(f"congruence: `{x}` is no fresh symbol of sort {e.data[1]}")
        bound.append(x)
        body = go(open_with(e, x), tuple(more))
        y = x if x.data[1] == e.data[1] else fresh("y", e.data[1], body.free)
        return close(y, substitute(body, {x: y}), e.data[0])

    new = go(term, path)
    if left:
        raise ProofError("congruence: more names than binders on the path")
    hyps = frozenset(generalise(h, bound) for h in t.hypotheses)
    return Step(eq(term, new), inherited=hyps)


def generalise(h: Term, names: list[Term]) -> Term:
    """`h` for every value of those of `names` that it mentions."""
    for x in reversed(names):
        if x in h.free:
            if h.head == "def" and h.args[0].head == "sym":
                raise ProofError(f"a definition mentions the bound variable `{x}`: {h}")
            h = make("forall", (close(x, h),))
    return h


@rule
def instantiate(t: Theorem, *, mapping: Mapping[Term, Term]) -> Step:
    """What holds for all values of a symbol holds for each: put terms for free symbols.

    Adds: 0 < v where a positive symbol gets a term v not positive by its form; likewise for a positive
    definite symbol, and for a density, whose symbol stands for positive ones.
    """
    if not mapping:
        raise ProofError("instantiate: no symbol is given a value")
    adds = []
    for s, v in mapping.items():
        if s.head != "sym":
            raise ProofError(f"instantiate: `{s}` is not a symbol")
        want = _instance(s.data[1], mapping)
        if fits(v.sort, want):
            adds.extend(_positive_density(v))
            continue
        if want == POSITIVE and is_real(v):
            if sign(v) != ">":
                adds.append(lt(0, v))
        elif want[0] == "spd" and v.sort[0] == "mat" and v.sort[1] == v.sort[2] == want[1]:
            if not is_spd(v):
                adds.append(make("spd", (v,)))
        elif want[0] == "fun" and want[2] == POSITIVE and v.sort[:2] == want[:2] and v.head == "lam":
            adds.append(make("forall", (make("lam", (lt(0, v.args[0]),), v.data),)))
        else:
            raise ProofError(f"instantiate: `{s}` is of sort {want}, `{v}` of sort {v.sort}")
    hyps = frozenset(substitute(h, mapping) for h in t.hypotheses)
    return Step(substitute(t.statement, mapping), tuple(adds), inherited=hyps)


def _instance(sort: Sort, mapping: Mapping[Term, Term]) -> Sort:
    """A sort whose dimensions are instances of what they were."""
    if isinstance(sort, Term):
        return substitute(sort, mapping)
    return tuple(_instance(s, mapping) for s in sort) if isinstance(sort, tuple) else sort


def _positive_density(v: Term) -> list[Term]:
    """The statement that a density, or each of a family, is positive, unless its form shows it."""
    names: list[Term] = []
    while v.sort[0] == "fun":
        x = fresh("x", v.sort[1], v.free)
        names.append(x)
        v = make("app", (v, x))
    if v.sort[0] != "dist" or density_sign(v) == ">":
        return []
    z = fresh("z", v.sort[1], v.free)
    return [generalise(lt(0, pdf(v, z)), [*names, z])]


@rule
def assume(*, statement: Term) -> Step:
    """Any statement follows from itself."""
    if statement.sort != PROP:
        raise ProofError(f"assume: expected a statement, got {statement}")
    return Step(statement, (statement,))


@rule
def cut(t: Theorem, s: Theorem, *, names: tuple[Term, ...]) -> Step:
    """A hypothesis that is itself proved may go: from H, G |- A and K |- G, H, K |- A.

    `names` are symbols of the proof of G over which it is general, none of them free in K; then G
    may be the statement "for all".
    """
    goal = s.statement
    for x in reversed(names):
        if any(x in h.free for h in s.hypotheses):
            raise ProofError(f"cut: a hypothesis of the proof is about `{x}`, so it is not general in it")
        goal = make("forall", (close(x, goal),))
    if goal not in t.hypotheses:
        raise ProofError(f"cut: {goal} is none of the hypotheses")
    return Step(t.statement, inherited=(t.hypotheses - {goal}) | s.hypotheses, defined=True)


@rule
def define(*, name: Term, meaning: Term, at: tuple[Term, ...]) -> Step:
    """A new name equals its meaning, at any arguments. The definition stays as a hypothesis.

    The name must not occur in its meaning, nor have another; both are checked whenever theorems meet.
    """
    if name.head != "sym" or name in meaning.free or meaning.free - {name} != meaning.free:
        raise ProofError(f"define: `{name}` must be a symbol that does not occur in its meaning")
    positive = _positive_density(meaning)
    left = make("app", (name, *at)) if at else name
    right = make("app", (meaning, *at)) if at else meaning
    return Step(eq(left, right), (make("def", (name, meaning)), *positive))
