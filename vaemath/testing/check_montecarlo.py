"""`assert_matches_monte_carlo`: a KL function against samples of its own definition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaemath.testing.comparing import Pair
from vaemath.testing.falsified import Falsified
from vaemath.testing.montecarlo import compare_mean
from vaemath.testing.subject import Dtype, Library, Reduction, Subject, subject

__all__ = [
    "assert_matches_monte_carlo",
    "log_ratio_moments",
    "monte_carlo",
    "sample_log_ratio",
]

Array = NDArray[np.float64]


def assert_matches_monte_carlo(
    kl: Callable[..., Any],
    *,
    against: str = "kl-normal",
    takes: str | None = None,
    library: Library = "numpy",
    dtype: Dtype | None = None,
    reduction: Reduction = "none",
    points: int = 3,
    resolution: float = 0.05,
    false_alarm: float = 1e-9,
    miss: float = 1e-6,
    seed: int = 0,
) -> None:
    """Raise `Falsified` if `kl` is not the mean of log p(z)/q(z) over samples z of p, at `points`
    random pairs.

    A right value is accused with probability at most `false_alarm` per pair; one that is off by
    more than `resolution` standard deviations of the log-ratio passes with probability at most
    `miss`. Both hold although the log-ratio is unbounded, since its variance is known: see
    `vaemath.testing.montecarlo`. The log-ratio is worked out from standardised samples, by no KL
    formula.
    """
    s = subject(kl, against, takes=takes, library=library, dtype=dtype, reduction=reduction)
    rng = np.random.default_rng(seed)
    for _ in range(points):
        monte_carlo(
            s,
            _random_pair(s, rng),
            rng,
            resolution=resolution,
            false_alarm=false_alarm,
            miss=miss,
        )


def monte_carlo(
    s: Subject,
    p: Pair,
    rng: np.random.Generator,
    *,
    resolution: float,
    false_alarm: float,
    miss: float,
) -> None:
    """The comparison at one pair (arrays with one batch axis of length 1)."""
    p = s.settled(*p)  # type: ignore[assignment]
    claimed = float(np.sum(s(*p)))
    variance = log_ratio_moments(s, p)
    step = resolution * float(np.sqrt(variance))
    outcome = compare_mean(
        claimed,
        lambda n: sample_log_ratio(s, p, rng, n),
        variance=variance * (1 + 1e-9),
        resolution=step,
        false_alarm=false_alarm,
        miss=miss,
    )
    if not outcome.agrees:
        raise Falsified(
            function=s.name,
            identity="KL(p, q) is the mean of log p(z)/q(z)",
            inputs=dict(zip(s.names, s.parameters(*p), strict=True)),
            left=("KL(p, q)", claimed),
            right=(f"mean of {outcome.samples} samples", outcome.estimate),
            setting=f"{step:.3g} ({resolution:g} standard deviations of the log-ratio), false alarm "
            f"{false_alarm:g}, miss {miss:g}, {s.dtype}, ordinary inputs",
        )


def sample_log_ratio(s: Subject, p: Pair, rng: np.random.Generator, n: int) -> Array:
    """n samples of log p(z)/q(z), z drawn from p, for arrays with one batch axis of length 1
    (summed over latents).
    """
    loc_p, scale_p, loc_q, scale_q = (a[0] for a in p)
    noise = rng.standard_normal((n, loc_p.shape[-1]))
    if s.family.matrix:
        z = loc_p + noise @ scale_p.T
        white = np.linalg.solve(scale_q, (z - loc_q).T).T
        logs = float(np.log(np.diagonal(scale_q) / np.diagonal(scale_p)).sum())
    else:
        white = (loc_p - loc_q + scale_p * noise) / scale_q
        logs = float(np.log(scale_q / scale_p).sum())
    ratio: Array = logs + (white**2 - noise**2).sum(axis=-1) / 2
    return ratio


def log_ratio_moments(s: Subject, p: Pair) -> float:
    """The variance of log p(z)/q(z) under p: |M - I|_F^2 / 2 + |w|^2, M and w being S_p and m_p -
    m_q seen from q.
    """
    loc_p, scale_p, loc_q, scale_q = (a[0] for a in p)
    if s.family.matrix:
        a = np.linalg.solve(scale_q, scale_p)
        w = np.linalg.solve(scale_q, loc_p - loc_q)
        return float(((a.T @ a - np.eye(len(a))) ** 2).sum() / 2 + ((a.T @ w) ** 2).sum())
    r = (scale_p / scale_q) ** 2
    w = (loc_p - loc_q) / scale_q
    return float(((r - 1) ** 2).sum() / 2 + (r * w**2).sum())


def _random_pair(s: Subject, rng: np.random.Generator) -> Pair:
    d = int(rng.integers(1, 4)) if s.family.event else 1
    loc_p, loc_q = rng.normal(size=(2, 1, d))
    if s.family.matrix:
        lower = np.tril(rng.normal(size=(2, 1, d, d)), -1) * 0.5
        scale_p, scale_q = lower + np.exp(0.5 * rng.normal(size=(2, 1, d, 1))) * np.eye(d)
    else:
        scale_p, scale_q = np.exp(0.5 * rng.normal(size=(2, 1, d)))
    if s.family.pair:
        return loc_p, scale_p, loc_q, scale_q
    unit = np.eye(d)[None] if s.family.matrix else np.ones((1, d))
    return loc_p, scale_p, np.zeros((1, d)), unit
