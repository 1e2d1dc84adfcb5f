"""The rules. Each is one sentence of mathematics with its side conditions; none is applied silently.

A rule that does not apply raises :class:`~vaemath.proof.theorem.ProofError`; it never hands back its
input unchanged.
"""

from vaemath.proof.rules.algebra import algebra, definition, rearrange, signed
from vaemath.proof.rules.calculus import (
    differentiate,
    integrate,
    leibniz,
    log_tangent,
    log_tangent_equality,
    substitution,
)
from vaemath.proof.rules.expectation import (
    almost_everywhere,
    independence,
    integrable,
    linearity,
    monotone,
    vanish,
)
from vaemath.proof.rules.logic import (
    antisymmetry,
    assume,
    congruence,
    cut,
    define,
    instantiate,
    symmetry,
    transitivity,
)
from vaemath.proof.rules.matrices import whitening

__all__ = [
    "algebra",
    "almost_everywhere",
    "antisymmetry",
    "assume",
    "congruence",
    "cut",
    "define",
    "definition",
    "differentiate",
    "independence",
    "instantiate",
    "integrable",
    "integrate",
    "leibniz",
    "linearity",
    "log_tangent",
    "log_tangent_equality",
    "monotone",
    "rearrange",
    "signed",
    "substitution",
    "symmetry",
    "transitivity",
    "vanish",
    "whitening",
]
