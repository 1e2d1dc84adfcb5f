"""Accuracy of the full-covariance kernels, against ball arithmetic on the very same inputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb, arb_mat, ctx

from vaemath.accuracy.exact import PRECISION

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Pair:
    """Two normals, as the kernel gets them.

    Attributes:
        condition: of the factors, or of the covariances.
        distance: relative size of the difference between the two; 1 for an unrelated pair.
        arguments: locations and factors (or covariances).
    """

    d: int
    condition: float
    distance: float
    arguments: tuple[Floats, Floats, Floats, Floats]


def factor_pairs(rng: np.random.Generator, kind: npt.DTypeLike, top: float) -> Iterator[Pair]:
    """Pairs of Cholesky factors, unrelated and equal to 1e-k for k = 1..15, conditions up to `top`."""
    for d in (2, 8, 32):
        for condition in (1.0, 1e3, 1e5, top):
            for k in range(16):
                first, loc = _factor(rng, d, condition), rng.normal(size=d)
                if k == 0:
                    second, other = _factor(rng, d, condition), rng.normal(size=d)
                else:
                    near = 1.0 + 10.0**-k * np.tril(rng.normal(size=(d, d)))
                    second, other = first * near, loc + 10.0**-k * rng.normal(size=d) * np.abs(loc)
                parts = (loc.astype(kind), first.astype(kind), other.astype(kind), second.astype(kind))
                if np.all(np.diagonal(parts[3]) > 0) and np.all(np.diagonal(parts[1]) > 0):
                    yield Pair(d, condition, 10.0**-k, parts)


def covariance_pairs(rng: np.random.Generator, kind: npt.DTypeLike, top: float) -> Iterator[Pair]:
    """Pairs of covariances, near and unrelated, conditions (of the covariance) up to `top`."""
    for d in (2, 8, 32):
        for condition in (1.0, 1e3, top):
            for k in range(0, 9):
                root = _factor(rng, d, condition**0.5)
                first, loc = root @ root.T, rng.normal(size=d)
                if k == 0:
                    other_root = _factor(rng, d, condition**0.5)
                    second, other = other_root @ other_root.T, rng.normal(size=d)
                else:
                    noise = rng.normal(size=(d, d))
                    wiggle = np.eye(d) + 10.0**-k * (noise + noise.T) / (4.0 * d)
                    second = root @ wiggle @ root.T
                    other = loc + 10.0**-k * root @ rng.normal(size=d)
                a, b = ((m + m.T) / 2.0 for m in (first, second))
                parts = (loc.astype(kind), a.astype(kind), other.astype(kind), b.astype(kind))
                yield Pair(d, condition, 10.0**-k, parts)


def _factor(rng: np.random.Generator, d: int, condition: float) -> Floats:
    """A random Cholesky factor whose singular values spread evenly over the exponents."""
    left, _ = np.linalg.qr(rng.normal(size=(d, d)))
    right, _ = np.linalg.qr(rng.normal(size=(d, d)))
    values = condition ** np.linspace(-0.5, 0.5, d)
    _, upper = np.linalg.qr((left * values) @ right)
    lower = upper.T
    return np.asarray(lower * np.sign(np.diagonal(lower)))


def exact_kl(pair: Pair, *, factors: bool) -> arb:
    """The KL divergence of the pair."""
    before = ctx.prec
    ctx.prec = PRECISION
    try:
        loc_p, first, loc_q, second = pair.arguments
        a, b = _matrix(first), _matrix(second)
        sigma_p, sigma_q = (a * a.transpose(), b * b.transpose()) if factors else (a, b)
        gap = _matrix(loc_p[:, None]) - _matrix(loc_q[:, None])
        trace = _trace(sigma_q.solve(sigma_p))
        quadratic = (gap.transpose() * sigma_q.solve(gap))[0, 0]
        logs = sigma_q.det().log() - sigma_p.det().log()
        value: arb = (logs - pair.d + trace + quadratic) / 2
        return value
    finally:
        ctx.prec = before


def _matrix(entries: Floats) -> arb_mat:
    return arb_mat([[arb(float(v)) for v in row] for row in entries])


def _trace(m: Any) -> arb:
    total = arb(0)
    for i in range(m.nrows()):
        total += m[i, i]
    return total


def relative(found: float, exact: arb) -> float:
    """The relative error of a number."""
    before = ctx.prec
    ctx.prec = PRECISION
    try:
        if float(abs(exact).mid()) == 0.0:
            return 0.0 if found == 0.0 else float("inf")
        return float(abs((arb(found) - exact) / exact).mid())
    finally:
        ctx.prec = before
