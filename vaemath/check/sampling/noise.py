"""The noise of a sampling function: read off, and tested for being standard normal and independent."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from vaemath.check.expected.attempt import Attempt
from vaemath.check.report.verdict import Cause, Verdict
from vaemath.testing.conventions import SPREADS

__all__ = ["CALLS", "SIDE", "Probe", "examine_noise"]

Array = NDArray[np.float64]
SIDE = (200, 50)
CALLS = 4
SIGMAS = 6.0


@dataclass
class Probe:
    a: Attempt
    seeded: bool

    def noise(self, shape: tuple[int, int], loc: float, spread: float, seed: int) -> Array:
        """A sample less its mean."""
        rng = np.random.default_rng(1000 + seed)
        point = {"loc": np.full(shape, loc), "spread": np.full(shape, spread)}
        for role in self.a.plan.roles:
            if role in ("eps", "z"):
                point[role] = rng.standard_normal(shape)
        answer = self.a.caller.one(point, seed=seed)
        if answer.value is None:
            return np.full(shape, np.nan)
        return np.asarray(np.broadcast_to(answer.value, shape) - loc)


def examine_noise(probe: Probe, used: str, verdict: Verdict) -> None:
    """Moments, shape and independence of the noise, as it is when the spread is 1."""
    scale = float(SPREADS[used].to_scale(np.float64(1.0), np))
    blocks = [probe.noise(SIDE, 0.0, 1.0, 100 + k) / scale for k in range(CALLS)]
    if _shared(blocks, verdict):
        return
    draws = np.stack(blocks)
    n = draws.size
    mean, std = float(draws.mean()), float(draws.std())
    white = (draws - mean) / std
    ordered = np.sort(white.ravel())
    steps = np.arange(n + 1) / n
    cumulative = ndtr(ordered)
    distance = float(max(np.max(steps[1:] - cumulative), np.max(cumulative - steps[:-1])))
    if abs(float((white**4).mean()) - 3) > SIGMAS * math.sqrt(96 / n) or distance > math.sqrt(
        math.log(2e9) / (2 * n)
    ):
        uniform = " (it looks uniform)" if abs(float((white**4).mean()) - 1.8) < 0.1 else ""
        verdict.causes.append(Cause("not-standard-normal", f"the noise is not normal{uniform}"))
    elif abs(std - 1) > SIGMAS * math.sqrt(1 / (2 * n)):
        verdict.causes.append(Cause("noise-scale", f"the noise is {std:.3g} times as wide as it should be"))
        if abs(mean) <= SIGMAS / math.sqrt(n):
            verdict.causes.append(Cause("not-standard-normal", f"its standard deviation is {std:.3g}, not 1"))
    elif abs(mean) > SIGMAS / math.sqrt(n):
        verdict.causes.append(Cause("not-standard-normal", f"the mean of the noise is {mean:.3g}, not 0"))


def _shared(blocks: list[Array], verdict: Verdict) -> bool:
    middle = float(np.mean(blocks))
    blocks = [b - middle for b in blocks]
    first = blocks[0]
    where = []
    if np.allclose(first, first[:1]):
        where.append("the samples of a batch")
    if np.allclose(first, first[:, :1]):
        where.append("the latent dimensions")
    if np.array_equal(first, blocks[1]):
        where.append("all calls")
    if not where:
        n = first.size * len(blocks)
        pairs = {
            "neighbouring samples": [b[1:] * b[:-1] for b in blocks],
            "neighbouring dimensions": [b[:, 1:] * b[:, :-1] for b in blocks],
        }
        for words, products in pairs.items():
            if abs(float(np.mean(products))) > 2 * SIGMAS / math.sqrt(n) * float(np.var(first)):
                where.append(words)
    if where:
        verdict.causes.append(Cause("shared-noise", f"one draw is shared by {' and '.join(where)}"))
    return bool(where)
