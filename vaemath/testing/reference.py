"""A KL function against the high-precision oracle: values in units of rounding, gradients element
by element.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaemath.errors import VaemathError
from vaemath.testing.check_identities import pairs
from vaemath.testing.comparing import Pair, Tolerance, differ
from vaemath.testing.conventions import SPREADS
from vaemath.testing.falsified import Falsified
from vaemath.testing.oracles import gradient, value
from vaemath.testing.search import search
from vaemath.testing.strategies import Regime
from vaemath.testing.subject import Dtype, Library, Reduction, Subject, subject

__all__ = [
    "assert_gradients",
    "assert_matches_oracle",
    "oracle_gradients",
    "oracle_values",
]

Array = NDArray[np.float64]
SHAPE = (2, 2)


def oracle_values(s: Subject, p: Pair) -> Array:
    """The high-precision KL of each batch element (elementwise families: of each element), as
    float64.
    """
    name = "kl_mvn" if s.family.matrix else ("kl_normal_diag" if s.family.event else "kl_normal")
    return value(name, *p)


def assert_matches_oracle(
    kl: Callable[..., Any],
    *,
    against: str = "kl-normal",
    takes: str | None = None,
    library: Library = "numpy",
    dtype: Dtype | None = None,
    reduction: Reduction = "none",
    regime: Regime = "ordinary",
    examples: int = 30,
    ulps: float = 256.0,
    strict: bool = False,
) -> None:
    """Raise `Falsified`, with the smallest input found, where `kl` is not the closed form at high
    precision.

    Options and tolerance as for `assert_kl_identities`; with `strict` the error is measured against
    the KL itself.
    """
    s = subject(kl, against, takes=takes, library=library, dtype=dtype, reduction=reduction)
    tolerance = Tolerance(ulps, strict)

    def statement(p: Pair) -> None:
        q: Pair = s.settled(*p)  # type: ignore[assignment]
        got, expected = s(*q), oracle_values(s, q)
        bad = differ(s, got, expected, tolerance.of(s, expected, q))
        if bad.any():
            worst = np.unravel_index(int(np.argmax(bad)), bad.shape)
            raise Falsified(
                function=s.name,
                identity=f"it equals {against} at high precision",
                inputs=_arguments(s, q, worst),
                left=("got", got[worst]),
                right=("expected", expected[worst]),
            )

    drawn = pairs(s, SHAPE, regime=regime, gap=tolerance.gap(s))
    search(drawn, statement, s, f"it equals {against}", examples, tolerance.words(s, regime))


def assert_gradients(
    kl: Callable[..., Any],
    *,
    against: str = "kl-normal",
    takes: str | None = None,
    gradients: Callable[..., tuple[Any, ...]] | None = None,
    library: Library = "torch",
    dtype: Dtype | None = None,
    reduction: Reduction = "none",
    regime: Regime = "ordinary",
    examples: int = 30,
    ulps: float = 1024.0,
) -> None:
    """Raise `Falsified` where the gradients of the summed KL are not the symbolic ones.

    Without `gradients`, `kl` is a function of torch, whose autograd is asked, or of jax, and
    `jax.grad` is. Otherwise `gradients` takes the same numpy arrays as `kl` and returns one
    gradient per argument. Not for full covariances
    given as covariance or precision (their gradients depend on how symmetry is read); raises
    `VaemathError` for those.
    """
    if gradients is None and library == "numpy":
        raise VaemathError("gradients: got none for library='numpy'; expected a function that returns them")
    library = library if gradients is None else "numpy"
    s = subject(kl, against, takes=takes, library=library, dtype=dtype, reduction=reduction)
    if {"covariance", "precision_matrix"} & set(s.takes):
        raise VaemathError(f"takes: got {takes!r}; expected Cholesky factors where gradients are compared")

    tolerance = Tolerance(ulps)

    def statement(p: Pair) -> None:
        q: Pair = s.settled(*p)  # type: ignore[assignment]
        got = _autograd(s, q) if gradients is None else gradients(*s.parameters(*q))
        expected = oracle_gradients(s, q)
        for k, (one, other) in enumerate(zip(got, expected, strict=True)):
            size = 1 + np.abs(other).max() + _steepness(s, q)
            allowed = np.asarray(tolerance.ulps * s.eps * size)
            bad = differ(s, np.asarray(one, dtype=np.float64), other, allowed)
            if s.takes[k] == "scale_tril":  # nothing is said about entries that are not read
                bad = np.tril(bad)
            if bad.any():
                worst = np.unravel_index(int(np.argmax(bad)), bad.shape)
                raise Falsified(
                    function=s.name,
                    identity=f"its gradient by {s.names[k]} is that of {against}",
                    inputs=_arguments(s, q, ()),
                    left=(f"got at {list(map(int, worst))}", np.asarray(one)[worst]),
                    right=("expected", other[worst]),
                )

    drawn = pairs(s, SHAPE, regime=regime)
    search(drawn, statement, s, "its gradient exists", examples, tolerance.words(s, regime))


def oracle_gradients(s: Subject, p: Pair) -> tuple[Array, ...]:
    """The gradients of the summed KL by the function's own parameters, by the chain rule from those
    by the scales.
    """
    name = "kl_mvn" if s.family.matrix else ("kl_normal_diag" if s.family.event else "kl_normal")
    by_scale = gradient(name, *p)
    used = by_scale if s.family.pair else by_scale[:2]
    out = []
    for convention, g, scale in zip(s.takes, used, p, strict=False):
        out.append(g * SPREADS[convention].slope(scale, np) if convention in SPREADS else g)
    return tuple(out)


def _steepness(s: Subject, p: Pair) -> float:
    """A bound for the terms that the gradients add up."""
    loc_p, scale_p, loc_q, scale_q = p
    if s.family.matrix:
        inverse_p, inverse_q = np.linalg.inv(scale_p), np.linalg.inv(scale_q)
        w = np.abs(inverse_q).sum() * (1 + np.abs(scale_p).sum() + np.abs(loc_p).sum() + np.abs(loc_q).sum())
        return float(
            (1 + w**2)
            * (1 + np.abs(inverse_p).sum() + np.abs(inverse_q).sum())
            * np.linalg.cond(scale_q).max()
        )
    w = (scale_p + np.abs(loc_p) + np.abs(loc_q)) / scale_q
    logs = 1 + np.abs(np.log(scale_p)) + np.abs(np.log(scale_q))
    slopes = [SPREADS[c].slope(m, np) for c, m in zip(s.takes, p, strict=False) if c in SPREADS]
    steep = max(float(np.max(np.abs(a), initial=0.0)) for a in slopes)
    return float(np.max((1 + w**2) * (1 + 1 / scale_p + 1 / scale_q) * logs)) * (1 + steep)


def _autograd(s: Subject, p: Pair) -> list[Array]:
    """The gradients of the summed KL by the library's own means; those of a mean are scaled back."""
    count = p[0].size if s.family.event == 0 else len(p[0])
    factor = float(count) if s.reduction == "mean" else 1.0
    with s.library_types():
        leaves = [s.given(a) for a in s.parameters(*p)]
        if s.library == "jax":
            import jax

            found = jax.grad(lambda *a: s.function(*a).sum(), argnums=tuple(range(len(leaves))))(*leaves)
            return [factor * np.asarray(g, dtype=np.float64) for g in found]
        import torch

        leaves = [x.requires_grad_() for x in leaves]
        grads = torch.autograd.grad(s.function(*leaves).sum(), leaves, allow_unused=True)
    return [
        np.zeros(tuple(x.shape)) if g is None else factor * g.double().numpy()
        for x, g in zip(leaves, grads, strict=True)
    ]


def _arguments(s: Subject, p: Pair, index: tuple[Any, ...]) -> dict[str, Any]:
    return {name: a[index] for name, a in zip(s.names, s.parameters(*p), strict=True)}
