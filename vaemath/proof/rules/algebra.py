"""Algebra, meanings of words, and what the form of a term says about its sign."""

from __future__ import annotations

from vaemath.proof.normal import canon, residual
from vaemath.proof.sign import obligations, sign
from vaemath.proof.theorem import ProofError, Step, Theorem, rule
from vaemath.terms.build import add, eq, le, lt, mul, neg, sub, zero
from vaemath.terms.definitions import unfold
from vaemath.terms.signature import is_matrix, is_real
from vaemath.terms.term import Term, TermError, make


@rule
def algebra(*, left: Term, right: Term) -> Step:
    """Two terms are equal when the laws of the field, of exp and log, and of traces say so."""
    if is_real(left) and is_real(right):
        rest = residual(left, right)
        if rest != zero:
            raise ProofError(f"algebra: the two sides differ by {rest}")
    elif canon(left) != canon(right):
        what = "matrices" if is_matrix(left) else "terms"
        raise ProofError(f"algebra: the {what} {canon(left)} and {canon(right)} differ")
    return Step(eq(left, right))


@rule
def definition(*, term: Term) -> Step:
    """A defined notion equals its definition."""
    try:
        return Step(eq(term, unfold(term)))
    except TermError as e:
        raise ProofError(f"definition: {e}") from None


@rule
def signed(*, term: Term) -> Step:
    """Sums and products of squares, exponentials and positive symbols are nonnegative or positive."""
    s = sign(term)
    if not s:
        raise ProofError(f"signed: the form of {term} does not tell its sign")
    return Step((lt if s == ">" else le)(0, term))


@rule
def rearrange(*premises: Theorem, statement: Term, factors: tuple[Term, ...]) -> Step:
    """From a_i <= b_i and k_i >= 0: c <= d whenever d - c = sum_i k_i (b_i - a_i).

    An equation may enter with a factor of any sign; c < d needs one strict premise with k_i > 0.
    """
    if statement.head not in ("le", "lt", "eq") or len(premises) != len(factors):
        raise ProofError("rearrange: expected one factor for each premise and a relation to prove")
    total: Term = zero
    strict = False
    for p, k in zip(premises, factors, strict=True):
        head = p.statement.head
        if head not in ("le", "lt", "eq"):
            raise ProofError(f"rearrange: expected relations, got {p.statement}")
        if head != "eq" and (statement.head == "eq" or not sign(k)):
            raise ProofError(f"rearrange: the factor {k} is not nonnegative by its form")
        strict = strict or (head == "lt" and sign(k) == ">")
        total = add(total, mul(k, sub(p.rhs, p.lhs)))
    c, d = statement.args
    rest = residual(add(d, neg(c)), total)
    if rest != zero:
        raise ProofError(f"rearrange: the two sides differ by {rest}")
    if statement.head == "lt" and not strict:
        raise ProofError("rearrange: < needs a strict premise")
    defined = frozenset().union(*(obligations(k) for k in factors))
    return Step(make(statement.head, (c, d)), tuple(defined))
