"""Arguments on which accuracy is measured: ordinary, near equality, extreme. Drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Draw = Callable[[np.random.Generator, int, npt.DTypeLike], tuple[Floats, ...]]


def _powers(rng: np.random.Generator, n: int, low: float, high: float) -> Floats:
    """Magnitudes spread evenly over the exponents."""
    return 10.0 ** rng.uniform(low, high, n)


def standard(rng: np.random.Generator, n: int, kind: npt.DTypeLike) -> tuple[Floats, ...]:
    """(loc, logvar): log-variances around 0, near 0 to the last bit, and up to where e^s overflows."""
    limit = float(np.log(np.finfo(kind).max))
    part = n // 4
    logvar = np.concatenate(
        [
            rng.uniform(-3.0, 3.0, n - 3 * part),
            rng.normal(size=part) * _powers(rng, part, -20.0, 0.0),
            rng.uniform(-40.0, 40.0, part),
            rng.uniform(-1.2 * limit, limit + 0.7, part),
        ]
    )
    loc = rng.normal(size=n) * _powers(rng, n, -20.0, 3.0) * rng.integers(0, 2, n)
    return loc.astype(kind), logvar.astype(kind)


def pairs(rng: np.random.Generator, n: int, kind: npt.DTypeLike) -> tuple[Floats, ...]:
    """(loc_p, scale_p, loc_q, scale_q): scales over the whole range, of one size, and nearly equal."""
    wide = 300.0 if np.dtype(kind) == np.float64 else 30.0
    part = n // 4
    rest = n - 3 * part
    scale_p = np.concatenate([_powers(rng, part, -wide, wide), np.exp(rng.normal(size=n - part) * 2.0)])
    some = scale_p[2 * part : 3 * part] * np.exp(rng.uniform(-2.0, 2.0, part))
    near = scale_p[n - rest :] * (1.0 + rng.normal(size=rest) * _powers(rng, rest, -17.0, -0.5))
    far = _powers(rng, part, -wide, wide), np.exp(rng.normal(size=part))
    scale_q = np.concatenate([*far, some, np.abs(near)])
    loc_p = rng.normal(size=n) * scale_q * _powers(rng, n, -20.0, 2.0) * rng.integers(0, 2, n)
    loc_q = loc_p * (1.0 + rng.normal(size=n) * _powers(rng, n, -16.0, 0.0))
    loc_p, scale_p, loc_q, scale_q = (a.astype(kind) for a in (loc_p, scale_p, loc_q, scale_q))
    tiny = np.finfo(kind).tiny
    return loc_p, np.maximum(scale_p, tiny), loc_q, np.maximum(scale_q, tiny)


def gaussian(rng: np.random.Generator, n: int, kind: npt.DTypeLike) -> tuple[Floats, ...]:
    """(x, mean, loc, logvar) for one pixel; the latent is at the prior for half of them."""
    x = rng.uniform(size=n)
    mean = x + rng.normal(size=n) * _powers(rng, n, -10.0, 1.0)
    return x.astype(kind), mean.astype(kind), *_latent(rng, n, kind)


def bernoulli(rng: np.random.Generator, n: int, kind: npt.DTypeLike) -> tuple[Floats, ...]:
    """(x, logits, loc, logvar) for one pixel: x 0, 1 or between, logits to +-100."""
    half = n // 2
    x = np.concatenate([rng.integers(0, 2, half).astype(float), rng.uniform(size=n - half)])
    logits = np.where(
        rng.integers(0, 2, n) == 0,
        rng.uniform(-100.0, 100.0, n),
        rng.normal(size=n) * _powers(rng, n, -10.0, 1.0),
    )
    return x.astype(kind), logits.astype(kind), *_latent(rng, n, kind)


def _latent(rng: np.random.Generator, n: int, kind: npt.DTypeLike) -> tuple[Floats, Floats]:
    on = rng.integers(0, 2, n)
    return (rng.normal(size=n) * on).astype(kind), (rng.normal(size=n) * on).astype(kind)


DRAWS: dict[str, Draw] = {
    "kl_normal_standard": standard,
    "kl_normal": pairs,
    "kl_normal_diag_standard": standard,
    "kl_normal_diag": pairs,
    "loss_gaussian": gaussian,
    "loss_bernoulli": bernoulli,
}
