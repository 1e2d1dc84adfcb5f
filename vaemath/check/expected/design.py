"""The inputs that a function is probed with, and the calls that turn them into observations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaemath.check.calling.process import Answer, Process
from vaemath.check.reading.plan import Plan

__all__ = ["BOXES", "Box", "Caller", "Point", "Sizes", "draw"]

Array = NDArray[np.float64]
Point = dict[str, Array]


@dataclass(frozen=True)
class Sizes:
    """Batch, latent and data dimensions: different, so that a reduction over the wrong axis shows."""

    batch: int = 3
    latent: int = 4
    data: int = 6


@dataclass(frozen=True)
class Box:
    """Ranges: |location|, raw spread, |reconstruction|."""

    loc: tuple[float, float]
    spread: tuple[float, float]


#: The main box is positive in the spread, so that it is valid whatever the spread means.
BOXES = {
    "main": Box((0.2, 2.0), (0.3, 2.5)),
    "small": Box((0.02, 0.4), (0.02, 0.3)),
    "unit": Box((0.02, 0.4), (0.75, 1.2)),
    "large": Box((2.5, 3.5), (1.8, 2.5)),
    "signed": Box((0.2, 2.0), (-2.5, 2.5)),
}


def draw(plan: Plan, rng: np.random.Generator, sizes: Sizes, box: Box, *, diagonal: bool = False) -> Point:
    """One random input, an array per role. With `diagonal`, matrices are diagonal: valid whatever
    they mean.
    """
    out: Point = {}
    latent, data = (sizes.batch, sizes.latent), (sizes.batch, sizes.data)
    for role in plan.roles:
        if role.startswith("loc"):
            size = rng.uniform(*box.loc, latent)
            out[role] = size * rng.choice([-1.0, 1.0], latent)
        elif role.startswith("spread"):
            out[role] = _spread(plan, role, rng, latent, box, diagonal)
        elif role in ("x", "recon"):
            out[role] = rng.uniform(0.05, 0.95, data)
        else:
            out[role] = rng.standard_normal(latent)
    if plan.decoder in ("mean", "logits"):
        out["recon"] = rng.uniform(-1.5, 1.5, data)
    return out


def _spread(
    plan: Plan,
    role: str,
    rng: np.random.Generator,
    shape: tuple[int, int],
    box: Box,
    diagonal: bool,
) -> Array:
    raw = rng.uniform(*box.spread, shape)
    if not plan.matrix:
        return raw
    d = shape[1]
    if diagonal:
        return np.asarray(raw[..., None] * np.eye(d))
    if "covariance" in plan.conventions[role] or "precision_matrix" in plan.conventions[role]:
        lower = np.tril(rng.uniform(-0.4, 0.4, (*shape, d)), -1) + np.sqrt(raw)[..., None] * np.eye(d)
        full: Array = lower @ np.swapaxes(lower, -1, -2)
        return full
    return np.asarray(np.tril(rng.uniform(-0.6, 0.6, (*shape, d)), -1) + raw[..., None] * np.eye(d))


@dataclass
class Caller:
    """One way to call the function: the library, the dtype, batched or one sample at a time."""

    process: Process
    plan: Plan
    library: str
    dtype: str = "float64"
    batched: bool = True

    def many(self, points: list[Point], *, seed: int | list[int] | None = 0, **options: Any) -> list[Answer]:
        """The answers at several points, with one seed for all or one each. One sample at a time,
        the answers are put back into batches.
        """
        calls = [[p[role] for role in self.plan.roles] for p in points]
        settings: dict[str, Any] = {"library": self.library, "dtype": self.dtype, "seed": seed}
        settings |= {"options": self.plan.options, **options}
        if self.batched:
            return self.process.call(calls, **settings)
        out = []
        for number, call in enumerate(calls):
            rows = [[a[k] for a in call] for k in range(len(call[0]))]
            settings["seed"] = seed[number] if isinstance(seed, list) else seed
            out.append(_stacked(self.process.call(rows, **settings)))
        return out

    def one(self, point: Point, *, seed: int | None = 0, **options: Any) -> Answer:
        """The answer at one point."""
        return self.many([point], seed=seed, **options)[0]


def _stacked(rows: list[Answer]) -> Answer:
    for row in rows:
        if row.error is not None or row.value is None:
            return row
    first = rows[0]
    shapes = {np.asarray(r.value).shape for r in rows}
    if len(shapes) > 1:
        return Answer(error="it returned different shapes for samples of one shape")
    values = np.stack([np.asarray(r.value) for r in rows])
    values = values.reshape(len(rows)) if values.size == len(rows) else values
    gradients = None
    if first.gradients is not None:
        columns = zip(*(r.gradients or () for r in rows), strict=True)
        gradients = tuple(
            None if any(g is None for g in column) else np.stack([np.asarray(g) for g in column])
            for column in columns
        )
    return Answer(values, None, first.form, first.dtype, first.graph, gradients, first.mutated, first.draws)
