"""The first two moments of the multivariate normal."""

from __future__ import annotations

from vaemath.proof.normal import canon
from vaemath.proof.theorem import ProofError, Step, rule
from vaemath.terms.build import add, eq, matmul, number, one, opened
from vaemath.terms.term import Term, make


@rule
def mvn_moments(*, term: Term) -> Step:
    """N(m, S) integrates to one, has mean m, and E[(x - m)(x - m)'] = S.

    Oracle: multivariate-normal-moments. Stated for every n, and checked by the audit for n = 1, 2, 3.
    """
    q = term.args[0] if term.head == "E" else None
    oracles = ("multivariate-normal-moments",)
    if q is not None and q.head == "mvn":
        mean, covariance = q.args
        x, body = opened(term.args[1], term)
        if body == x:
            return Step(eq(term, mean), oracles=oracles)
        v = add(x, make("scale", (number(-1), mean)))
        if body.sort[0] == "mat" and canon(body) == canon(matmul(v, v.T)):
            return Step(eq(term, covariance), oracles=oracles)
    if term.head == "int":
        x, body = opened(term.args[0], term)
        mine = body.head == "pdf" and body.args[0].head == "mvn" and body.args[1] == x
        if mine and x not in body.args[0].free:
            return Step(eq(term, one), oracles=oracles)
    raise ProofError(f"mvn_moments: {term} is not one of the first three moments of a multivariate normal")
