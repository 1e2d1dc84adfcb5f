"""Algebra, meanings of words, and what the form of a term says about its sign."""

from __future__ import annotations

from vaemath.core.heads import sign, unfold, zero
from vaemath.core.normal import canon, residual
from vaemath.core.obligations import obligations
from vaemath.core.terms import Term, add, is_real, mul, neg, relation
from vaemath.core.theorem import ProofError, Step, Theorem, rule


@rule
def algebra(*, left: Term, right: Term) -> Step:
    """Two terms are equal when the laws of the field, of exp and log, and of traces say so.

    The laws are listed in :mod:`vaemath.core.normal` and :mod:`vaemath.core.words`; each is true where the
    obligations of both sides hold, and these are added.
    """
    if left == right:
        return Step(relation("eq", left, right))
    rest = residual(left, right) if is_real(left) and is_real(right) else zero
    if rest != zero:
        raise ProofError(f"algebra: the two sides differ by {rest}")
    if not (is_real(left) and is_real(right)) and canon(left) != canon(right):
        raise ProofError(f"algebra: {canon(left)} and {canon(right)} differ")
    return Step(relation("eq", left, right))


@rule
def definition(*, term: Term) -> Step:
    """A defined notion equals its definition."""
    return Step(relation("eq", term, unfold(term)))


@rule
def signed(*, term: Term) -> Step:
    """Sums and products of squares, exponentials and positive symbols are nonnegative or positive."""
    if not is_real(term) or not sign(term):
        raise ProofError(f"signed: the form of {term} does not tell its sign")
    return Step(relation("lt" if sign(term) == ">" else "le", zero, term))


@rule
def rearrange(*premises: Theorem, statement: Term, factors: tuple[Term, ...]) -> Step:
    """From a_i <= b_i and k_i >= 0: c <= d whenever d - c = sum_i k_i (b_i - a_i).

    An equation may enter with a factor of any sign; c < d needs one strict premise with k_i > 0; c = d needs
    equations only. Adds: the obligations of the factors. Those of the premises are among their hypotheses, or
    proved.
    """
    if (
        statement.head not in ("le", "lt", "eq")
        or not is_real(statement.args[0])
        or len(premises) != len(factors)
    ):
        raise ProofError(
            "rearrange: expected one factor for each premise and a relation of real numbers to prove"
        )
    strict, total = False, zero
    for p, k in zip(premises, factors, strict=True):
        head = p.statement.head
        if head not in ("le", "lt", "eq") or not is_real(p.lhs):
            raise ProofError(f"rearrange: expected relations of real numbers, got {p.statement}")
        if head != "eq" and (statement.head == "eq" or not sign(k)):
            raise ProofError(f"rearrange: the factor {k} is not nonnegative by its form")
        strict = strict or (head == "lt" and sign(k) == ">")
        total = add(total, mul(k, add(p.rhs, neg(p.lhs))))
    c, d = statement.args
    rest = residual(add(d, neg(c)), total)
    if rest != zero or (statement.head == "lt" and not strict):
        why = "< needs a strict premise" if rest == zero else f"the two sides differ by {rest}"
        raise ProofError(f"rearrange: {why}")
    return Step(statement, frozenset().union(*map(obligations, factors)))
