"""The formulas of `exact` in long double, to find the worst of very many samples.

Only to find them: ball arithmetic judges what is found. Where long double is no wider than float64,
`WIDE` is false and samples are judged one and all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Wide = npt.NDArray[Any]  # of long double
Output = tuple[Wide, Wide]  # the value, and the size of its largest term

WIDE = np.finfo(np.longdouble).nmant >= 63


def _expm1_gap(s: Wide) -> Wide:
    """e^s - 1 - s."""
    series: Wide = np.zeros_like(s)
    for k in range(12, 2, -1):
        series = (1 + series) * s / k
    return np.where(np.abs(s) < 0.02, s * s / 2 * (1 + series), np.expm1(s) - s)


def _log_gap(t: Wide, ratio: Wide) -> Wide:
    """t - log(1 + t), where 1 + t is the ratio."""
    series: Wide = np.zeros_like(t)
    for k in range(14, 1, -1):
        series = np.longdouble(1) / k - series * t
    far = np.where(t > -0.5, t - np.log1p(t), t - np.log(ratio))
    return np.where(np.abs(t) < 0.02, series * t * t, far)


def kl_normal_standard(loc: Wide, logvar: Wide) -> list[Output]:
    value, rise = (_expm1_gap(logvar) + loc * loc) / 2, np.expm1(logvar) / 2
    return [(value, value), (loc, loc), (rise, rise)]


def kl_normal(loc_p: Wide, scale_p: Wide, loc_q: Wide, scale_q: Wide) -> list[Output]:
    t, z = (scale_p - scale_q) / scale_q, (loc_p - loc_q) / scale_q
    value = t * t / 2 + _log_gap(t, scale_p / scale_q) + z * z / 2
    by_loc, by_scale = z / scale_q, t / scale_p * (t + 2)
    spread, shift = -t / scale_q * (t + 2), -z * by_loc
    size = np.maximum(np.maximum(np.abs(spread), np.abs(shift)), np.abs(spread + shift))
    return [
        (value, value),
        (by_loc, by_loc),
        (by_scale, by_scale),
        (-by_loc, by_loc),
        (spread + shift, size),
    ]


def loss_gaussian(x: Wide, mean: Wide, loc: Wide, logvar: Wide) -> list[Output]:
    residual = x - mean
    kl, by_loc, by_logvar = kl_normal_standard(loc, logvar)
    value = residual * residual / 2 + np.log(8 * np.arctan(np.longdouble(1))) / 2 + kl[0]
    return [(value, value), (residual, residual), (-residual, residual), by_loc, by_logvar]


def loss_bernoulli(x: Wide, logits: Wide, loc: Wide, logvar: Wide) -> list[Output]:
    kl, by_loc, by_logvar = kl_normal_standard(loc, logvar)
    wrong = (1 - x) * np.maximum(logits, 0) + x * np.maximum(-logits, 0)
    value = wrong + np.log1p(np.exp(-np.abs(logits))) + kl[0]
    up, down = (1 - x) / (1 + np.exp(-logits)), x / (1 + np.exp(logits))
    return [(value, value), (-logits, logits), (up - down, np.maximum(up, down)), by_loc, by_logvar]


SCREEN: dict[str, Callable[..., list[Output]]] = {
    "kl_normal_standard": kl_normal_standard,
    "kl_normal": kl_normal,
    "kl_normal_diag_standard": kl_normal_standard,  # one coordinate
    "kl_normal_diag": kl_normal,
    "loss_gaussian": loss_gaussian,
    "loss_bernoulli": loss_bernoulli,
}


def worst(
    kernel: str,
    arguments: Sequence[npt.NDArray[np.floating]],
    outputs: Sequence[npt.NDArray[np.floating]],
    kind: npt.DTypeLike,
    *,
    count: int,
) -> list[int]:
    """Where the outputs look worst: at most `count` places for each of them."""
    info = np.finfo(kind)
    places: set[int] = set()
    with np.errstate(all="ignore"):
        expected = SCREEN[kernel](*(a.astype(np.longdouble) for a in arguments))
        for found, (value, size) in zip(outputs, expected, strict=True):
            exponent = np.frexp(np.maximum(np.abs(size), np.longdouble(info.tiny)))[1] - 1
            error = np.ldexp(np.abs(found.astype(np.longdouble) - value), info.nmant - exponent)
            error = np.where(np.isfinite(found), error, np.inf)
            error = np.where(np.abs(value) <= info.max, error, 0)
            places |= {int(k) for k in np.argpartition(error, -count)[-count:]}
    return sorted(places)
