"""The rules. Each is one sentence of mathematics with its side conditions; none is applied silently.

A rule that does not apply raises :class:`~vaemath.core.theorem.ProofError`; it never hands back its input
unchanged. To what its docstring says, every conclusion adds the obligations of its statement
(``docs/semantics.md``).
"""

from vaemath.core.rules.algebra import algebra, definition, rearrange, signed
from vaemath.core.rules.calculus import (
    differentiate,
    integrate,
    leibniz,
    log_tangent,
    log_tangent_equality,
    substitution,
)
from vaemath.core.rules.expectation import (
    almost_everywhere,
    independence,
    integrable,
    linearity,
    monotone,
    vanish,
    whitening,
)
from vaemath.core.rules.logic import (
    antisymmetry,
    assume,
    congruence,
    cut,
    define,
    instantiate,
    replace,
    specialise,
    symmetry,
    transitivity,
)

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
    "replace",
    "signed",
    "specialise",
    "substitution",
    "symmetry",
    "transitivity",
    "vanish",
    "whitening",
]
