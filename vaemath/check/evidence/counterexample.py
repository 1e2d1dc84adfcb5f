"""The smallest input at which the function is wrong: simple numbers first, few dimensions first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaemath.check.expected.design import Caller, Point
from vaemath.check.reading.plan import Plan
from vaemath.check.recognition.predict import Predictor
from vaemath.check.report.verdict import Counterexample
from vaemath.testing.conventions import SPREADS

__all__ = ["find", "simple_points"]

Array = NDArray[np.float64]
SHAPES = ((1, 1), (1, 2), (1, 4), (2, 1), (2, 3))


def find(caller: Caller, predictor: Predictor, *, data: int) -> Counterexample | None:
    """The first of a list of simple inputs at which the total is off by more than 1e-4, or is not
    finite.
    """
    for batch, latent in SHAPES:
        points = list(simple_points(caller.plan, batch, latent, data if data >= 700 else latent))
        for point, answer in zip(points, caller.many(points), strict=True):
            with np.errstate(all="ignore"):
                expected = predictor.total(point)
            if answer.error is not None or answer.value is None or not np.isfinite(expected):
                continue
            got = float(np.sum(answer.value))
            if not abs(got - expected) <= 1e-4 * max(abs(expected), 1e-2):
                return Counterexample(_shown(caller.plan, point), expected, got)
    return None


def simple_points(plan: Plan, batch: int, latent: int, data: int) -> Iterator[Point]:
    """Constant inputs of simple numbers, the standard normal first."""
    locs: tuple[float, ...] = (0.0, 1.0, -1.0, 2.0)
    choices: list[tuple[float, ...]] = []
    for role in plan.roles:
        if role.startswith("loc"):
            choices.append(locs if role == "loc" else (0.0, 1.0))
        elif role.startswith("spread"):
            convention = plan.conventions[role][0]
            positive = plan.matrix or SPREADS[convention].positive
            choices.append((1.0, 2.0, 0.5) if positive else (0.0, 1.0, -1.0, 2.0))
        elif role == "x":
            choices.append((0.0, 1.0))
        elif role == "recon":
            choices.append({"mean": (0.0, 1.0), "logits": (0.0, 1.0), "probs": (0.5, 0.25)}[plan.decoder])
        else:
            choices.append((0.0, 1.0))
    ordered = sorted(product(*choices), key=lambda v: sum(abs(x) for x in v))
    for correlated in (False, True) if plan.matrix and latent == 2 else (False,):
        for values in ordered:
            yield {
                role: _full(
                    plan,
                    role,
                    value,
                    (batch, data if role in ("x", "recon") else latent),
                    correlated,
                )
                for role, value in zip(plan.roles, values, strict=True)
            }


def _full(plan: Plan, role: str, value: float, shape: tuple[int, int], correlated: bool) -> Array:
    if not (plan.matrix and role.startswith("spread")):
        return np.full(shape, value)
    matrix = np.eye(shape[1])
    if correlated:
        matrix[1, 0] = 0.5
        if plan.conventions[role][0] != "scale_tril":
            matrix[0, 1] = 0.5
    return np.broadcast_to(value * matrix, (*shape, shape[1])).copy()


def _shown(plan: Plan, point: Point) -> dict[str, Any]:
    """Inputs by the function's own names: a number where there is one, else nested lists."""
    out: dict[str, Any] = {}
    for role, name in zip(plan.roles, plan.names, strict=True):
        a = point[role]
        if a.size == 1:
            out[name] = float(a.ravel()[0])
        elif a.size <= 12:
            out[name] = a.tolist()
        else:
            out[name] = f"{a.ravel()[0]:g} everywhere, shape {a.shape}"
    return out
