"""Which oracle belongs to which function, and how its arguments are shaped.

Names are those of the kernels (`kl_normal_diag`); `by_theorem` takes the ids of the theorems as
well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mpmath import mpf

from vaemath.errors import VaemathError
from vaemath.testing.oracles import losses, matrix, normal

__all__ = ["ORACLES", "Oracle", "by_theorem"]


@dataclass(frozen=True)
class Oracle:
    """A closed form in high precision: its arguments, their event dimensions, its value and its
    gradients.

    `events` counts the event dimensions of each argument (0 a number, 1 a vector, 2 a matrix); the
    result has none. `value` and `grad` take one event: numbers, lists of numbers or mpmath
    matrices.
    """

    name: str
    arguments: tuple[str, ...]
    events: tuple[int, ...]
    value: Callable[..., Any]
    grad: Callable[..., tuple[Any, ...]]

    @property
    def matrices(self) -> bool:
        """Whether events are passed as mpmath matrices."""
        return 2 in self.events


def _summed(value: Callable[..., Any]) -> Callable[..., Any]:
    """The sum over coordinates."""
    return lambda *arguments: sum((value(*each) for each in zip(*arguments, strict=True)), mpf(0))


def _by_coordinate(grad: Callable[..., tuple[Any, ...]]) -> Callable[..., tuple[Any, ...]]:
    """The gradients of that sum."""
    return lambda *arguments: tuple(
        list(column) for column in zip(*(grad(*each) for each in zip(*arguments, strict=True)), strict=True)
    )


_PAIR = ("loc_p", "scale_p", "loc_q", "scale_q")
_TRIL = ("loc_p", "scale_tril_p", "loc_q", "scale_tril_q")
_COVARIANCE = ("loc_p", "covariance_p", "loc_q", "covariance_q")

ORACLES: dict[str, Oracle] = {
    o.name: o
    for o in (
        Oracle(
            "kl_normal_standard",
            ("loc", "logvar"),
            (0, 0),
            normal.kl_normal_standard,
            normal.kl_normal_standard_grad,
        ),
        Oracle("kl_normal", _PAIR, (0, 0, 0, 0), normal.kl_normal, normal.kl_normal_grad),
        Oracle(
            "kl_normal_diag",
            _PAIR,
            (1, 1, 1, 1),
            _summed(normal.kl_normal),
            _by_coordinate(normal.kl_normal_grad),
        ),
        Oracle(
            "kl_normal_diag_standard",
            ("loc", "logvar"),
            (1, 1),
            _summed(normal.kl_normal_standard),
            _by_coordinate(normal.kl_normal_standard_grad),
        ),
        Oracle("kl_mvn", _TRIL, (1, 2, 1, 2), matrix.kl_mvn, matrix.kl_mvn_grad),
        Oracle(
            "kl_mvn_covariance",
            _COVARIANCE,
            (1, 2, 1, 2),
            matrix.kl_mvn_covariance,
            matrix.kl_mvn_covariance_grad,
        ),
        Oracle(
            "loss_gaussian",
            ("x", "mean", "loc", "logvar"),
            (1, 1, 1, 1),
            losses.loss_gaussian,
            losses.loss_gaussian_grad,
        ),
        Oracle(
            "loss_bernoulli",
            ("x", "logits", "loc", "logvar"),
            (1, 1, 1, 1),
            losses.loss_bernoulli,
            losses.loss_bernoulli_grad,
        ),
    )
}


def by_theorem(name: str) -> Oracle:
    """The oracle of a kernel (`kl_normal`) or of a theorem (`kl-normal`). Raises `VaemathError` for
    another name.
    """
    key = name.replace("-", "_")
    if key not in ORACLES:
        raise VaemathError(f"name: got {name!r}; expected one of {', '.join(ORACLES)}")
    return ORACLES[key]
