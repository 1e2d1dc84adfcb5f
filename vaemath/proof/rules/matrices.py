"""The multivariate normal as an affine image of independent standard normals."""

from __future__ import annotations

from vaemath.proof.theorem import ProofError, Step, rule
from vaemath.terms.build import E, Indep, Normal, add, eq, matmul, vec
from vaemath.terms.term import Term, make, open_with


@rule
def whitening(*, term: Term) -> Step:
    """E f(x) under N(m, S) is E f(m + L z), z independent N(0, 1), L L' = S: x = m + L z, dx = |det L| dz."""
    if term.head != "E" or term.args[0].head != "mvn":
        raise ProofError(f"whitening: expected an expectation under a multivariate normal, got {term}")
    (mean, covariance), f = term.args[0].args, term.args[1]
    n = mean.sort[1]
    factor = make("chol", (covariance,))
    standard = Indep(n, lambda j: Normal(0, 1))
    image = E(standard, lambda z: open_with(f, add(mean, matmul(factor, vec(n, lambda j: z[j])))))
    return Step(eq(term, image))
