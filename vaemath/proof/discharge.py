"""Getting rid of hypotheses that are theorems. Nothing here is trusted: each goes by the rule `cut`."""

from __future__ import annotations

from collections.abc import Callable

from vaemath.proof import rules
from vaemath.proof.tactics import matched
from vaemath.proof.theorem import ProofError, Theorem
from vaemath.terms.build import Normalised
from vaemath.terms.term import Term, fresh, open_with

Prover = Callable[[Term], Theorem | None]


def by_rules(goal: Term) -> Theorem | None:
    """Integrability of polynomials under normal densities."""
    if goal.head == "integrable":
        return rules.integrable(density=goal.args[0], function=goal.args[1])
    return None


def constants_under(theorem: Theorem) -> Prover:
    """Constants are integrable under the densities that the theorem assumes to integrate to one."""

    def prove(goal: Term) -> Theorem | None:
        if goal.head != "integrable" or Normalised(goal.args[0]) not in theorem.hypotheses:
            return None
        total = rules.assume(statement=Normalised(goal.args[0]))
        return rules.integrable(total, density=goal.args[0], function=goal.args[1])

    return prove


def by_theorem(known: Theorem) -> Prover:
    """An instance of a known theorem."""

    def prove(goal: Term) -> Theorem | None:
        found = matched(known.statement, goal, known.statement.free)
        if found is None:
            return None
        return rules.instantiate(known, mapping={s: v for s, v in found.items() if s != v})

    return prove


def discharge(theorem: Theorem, *provers: Prover) -> Theorem:
    """Cut every hypothesis that one of the provers proves; "for all" is proved for a fresh symbol."""
    for h in sorted(theorem.hypotheses, key=str):
        goal, names = h, []
        while goal.head == "forall":
            x = fresh(goal.args[0].data[0], goal.args[0].data[1], theorem.statement.free | h.free | set(names))
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
