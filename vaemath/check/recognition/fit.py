"""Recover a formula: the few terms of the dictionary whose combination is what the function
returns.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from vaemath.check.expected.dictionary import Term
from vaemath.check.expected.observe import Observations, reduced
from vaemath.check.recognition.match import rational, solve

__all__ = ["Formula", "fit", "refit", "term_columns"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Formula:
    """Coefficients by term, as they are at one size, and the relative residual."""

    terms: tuple[Term, ...]
    coefficients: tuple[float, ...]
    residual: float

    def exact(self) -> dict[str, Fraction] | None:
        """The coefficients as fractions by text, or None if one is not a simple number."""
        out: dict[str, Fraction] = {}
        for term, value in zip(self.terms, self.coefficients, strict=True):
            fraction = rational(value)
            if fraction is None:
                return None
            out[term.text] = fraction
        return out


def term_columns(terms: list[Term] | tuple[Term, ...], observations: Observations) -> list[Array]:
    """The sums of each term over the elements that an observation adds up."""
    return [reduced(t.value(observations.stacked), observations) for t in terms]


def fit(terms: list[Term], observations: Observations, y: Array | None = None) -> Formula | None:
    """The sparsest combination found, by least squares and pruning; None if the terms do not span
    the function.
    """
    target = observations.y if y is None else y
    if not np.all(np.isfinite(target)) or len(target) < len(terms) + 3:
        return None
    parts = term_columns(terms, observations)
    for bound in (1e-10, 1e-7) if observations.dtype == "float64" else (2e-5,):
        found = _sparsest(terms, parts, target, bound)
        if found is not None:
            return found
    return None


def _sparsest(terms: list[Term], parts: list[Array], target: Array, bound: float) -> Formula | None:
    keep = list(range(len(terms)))
    solution, residual = solve(parts, target)
    if residual > bound:
        return None
    while len(keep) > 1:
        weights = [abs(c) * float(np.abs(parts[k]).max()) for c, k in zip(solution, keep, strict=True)]
        smallest = int(np.argmin(weights))
        trial = [k for j, k in enumerate(keep) if j != smallest]
        next_solution, next_residual = solve([parts[k] for k in trial], target)
        if next_residual > bound:
            break
        keep, solution, residual = trial, next_solution, next_residual
    return Formula(tuple(terms[k] for k in keep), tuple(map(float, solution)), residual)


def refit(formula: Formula, observations: Observations) -> Formula | None:
    """The same terms at another size; None if they no longer span the function."""
    parts = term_columns(formula.terms, observations)
    if not np.all(np.isfinite(observations.y)) or len(observations.y) < len(parts):
        return None
    solution, residual = solve(parts, observations.y)
    if residual > (1e-8 if observations.dtype == "float64" else 5e-5):
        return None
    return Formula(formula.terms, tuple(map(float, solution)), residual)
