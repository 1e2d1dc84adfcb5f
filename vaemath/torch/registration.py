"""Our kernels behind `torch.distributions.kl_divergence`, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.distributions import MultivariateNormal, Normal
from torch.distributions import kl as registry

from vaemath.kernels.torch import kl_mvn, kl_mvn_covariance, kl_normal

_PAIRS = ((Normal, Normal), (MultivariateNormal, MultivariateNormal))


def _normal(p: Normal, q: Normal) -> Tensor:
    return kl_normal(p.loc, p.scale, q.loc, q.scale)


def _multivariate(p: MultivariateNormal, q: MultivariateNormal) -> Tensor:
    if p.event_shape != q.event_shape:
        raise ValueError(
            f"kl_divergence: the events have shapes {tuple(p.event_shape)} and {tuple(q.event_shape)}; "
            "expected one shape"
        )
    # a covariance that was given says more about a near pair than the factors computed from it
    if "covariance_matrix" in p.__dict__ and "covariance_matrix" in q.__dict__:
        return kl_mvn_covariance(p.loc, p.covariance_matrix, q.loc, q.covariance_matrix)
    return kl_mvn(p.loc, torch.tril(p.scale_tril), q.loc, torch.tril(q.scale_tril))


class Registration:
    """What `register_kl` did; `undo()`, or the end of a `with` block, takes it back."""

    def __init__(self, before: dict[Any, Callable[..., Tensor]]) -> None:
        self._before: dict[Any, Callable[..., Tensor]] | None = before

    def undo(self) -> None:
        """Restore what was registered before; a second call does nothing."""
        if self._before is not None:
            registry._KL_REGISTRY.update(self._before)
            registry._KL_MEMOIZE.clear()
            self._before = None

    def __enter__(self) -> Registration:
        return self

    def __exit__(self, *_: object) -> None:
        self.undo()


def register_kl() -> Registration:
    """Let `torch.distributions.kl_divergence` use the generated kernels.

    It then holds for Normal, for Independent(Normal), whose coordinates torch sums, and for
    MultivariateNormal in all three parametrisations; broadcasting and batch shapes are torch's own.

    Returns:
        A handle whose `undo()` restores torch's implementations.
    """
    before = {pair: registry._KL_REGISTRY[pair] for pair in _PAIRS}
    ours: tuple[Any, ...] = (_normal, _multivariate)
    registry._KL_REGISTRY.update(zip(_PAIRS, ours, strict=True))
    registry._KL_MEMOIZE.clear()
    return Registration(before)
