"""`assert_kl_identities`: search for the smallest input that breaks an identity."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from vaemath.errors import VaemathError
from vaemath.testing import strategies
from vaemath.testing.comparing import Pair, Tolerance
from vaemath.testing.identities import IDENTITIES, Identity
from vaemath.testing.search import search
from vaemath.testing.strategies import Regime
from vaemath.testing.subject import Dtype, Library, Reduction, Subject, subject

__all__ = ["assert_kl_identities", "pairs", "search_identity"]

Array = NDArray[np.float64]


def assert_kl_identities(
    kl: Callable[..., Any],
    *,
    against: str = "kl-normal",
    takes: str | None = None,
    library: Library = "numpy",
    dtype: Dtype | None = None,
    reduction: Reduction = "none",
    regime: Regime = "ordinary",
    only: Iterable[str] | None = None,
    examples: int = 30,
    ulps: float = 256.0,
    strict: bool = False,
) -> None:
    """Raise `Falsified`, with the smallest input found, if `kl` breaks an identity of KL
    divergences.

    `against` is the theorem (`kl-normal`, `kl-normal-standard`, `kl-normal-diag`,
    `kl-normal-diag-standard`, `kl-mvn`, `kl-mvn-standard`); `takes` says what the function takes
    ("mu,logvar"); arrays are of `library`, batched, in `dtype` (float64; float32 for jax); a
    function that returns one number for a batch declares its `reduction`, "sum" or "mean".
    Identities: zero, nonnegative, rows, additive, affine, direction, diagonal, as far as they
    apply; `only` picks some. Rounding of `ulps` units of the terms that the textbook formula adds
    up is allowed; `strict` allows it only of the KL itself, which textbook code does not reach near
    equality, and then takes distributions that are the same or differ by the square root of the
    rounding unit at least. Raises `VaemathError` for options that make no sense.
    """
    s = subject(kl, against, takes=takes, library=library, dtype=dtype, reduction=reduction)
    names = list(IDENTITIES) if only is None else list(only)
    for name in names:
        if name not in IDENTITIES:
            raise VaemathError(f"only: got {name!r}; expected names out of {', '.join(IDENTITIES)}")
        if IDENTITIES[name].applies(s):
            search_identity(
                s,
                IDENTITIES[name],
                regime=regime,
                examples=examples,
                tolerance=Tolerance(ulps, strict),
            )


def search_identity(
    s: Subject,
    identity: Identity,
    *,
    regime: Regime,
    examples: int,
    tolerance: Tolerance,
) -> None:
    """Search for an input that breaks one identity; raise `Falsified` with the smallest."""

    def statement(both: tuple[Pair, Pair]) -> None:
        identity.check(s, *both, tolerance)

    shapes = st.tuples(st.integers(1, 3), st.integers(1, 3))
    gap = tolerance.gap(s)
    two = shapes.flatmap(lambda n: st.tuples(*[pairs(s, n, regime=regime, gap=gap)] * 2))
    search(two, statement, s, identity.words, examples, tolerance.words(s, regime))


def pairs(
    s: Subject, shape: tuple[int, int], *, regime: Regime = "ordinary", gap: float = 0.0
) -> st.SearchStrategy[Pair]:
    """Pairs of distributions of a family, (loc_p, scale_p, loc_q, scale_q), of shape (batch,
    latent).

    A standard family has q = N(0, I). One pair in three is near equality. Parameters of p that
    differ from those of q by less than `gap` scales of q are made the same.
    """
    found = _pairs(s, shape, regime)
    return found.map(lambda p: _apart(p, gap)) if gap else found


def _apart(p: Pair, gap: float) -> Pair:
    loc_p, scale_p, loc_q, scale_q = p
    unit = scale_q if scale_q.ndim == loc_q.ndim else np.diagonal(scale_q, axis1=-2, axis2=-1)
    least = gap * (unit if scale_q.ndim == loc_q.ndim else unit[..., None])
    return (
        np.where(np.abs(loc_p - loc_q) < gap * unit, loc_q, loc_p),
        np.where(np.abs(scale_p - scale_q) < least, scale_q, scale_p),
        loc_q,
        scale_q,
    )


def _pairs(s: Subject, shape: tuple[int, int], regime: Regime) -> st.SearchStrategy[Pair]:
    locs = strategies.locations(shape, regime=regime)
    if s.family.matrix:
        scales = strategies.scale_trils((*shape, shape[-1]), regime=regime, max_condition=1e4)
    else:
        scales = strategies.scales(shape, regime=regime)
    if not s.family.pair:
        zeros = np.zeros(shape)
        unit = np.broadcast_to(np.eye(shape[-1]), (*shape, shape[-1])) if s.family.matrix else np.ones(shape)
        origin: tuple[Any, Any] = (st.just(zeros), st.just(np.array(unit)))
        close = strategies.near_pairs(origin[0]), strategies.near_pairs(origin[1], positive=True)
        beside = st.tuples(*close).map(lambda both: (both[0][1], both[1][1], both[0][0], both[1][0]))
        free = st.tuples(locs, scales, *origin)
        return st.one_of(free, free, beside)
    apart = st.tuples(locs, scales, locs, scales)
    near = st.tuples(strategies.near_pairs(locs), strategies.near_pairs(scales, positive=True)).map(
        lambda both: (both[0][0], both[1][0], both[0][1], both[1][1])
    )
    return st.one_of(apart, apart, near)
