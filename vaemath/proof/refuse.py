"""Trying to prove what is false. The rules must not go along; `vaemath verify` tries on every run."""

from __future__ import annotations

from fractions import Fraction

from vaemath.proof import rules
from vaemath.proof.chain import (
    as_integral,
    differentiation,
    functions,
    independence,
    integration,
    linear_sums,
)
from vaemath.proof.tactics import (
    Tactic,
    expanded,
    justify,
    linear,
    linear_expanded,
    reflexive,
    rewriting,
    then,
    unfolding,
)
from vaemath.proof.theorem import ProofError, Theorem
from vaemath.terms.build import number
from vaemath.terms.term import Term, TermError

_REASONS: tuple[Tactic, ...] = (
    reflexive,
    expanded,
    linear,
    linear_expanded,
    linear_sums,
    functions,
    unfolding("KL", "CE", "H"),
    then(unfolding("KL", "CE", "H"), unfolding("pdf"), linear_expanded),
    independence,
    differentiation,
)


def proves(goal: Term, theorem: Theorem) -> Theorem | None:
    """A proof of the goal by any reason a script could give, with the theorem as one of them, or None."""
    if goal.head == "eq":
        reasons = [*_REASONS, then(as_integral, integration) if _concrete(goal) else reflexive]
        if theorem.statement.head == "eq":
            known = rewriting(theorem)
            reasons += [known, then(known, linear_expanded)]
        for reason in reasons:
            try:
                return justify(goal.args[0], goal.args[1], (reason,))
            except (ProofError, TermError):
                continue
    if goal.head in ("le", "lt", "eq"):
        for factor in (number(1), number(Fraction(1, 2)), number(2)):
            try:
                return rules.rearrange(theorem, statement=goal, factors=(factor,))
            except (ProofError, TermError):
                continue
    return None


def _concrete(goal: Term) -> bool:
    """Are both sides free of abstract densities and functions, so that SymPy could be asked?"""
    return all(s.sort[0] in ("real", "positive") for s in goal.free)
