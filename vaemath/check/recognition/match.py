"""Does the function equal a model, up to a factor, a constant and a reduction?  Exactly, by linear
algebra.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from vaemath.check.expected.models import Model, kl_of, recon_of
from vaemath.check.expected.observe import Observations, reduced
from vaemath.check.reading.plan import Plan

__all__ = ["Law", "Match", "columns", "law_of", "match", "rational", "solve"]

Array = NDArray[np.float64]
#: How closely a formula must be met, relative to the largest value: single precision, and an epsilon
#: inside a logarithm, are forgiven.
LOOSE = 2e-5
#: The same where terms differ in size so much that a small one would drown.
TIGHT = 1e-9
EXPONENTS = sorted(
    ((a, b, c) for a in (0, -1, 1, -2) for b in (0, -1, 1, -2) for c in (0, -1, 1, -2)),
    key=lambda e: (sum(map(abs, e)), [abs(x) for x in e], [x > 0 for x in e]),
)


@dataclass(frozen=True)
class Match:
    """y = sum_i factors_i model_i + constant, with the largest relative residual."""

    model: Model
    factors: tuple[float, ...]
    constant: float
    residual: float


@dataclass(frozen=True)
class Law:
    """A coefficient as rate * batch^a * latent^b * data^c."""

    rate: float
    batch: int = 0
    latent: int = 0
    data: int = 0


def columns(plan: Plan, observations: Observations, model: Model) -> list[Array]:
    """The models of a plan: the KL, and before it the reconstruction term of a loss."""
    kl = kl_of(plan, observations.stacked, dict(model.used), reverse=model.reverse)
    out = [reduced(kl, observations)]
    if "x" in plan.roles:
        out.insert(0, reduced(recon_of(plan, observations.stacked), observations))
    return out


def match(plan: Plan, observations: Observations, model: Model, *, tight: bool = False) -> Match | None:
    """The match with one model, or None if there is none."""
    y = observations.y
    bound = TIGHT if tight and observations.dtype == "float64" else LOOSE
    if not np.all(np.isfinite(y)):
        return None
    try:
        parts = columns(plan, observations, model)
    except ValueError:
        return None
    if not all(np.all(np.isfinite(p)) for p in parts):
        return None
    solution, residual = solve([*parts, np.ones_like(y)], y)
    if residual > bound or any(abs(k) < 1e-7 for k in solution[:-1]):
        return None
    size = float(np.max(np.abs(y)))
    constant = float(solution[-1])
    if abs(constant) < 1e-5 * size:
        constant = 0.0
    return Match(model, tuple(map(float, solution[:-1])), constant, residual)


def solve(parts: list[Array], y: Array) -> tuple[Array, float]:
    """Least squares with scaled columns, and the largest residual relative to the largest value."""
    matrix = np.stack(parts, axis=1)
    scale = np.linalg.norm(matrix, axis=0)
    scale[scale == 0] = 1.0
    solution = np.linalg.lstsq(matrix / scale, y, rcond=1e-13)[0] / scale
    size = float(np.max(np.abs(y))) or 1.0
    return solution, float(np.max(np.abs(matrix @ solution - y))) / size


def law_of(values: list[float], sizes: list[tuple[int, int, int]]) -> Law | None:
    """How a coefficient depends on (batch, latent, data), if by powers; the simplest powers that
    fit.
    """
    for a, b, c in EXPONENTS:
        rates = [v / (n**a * k**b * d**c) for v, (n, k, d) in zip(values, sizes, strict=True)]
        middle = float(np.median(rates))
        if max(abs(r - middle) for r in rates) <= 1e-4 * abs(middle):
            return Law(middle, a, b, c)
    return None


def rational(value: float, *, relative: float = 2e-5) -> Fraction | None:
    """The simplest fraction near a value: small denominators, or one over an integer."""
    if value == 0:
        return Fraction(0)
    for denominator in (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 64, 100):
        numerator = round(value * denominator)
        if numerator and abs(value - numerator / denominator) <= relative * abs(value):
            return Fraction(numerator, denominator)
    inverse = round(1 / value)
    if inverse and abs(1 / value - inverse) <= relative * abs(1 / value):
        return Fraction(1, inverse)
    double = round(2 / value)
    if double and abs(2 / value - double) <= relative * abs(2 / value):
        return Fraction(2, double)
    return None
