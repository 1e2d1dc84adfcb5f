"""Getting rid of hypotheses that are theorems. Nothing here is trusted: each goes by the rule `cut`."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from vaemath.proof import rules
from vaemath.proof.normal import canon, constant, poly, to_term
from vaemath.proof.tactics import matched
from vaemath.proof.theorem import ProofError, Theorem
from vaemath.terms.build import Normalised
from vaemath.terms.term import Term, close, fresh, make, open_with

Prover = Callable[[Term], Theorem | None]


def by_rules(goal: Term) -> Theorem | None:
    """Integrability of polynomials under normal densities."""
    if goal.head == "integrable":
        return rules.integrable(density=goal.args[0], function=goal.args[1])
    return None


def combinations_under(theorem: Theorem) -> Prover:
    """Linear combinations of what the theorem already assumes to be integrable, and constants."""
    known = {h for h in theorem.hypotheses if h.head == "integrable"}

    def prove(goal: Term) -> Theorem | None:
        if goal.head != "integrable":
            return None
        q, f = goal.args
        x = fresh("x", q.sort[1], goal.free)
        parts: list[Theorem] = []
        factors: list[Term] = []
        for mono, c in poly(open_with(f, x)).items():
            inner = {tuple(ae for ae in mono if x in ae[0].free): Fraction(1)}
            outer = {tuple(ae for ae in mono if x not in ae[0].free): c}
            part = make("integrable", (q, close(x, to_term(inner))))
            total = Normalised(q)
            if inner == constant(1) and total in theorem.hypotheses:
                part = total
            elif part == goal.core or all(canon(part) != canon(h) for h in known):
                return None
            else:
                part = next(h for h in known if canon(h) == canon(part))
            if part == goal.core:
                return None
            parts.append(rules.assume(statement=part))
            factors.append(to_term(outer))
        return rules.integrable(*parts, density=q, function=f, factors=tuple(factors))

    return prove


def by_theorem(known: Theorem) -> Prover:
    """An instance of a known theorem."""

    holes = known.statement.free - {h.args[0] for h in known.hypotheses if h.head == "def"}

    def prove(goal: Term) -> Theorem | None:
        found = matched(known.statement, goal, holes)
        if found is None:
            return None
        mapping = {s: v for s, v in found.items() if s != v}
        return rules.instantiate(known, mapping=mapping) if mapping else known

    return prove


def discharge(theorem: Theorem, *provers: Prover) -> Theorem:
    """Cut every hypothesis that one of the provers proves; "for all" is proved for a fresh symbol."""
    for h in sorted(theorem.hypotheses, key=str):
        goal, names = h, list[Term]()
        while goal.head == "forall":
            x = fresh(
                goal.args[0].data[0], goal.args[0].data[1], theorem.statement.free | h.free | set(names)
            )
            names.append(x)
            goal = open_with(goal.args[0], x)
        for prove in provers:
            try:
                proof = prove(goal)
            except ProofError:
                continue
            if proof is not None and proof.statement == goal:
                theorem = rules.cut(theorem, proof, names=tuple(names))
                break
    return theorem
