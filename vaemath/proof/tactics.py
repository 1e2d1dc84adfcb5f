"""How the reasons that people give are turned into rules. Nothing here is trusted.

A tactic takes a term and gives back a theorem ``term = other``. `everywhere` applies a rule at
every place where it applies, outermost first, under binders too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from vaemath.core import rules
from vaemath.core.heads import sign
from vaemath.core.normal import canon
from vaemath.core.terms import (
    POSITIVE,
    REAL,
    Sort,
    Term,
    TermError,
    fits,
    fresh,
    is_matrix,
    is_real,
    open_with,
)
from vaemath.core.theorem import ProofError, Theorem
from vaemath.terms.build import eq, is_sum

Local = Callable[[Term], Theorem | None]
Tactic = Callable[[Term], Theorem]
Place = tuple[tuple[int, ...], tuple[Term, ...], Term]


def places(term: Term) -> Iterator[Place]:
    """Every subterm with its path and the names of the variables bound around it, outermost first."""

    def go(t: Term, path: tuple[int, ...], names: tuple[Term, ...], sort: Sort = None) -> Iterator[Place]:
        yield path, names, t
        if t.head == "lam":
            x = fresh(t.data[0], sort or t.data[1], term.free | frozenset(names))
            yield from go(open_with(t, x), (*path, 0), (*names, x))
            return
        for k, a in enumerate(t.args):
            near_positive = t.head == "diff" and k == 0 and a.data[1] == REAL and sign(t.args[1]) == ">"
            yield from go(a, (*path, k), names, POSITIVE if near_positive else None)

    yield from go(term, (), ())


def walk(term: Term) -> Iterator[Place]:
    """As `places`, with the body of an abstraction at the path of its first argument, and no abstractions."""
    for path, names, t in places(term):
        if t.head != "lam":
            yield path, names, t


def reflexive(term: Term) -> Theorem:
    return rules.algebra(left=term, right=term)


def chain(first: Theorem, second: Theorem) -> Theorem:
    """Transitivity that leaves out steps which change nothing."""
    if first.statement.head == "eq" and first.lhs == first.rhs and not first.hypotheses - second.hypotheses:
        return second
    if (
        second.statement.head == "eq"
        and second.lhs == second.rhs
        and not second.hypotheses - first.hypotheses
    ):
        return first
    return rules.transitivity(first, second)


def once(term: Term, local: Local) -> Theorem | None:
    """The first place where `local` applies, rewritten in its context."""
    for path, names, t in walk(term):
        try:
            found = local(t)
        except (ProofError, TermError):
            found = None
        if found is not None and found.rhs != t:
            if not path:
                return found
            return rules.congruence(found, term=term, path=path, names=names)
    return None


def everywhere(local: Local, limit: int = 200) -> Tactic:
    """Apply `local` wherever it applies, until it applies nowhere."""

    def tactic(term: Term) -> Theorem:
        done = reflexive(term)
        for _ in range(limit):
            step = once(done.rhs, local)
            if step is None:
                return done
            done = chain(done, step)
        raise ProofError(f"a rule still applies after {limit} uses to {str(done.rhs)[:200]} ...")

    return tactic


def unfolding(*heads: str) -> Tactic:
    """Replace the named notions by their definitions."""

    def local(t: Term) -> Theorem | None:
        return rules.definition(term=t) if t.head in heads else None

    return everywhere(local)


def expanded(term: Term) -> Theorem:
    """The term in normal form, products multiplied out, also under binders."""
    return rules.algebra(left=term, right=canon(term))


def linear(term: Term) -> Theorem:
    """Expectations, integrals and sums taken apart as written."""

    def local(t: Term) -> Theorem | None:
        return rules.linearity(term=t) if t.head in ("E", "int", "intab") else None

    return everywhere(local)(term)


def linear_expanded(term: Term) -> Theorem:
    """Expectations taken apart after everything has been multiplied out."""
    first = expanded(term)
    return chain(first, linear(first.rhs))


def linear_sums(term: Term) -> Theorem:
    """Sums taken apart after everything has been multiplied out; expectations stay as they are."""

    def local(t: Term) -> Theorem | None:
        return rules.linearity(term=t) if is_sum(t) else None

    return then(expanded, everywhere(local))(term)


def rule_everywhere(rule: Callable[..., Theorem], heads: tuple[str, ...]) -> Tactic:
    """A rule whose one parameter is the term it rewrites, used wherever one of the heads stands."""

    def local(t: Term) -> Theorem | None:
        return rule(term=t) if t.head in heads else None

    return everywhere(local)


def matched(pattern: Term, term: Term, holes: frozenset[Term]) -> dict[Term, Term] | None:
    """Values for the free symbols `holes` that make the pattern the term, or None."""
    found: dict[Term, Term] = {}

    def go(p: Term, t: Term) -> bool:
        if p in holes:
            if t.level or not _can_stand_for(t, p):
                return False
            return found.setdefault(p, t) == t
        if p == t:
            return True
        if not (p.free & holes) or p.head != t.head or len(p.args) != len(t.args):
            return False
        plain = p.data[1:] if p.head == "lam" else p.data
        other = t.data[1:] if t.head == "lam" else t.data
        return alike(plain, other) and all(go(a, b) for a, b in zip(p.args, t.args, strict=True))

    def alike(p: Any, t: Any) -> bool:
        """Data are the same but for the dimensions of sorts."""
        if isinstance(p, Term) and isinstance(t, Term):
            return go(p, t)
        if isinstance(p, tuple) and isinstance(t, tuple):
            return len(p) == len(t) and all(map(alike, p, t))
        return bool(p == t)

    return found if go(pattern, term) else None


def _can_stand_for(t: Term, p: Term) -> bool:
    want = p.data[1]
    if fits(t.sort, want):
        return True
    return (want == ("positive",) and is_real(t)) or (want[0] == "spd" and is_matrix(t))


def rewriting(*theorems: Theorem) -> Tactic:
    """Replace instances of the left sides of equations by their right sides, up to normal form."""

    def use(t: Term) -> Theorem | None:
        for th in theorems:
            if th.statement.head != "eq":
                continue
            if th.rule == "assume":  # an assumption is about its symbols, not about any others
                if t == th.lhs:
                    return th
                continue
            holes = th.statement.free - {h.args[0] for h in th.hypotheses if h.head == "def"}
            for left in (th.lhs, canon(th.lhs)):
                found = None if left in holes else matched(left, t, holes)
                if found is None:
                    continue
                mapping = {s: v for s, v in found.items() if s != v}
                made = rules.instantiate(th, mapping=mapping) if mapping else th
                if made.lhs != t:
                    made = rules.transitivity(rules.algebra(left=t, right=made.lhs), made)
                return made
        return None

    return everywhere(use)


def then(*tactics: Tactic) -> Tactic:
    """One tactic after another."""

    def tactic(term: Term) -> Theorem:
        done = reflexive(term)
        for step in tactics:
            done = chain(done, step(done.rhs))
        return done

    return tactic


def justify(before: Term, after: Term, attempts: tuple[Tactic, ...]) -> Theorem:
    """A proof of ``before = after``: a tactic on the first, or on both, and the results equal by algebra.

    Raises:
        ProofError: no attempt closes the gap; the message is that of the first, with its residual.
    """
    error: ProofError | None = None
    for tactic, other in [pair for t in attempts for pair in ((t, reflexive), (t, t))]:
        try:
            left, right = tactic(before), other(after)
            if left.rhs == right.rhs:
                middle = left
            else:
                middle = chain(left, rules.algebra(left=left.rhs, right=right.rhs))
            result = chain(middle, rules.symmetry(right))
            if result.statement != eq(before, after):  # both sides were left alone
                result = rules.algebra(left=before, right=after)
            return result
        except ProofError as e:
            error = error or e
    raise error or ProofError("no reason was given")
