"""Estimates of a KL, drawn from a function: many identical samples a call, one number each."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vaemath.check.expected.attempt import Attempt
from vaemath.check.expected.design import BOXES, Point, Sizes, draw
from vaemath.check.expected.models import Model, kl_of
from vaemath.check.recognition.match import Law
from vaemath.testing.conventions import SPREADS

__all__ = ["BATCH", "Sampler", "claimed_kl", "law_of_means", "repeated_point"]

Array = NDArray[np.float64]
BATCH, LATENT = 256, 2


@dataclass
class Sampler:
    a: Attempt
    law: Law = field(default_factory=lambda: Law(1.0))
    seed: int = 0

    def observe(self, point: Point, used: dict[str, str], calls: int, law: Law | None = None) -> Array:
        """One number per call: the estimate of the KL of one sample."""
        rng = np.random.default_rng(self.seed)
        points = []
        for _ in range(calls):
            points.append(self._with_draws(point, used, rng))
        self.seed += calls + 1
        answers = self.a.caller.many(points, seed=[self.seed + k for k in range(calls)])
        batch, latent = point["loc"].shape
        use = law or self.law
        weight = batch * float(batch) ** use.batch * float(latent) ** use.latent
        values = [np.nan if x.value is None else float(np.sum(x.value)) for x in answers]
        return np.asarray(np.array(values) / weight, dtype=np.float64)

    def _with_draws(self, point: Point, used: dict[str, str], rng: np.random.Generator) -> Point:
        out = dict(point)
        for role in self.a.plan.roles:
            noise = rng.standard_normal(point["loc"].shape)
            if role == "eps":
                out[role] = noise
            elif role == "z":
                scale = SPREADS[used["spread"]].to_scale(point["spread"], np)
                out[role] = point["loc"] + scale * noise
        return out


def repeated_point(a: Attempt, rng: np.random.Generator, batch: int = BATCH, latent: int = LATENT) -> Point:
    """Identical samples: one random row, repeated."""
    row = draw(a.plan, rng, Sizes(1, 1), BOXES["main"])
    return {role: np.full((batch, latent), float(v.ravel()[0])) for role, v in row.items()}


def law_of_means(sampler: Sampler, used: dict[str, str]) -> Law:
    """How the result depends on batch and latent sizes, from means that are accurate to a few
    percent.
    """
    level = {"loc": 1.0, "spread": 0.6, "loc_q": -0.5, "spread_q": 0.9}
    base = {role: np.full((1, 1), level.get(role, 0.0)) for role in sampler.a.plan.roles}
    means = []
    for batch, latent in ((64, 2), (256, 2), (64, 6)):
        point = {r: np.full((batch, latent), float(v.ravel()[0])) for r, v in base.items()}
        plain = sampler.observe(point, used, 24, Law(1.0))
        means.append(float(np.mean(plain)) / latent)  # of one element, if everything is summed
    with np.errstate(all="ignore"):
        batch_power = np.log(abs(means[1] / means[0])) / np.log(4)
        latent_power = np.log(abs(means[2] / means[0])) / np.log(3)
    powers = [int(np.clip(round(p), -2, 2)) if np.isfinite(p) else 0 for p in (batch_power, latent_power)]
    return Law(1.0, powers[0], powers[1])


def claimed_kl(a: Attempt, point: Point, model: Model) -> float:
    return float(kl_of(a.plan, point, dict(model.used), reverse=model.reverse)[0].sum())
