"""A Monte Carlo comparison whose error rates hold whenever it stops.

A KL divergence is E_p[log p(z)/q(z)]. The log-ratio is unbounded, so bounds for bounded variables
do not apply and a normal approximation is not exact. But its variance under p is finite, and for
Gaussians known in closed form; that is all that Catoni's influence function needs. With f(x) =
sign(x) log(1 + |x| + x^2/2), a fixed rate c, and variance at most V, the process

    exp( sum_i f(c (X_i - m)) - n c^2 V / 2 )

is a supermartingale whenever E X = m (and so is its mirror image), because E exp f(y) <= 1 + E y +
E y^2 / 2. By Ville's inequality it exceeds 1/alpha at *any* time with probability at most alpha.
Three such processes run together: one bets against the claimed value m, the two others against m +
r and m - r. The first to be ruined decides.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaemath.errors import VaemathError

__all__ = ["Comparison", "MeanTest", "compare_mean"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Comparison:
    """How a comparison ended: the claimed value, the sample mean, and after how many samples it was
    decided.
    """

    agrees: bool
    claimed: float
    estimate: float
    samples: int
    resolution: float
    false_alarm: float
    miss: float


class MeanTest:
    """The three betting processes for one claimed mean; feed it samples until `decided`.

    `variance` bounds the variance of a sample, `resolution` is the error that must be noticed. A
    right value is rejected with probability at most `false_alarm`, one that is wrong by more than
    `resolution` accepted with probability at most `miss`, whenever one stops looking.
    """

    def __init__(
        self,
        claimed: float,
        *,
        variance: float,
        resolution: float,
        false_alarm: float = 1e-9,
        miss: float = 1e-6,
    ) -> None:
        if not (variance >= 0 and resolution > 0 and 0 < false_alarm < 1 and 0 < miss < 1):
            raise VaemathError(
                "variance, resolution, false_alarm, miss: "
                f"got {variance}, {resolution}, {false_alarm}, {miss}; "
                "expected variance >= 0, resolution > 0 and rates between 0 and 1"
            )
        self.claimed, self.variance, self.resolution = claimed, variance, resolution
        self.false_alarm, self.miss = false_alarm, miss
        # the rate that ruins the bet at distance r soonest: c r - c^2 V is greatest at r / 2V
        self._rate = resolution / (2 * variance + resolution**2)
        self._sums = np.zeros(3)  # log wealth before compensation: claimed, claimed + r, claimed - r
        self._count, self._total = 0, 0.0
        self.decided: bool | None = None

    def feed(self, samples: Array) -> None:
        """Take more samples (one dimension). Samples that are not finite decide against the claimed
        value.
        """
        if self.decided is not None:
            return
        if not np.all(np.isfinite(samples)) or not math.isfinite(self.claimed):
            self.decided = False
            return
        self._count += samples.size
        self._total += float(samples.sum())
        for k, shift in enumerate((0.0, self.resolution, -self.resolution)):
            self._sums[k] += float(_influence(self._rate * (samples - self.claimed - shift)).sum())
        price = self._count * self._rate**2 * self.variance / 2
        if abs(self._sums[0]) - price >= math.log(2 / self.false_alarm):
            self.decided = False
        elif -self._sums[1] - price >= math.log(1 / self.miss) and self._sums[2] - price >= math.log(
            1 / self.miss
        ):
            self.decided = True

    def result(self) -> Comparison:
        """What is known now; agreement only once it was decided."""
        mean = self._total / self._count if self._count else math.nan
        return Comparison(
            self.decided is True,
            self.claimed,
            mean,
            self._count,
            self.resolution,
            self.false_alarm,
            self.miss,
        )


def compare_mean(
    claimed: float,
    draw: Callable[[int], Array],
    *,
    variance: float,
    resolution: float,
    false_alarm: float = 1e-9,
    miss: float = 1e-6,
    block: int = 16384,
) -> Comparison:
    """Is `claimed` the mean of what `draw(n)` samples? Draws until decided; about 4 V log(1/miss) /
    r^2 samples.

    See `MeanTest` for the rates. Raises `VaemathError` for options that make no sense.
    """
    test = MeanTest(
        claimed,
        variance=variance,
        resolution=resolution,
        false_alarm=false_alarm,
        miss=miss,
    )
    while test.decided is None:
        test.feed(np.asarray(draw(block), dtype=np.float64))
    return test.result()


def _influence(y: Array) -> Array:
    size = np.abs(y)
    result: Array = np.sign(y) * np.log1p(size + size * size / 2)
    return result
