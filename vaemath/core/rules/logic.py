"""Equality, instances, assumptions and definitions."""

from __future__ import annotations

from collections.abc import Mapping

from vaemath.core.heads import explicit, pdf, sign, zero
from vaemath.core.obligations import general, obligations
from vaemath.core.terms import (
    POSITIVE,
    REAL,
    Sort,
    Term,
    belongs,
    close,
    fits,
    fresh,
    is_real,
    make,
    open_with,
    opened,
    rebuild,
    relation,
    substitute,
)
from vaemath.core.theorem import ProofError, Step, Theorem, rule


@rule
def symmetry(t: Theorem) -> Step:
    """From a = b, b = a. What is meant by one is meant by the other."""
    if t.statement.head != "eq":
        raise ProofError(f"symmetry: expected an equation, got {t.statement}")
    return Step(relation("eq", t.rhs, t.lhs), meant=True)


@rule
def transitivity(s: Theorem, t: Theorem) -> Step:
    """From a R b and b S c, a T c: T is < if one of R, S is, else <= if one is, else =."""
    heads = [s.statement.head, t.statement.head]
    if not set(heads) <= {"eq", "le", "lt"} or s.rhs != t.lhs:
        raise ProofError(
            f"transitivity: {t.statement} does not start with =, <= or < where {s.statement} ends"
        )
    return Step(relation(next((h for h in ("lt", "le") if h in heads), "eq"), s.lhs, t.rhs), meant=True)


@rule
def antisymmetry(s: Theorem, t: Theorem) -> Step:
    """From a <= b and b <= a, a = b."""
    if s.statement.head != "le" or t.statement.head != "le" or (s.lhs, s.rhs) != (t.rhs, t.lhs):
        raise ProofError(f"antisymmetry: expected a <= b and b <= a, got {s.statement} and {t.statement}")
    return Step(relation("eq", s.lhs, s.rhs), meant=True)


@rule
def congruence(t: Theorem, *, term: Term, path: tuple[int, ...], names: tuple[Term, ...]) -> Step:
    """From a = b, C[a] = C[b]: `path` leads to a in `term`.

    Where the path passes a binder its variable takes the next of `names`, a symbol free in nothing around;
    each hypothesis that mentions it becomes one about every value of it, so that a = b there for all of them,
    and a value is determined by the values of the parts. Under a derivative at a point that is positive by
    its form the name may be a positive symbol: functions equal on the half-line have one derivative at a
    point of it.
    """
    return Step(
        relation("eq", term, _put(t, term, path, names)), inherited=generalised(t.hypotheses, list(names))
    )


@rule
def replace(t: Theorem, s: Theorem, *, path: tuple[int, ...], names: tuple[Term, ...]) -> Step:
    """From a = b and P[a], P[b], in the manner of `congruence`."""
    return Step(
        _put(t, s.statement, path, names), inherited=generalised(t.hypotheses, list(names)) | s.hypotheses
    )


def _put(t: Theorem, term: Term, path: tuple[int, ...], names: tuple[Term, ...]) -> Term:
    """`term` with the left side of an equation at `path` replaced by the right side."""
    if t.statement.head != "eq":
        raise ProofError(f"congruence: expected an equation, got {t.statement}")
    left, bound = list(names), list[Term]()

    def go(e: Term, rest: tuple[int, ...], positive: bool = False) -> Term:
        if not rest:
            if e != t.lhs:
                raise ProofError(f"congruence: {e} stands there, not {t.lhs}")
            return t.rhs
        k, more = rest[0], rest[1:]
        if not 0 <= k < len(e.args):
            raise ProofError(f"congruence: no part {k} in {e}")
        if e.head != "lam":
            near = e.head in ("diff", "differentiable") and k == 0 and sign(e.args[1]) == ">"
            return rebuild(e, (*e.args[:k], go(e.args[k], more, near), *e.args[k + 1 :]))
        x = left.pop(0) if left else e
        sorts = (e.data[1], POSITIVE) if positive and e.data[1] == REAL else (e.data[1],)
        if x.head != "sym" or x.sort not in sorts or x in term.free or x in bound:
            raise ProofError(f"congruence: `{x}` is no fresh symbol of sort {e.data[1]}")
        bound.append(x)
        body = go(open_with(e, x), more)
        y = x if x.sort == e.data[1] else fresh("y", e.data[1], body.free | t.rhs.free)
        return close(y, substitute(body, {x: y}), e.data[0])

    new = go(term, path)
    if left:
        raise ProofError("congruence: more names than binders on the path")
    return new


def generalised(given: frozenset[Term], names: list[Term], narrowed: Term | None = None) -> frozenset[Term]:
    """Hypotheses for every value of some symbols, or of the one symbol `narrowed` put for the one name.

    A definition mentions none of them: under a binder its name would stand for many values.
    """
    for h in given:
        if h.head == "def" and h.free & set(names):
            raise ProofError(f"a definition mentions a bound variable: {h}")
    if narrowed is not None:
        given, names = frozenset(substitute(h, {names[0]: narrowed}) for h in given), [narrowed]
    return frozenset(general(h, reversed(names)) for h in given)


@rule
def instantiate(t: Theorem, *, mapping: Mapping[Term, Term]) -> Step:
    """What holds for all values of symbols holds for each: put terms for free symbols, in the hypotheses too.

    Adds: that the term is a value of the symbol's sort, where its own sort does not say so: 0 < v for a
    positive symbol, for every value of a function's; positive definite; for a density, 0 < v(z) for every z.
    A defined name is renamed, or replaced by its meaning, which makes its definition say t = t; it takes no
    other value. And the obligations of the new statement, but for those that are instances of the old one's,
    which its hypotheses imply.
    """
    if not mapping:
        raise ProofError("instantiate: no symbol is given a value")
    adds, gone = [], set()
    for s, v in mapping.items():
        if s.head != "sym":
            raise ProofError(f"instantiate: `{s}` is not a symbol")
        adds += _membership(v, _instance(s.sort, mapping), s)
        for h in t.hypotheses:
            if h.head == "def" and h.args[0] == s and v.head != "sym":
                gone.add(h)
                if v != substitute(h.args[1], mapping):
                    raise ProofError(f"instantiate: `{s}` is defined as {h.args[1]} and takes no other value")
    kept = frozenset(substitute(h, mapping) for h in t.hypotheses - gone)
    met = {substitute(p, mapping) for p in obligations(t.statement)}
    new = substitute(t.statement, mapping)
    return Step(new, [*adds, *(obligations(new) - met)], inherited=kept, meant=True)


def _instance(sort: Sort, mapping: Mapping[Term, Term]) -> Sort:
    """A sort whose dimensions are instances of what they were."""
    if isinstance(sort, Term):
        return substitute(sort, mapping)
    return tuple(_instance(s, mapping) for s in sort) if isinstance(sort, tuple) else sort


def _membership(v: Term, sort: Sort, s: Term) -> list[Term]:
    """Statements under which v is a value of the sort of symbol s."""
    if sort[0] == "fun" and v.sort[0] == "fun" and fits(sort[1], v.sort[1]):
        x = fresh("x", sort[1], v.free)
        return [general(p, [x]) for p in _membership(make("app", (v, x)), sort[2], s)]
    if sort[0] == "dist" and v.sort == sort:
        z = fresh("z", sort[1], v.free)
        return [] if sign(v) == ">" else [general(relation("lt", zero, explicit(pdf(v, z))), [z])]
    if belongs(v, sort):
        return []
    if sort == POSITIVE and is_real(v):
        return [relation("lt", zero, v)]
    if sort[0] == "spd" and v.sort == ("mat", sort[1], sort[1]):
        return [make("spd", (v,))]
    raise ProofError(f"instantiate: `{s}` is of sort {sort}, `{v}` of sort {v.sort}")


@rule
def specialise(t: Theorem, *, value: Term) -> Step:
    """From "for all x: P(x)", P(v).

    Adds: the obligations of P(v), but for those that are instances of those of P(x), which the premise's
    hypotheses imply.
    """
    if t.statement.head != "forall":
        raise ProofError(f"specialise: expected a statement for all values of a variable, got {t.statement}")
    x, body = opened(t.statement.args[0], value)
    new = open_with(t.statement.args[0], value)
    return Step(new, obligations(new) - {substitute(p, {x: value}) for p in obligations(body)}, meant=True)


@rule
def assume(*, statement: Term) -> Step:
    """Any statement follows from itself."""
    if statement.sort != ("prop",) or statement.head == "def":
        raise ProofError(f"assume: expected a statement, got {statement}")
    return Step(statement, [statement])


@rule
def cut(t: Theorem, s: Theorem, *, names: tuple[Term, ...]) -> Step:
    """A hypothesis that is itself proved may go: from H, G |- A and K |- G, H, K |- A.

    `names` are symbols of the proof of G over which it is general, none of them free in K; then the
    hypothesis is "for all names, G". The obligations of A are among H, or follow from G, so from K.
    """
    if any(x.head != "sym" or x in h.free for x in names for h in s.hypotheses):
        raise ProofError(
            f"cut: a hypothesis of the proof is about one of {names}, so it is not general in it"
        )
    goal = general(s.statement, reversed(names))
    if goal not in t.hypotheses:
        raise ProofError(f"cut: {goal} is none of the hypotheses")
    return Step(t.statement, inherited=(t.hypotheses - {goal}) | s.hypotheses, meant=True)


@rule
def define(*, name: Term, meaning: Term, at: tuple[Term, ...]) -> Step:
    """A new name equals its meaning, at any arguments, where it is defined so.

    Adds: the definition, and that the meaning is a value of the name's sort, where its form does not show it.
    That the name does not occur in its meaning, nor has another one, is checked whenever theorems meet: a
    definition can then be met by the choice of one value, and assumes nothing.
    """
    if name in meaning.free:
        raise ProofError(f"define: `{name}` must be a symbol that does not occur in its meaning")
    defined = make("def", (name, meaning))
    left, right = (make("app", (f, *at)) if at else f for f in (name, meaning))
    return Step(relation("eq", left, right), [defined, *_membership(meaning, name.sort, name)])
