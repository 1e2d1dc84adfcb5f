"""Trying to prove what is false. The rules must not go along; `vaemath verify` tries on every run."""

from __future__ import annotations

from fractions import Fraction

from vaemath.core import rules
from vaemath.core.terms import Term, TermError
from vaemath.core.theorem import ProofError, Theorem
from vaemath.proof.chain import as_integral, differentiation, functions, integration
from vaemath.proof.tactics import Tactic, chain, linear_expanded, reflexive, rewriting, then, unfolding
from vaemath.terms.build import number

_REASONS: tuple[Tactic, ...] = (
    reflexive,
    linear_expanded,
    functions,
    then(unfolding("KL", "CE", "H"), unfolding("pdf"), linear_expanded),
    differentiation,
)


def proves(goal: Term, theorem: Theorem) -> Theorem | None:
    """A proof of the goal by any reason a script could give, with the theorem as one of them, or None."""
    if goal.head == "eq":
        reasons = dict(enumerate(_REASONS))
        if _concrete(goal):
            reasons[-1] = then(as_integral, integration)
        if theorem.statement.head == "eq":
            reasons[-2] = then(rewriting(theorem), linear_expanded)
        for name, reason in reasons.items():
            try:
                left, right = (_applied(name, reason, side, theorem) for side in goal.args)
                middle = chain(left, rules.algebra(left=left.rhs, right=right.rhs))
                return chain(middle, rules.symmetry(right))
            except (ProofError, TermError):
                continue
    for factor in (number(1), number(Fraction(1, 2)), number(2)):
        try:
            return rules.rearrange(theorem, statement=goal, factors=(factor,))
        except (ProofError, TermError):
            continue
    return None


_DONE: dict[tuple[int, Term, Theorem | None], Theorem | None] = {}


def _applied(name: int, reason: Tactic, side: Term, theorem: Theorem) -> Theorem:
    """The reason applied to one side; the false goals of a theorem share sides, so each is done once."""
    key = (name, side, theorem if name == -2 else None)
    if key not in _DONE:
        try:
            _DONE[key] = reason(side)
        except (ProofError, TermError):
            _DONE[key] = None
    found = _DONE[key]
    if found is None:
        raise ProofError("the reason does not apply")
    return found


def _concrete(goal: Term) -> bool:
    """Are both sides free of abstract densities and functions, so that SymPy could be asked?"""
    return all(s.sort[0] in ("real", "positive") for s in goal.free)
