"""Behaviour at the edges: advice, beside what our kernel gives at the same input, never an
accusation.

Digits are counted in units in the last place (ULP) of the type that the function works in.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from mpmath import mpf
from numpy.typing import NDArray

import vaemath.kernels.numpy as kernels
from vaemath.check.expected.attempt import Attempt
from vaemath.check.expected.design import Point
from vaemath.check.recognition.predict import Predictor
from vaemath.testing.conventions import SPREADS
from vaemath.testing.oracles import exact, ulp_errors

__all__ = ["advice"]

Array = NDArray[Any]
#: (log-scale of p, log-scale of q, difference of the means in units of q)
NEAR = ((1e-4, 0.0, 1e-4), (1e-6, 0.0, 0.0), (-1e-7, 0.0, 1e-8), (0.0, 0.0, 1e-9))
FAR = ((30.0, 0.0, 0.0), (-30.0, 0.0, 0.0), (45.0, 0.0, 0.0), (-52.0, 0.0, 0.0), (0.0, 0.0, 1e12))
MANY = 1e4  # ULP: a quarter of the digits of a double, half of those of a single


def advice(a: Attempt, predictor: Predictor) -> list[str]:
    """What happens near equality, far away, and to the gradient at the optimum."""
    if a.plan.matrix or a.plan.decoder or not a.caller.batched or predictor.kl.rate < 0:
        return []
    out = []
    for dtype in ("float64", "float32"):
        caller = replace(a.caller, dtype=dtype)
        probe = replace(a, caller=caller)
        near = _worst(probe, predictor, NEAR, dtype)
        far = _worst(probe, predictor, FAR, dtype)
        if near and near[0] > MANY:
            lost = "every digit" if near[0] > 0.1 / np.finfo(dtype).eps else "many digits"
            out.append(f"{dtype}, near equality it loses {lost}: {near[1]}")
        if near and near[2]:
            out.append(f"{dtype}, near equality it is negative: {near[2]}")
        if far and far[0] > MANY:
            out.append(f"{dtype}, far from equality: {far[1]}")
    return [*out, *_gradient(a, predictor)]


def _worst(
    a: Attempt, predictor: Predictor, cases: tuple[tuple[float, float, float], ...], dtype: str
) -> tuple[float, str, str] | None:
    points = [_point(a, predictor, *case, dtype) for case in cases]
    answers = a.caller.many(points)
    worst, words, negative = 0.0, "", ""
    for point, answer in zip(points, answers, strict=True):
        scales = _canonical(predictor, point)
        if answer.value is None or not all(np.all(np.isfinite(s)) and np.all(s != 0) for s in scales[1::2]):
            continue
        truth = exact("kl_normal", *scales)
        with np.errstate(all="ignore"):
            got = np.asarray(np.sum(answer.value)).astype(dtype).reshape(1, 1)
        with np.errstate(all="ignore"):
            ours = np.asarray(kernels.kl_normal(*scales)).astype(dtype)
        if abs(truth[0, 0]) < mpf(float(np.finfo(dtype).tiny)):
            continue
        error, own = float(ulp_errors(got, truth)[0, 0]), float(ulp_errors(ours, truth)[0, 0])
        inputs = ", ".join(
            f"{n} = {float(point[r][0, 0]):.6g}" for r, n in zip(a.plan.roles, a.plan.names, strict=True)
        )
        if error > worst:
            worst = error
            size = "not finite" if not np.isfinite(error) else f"{error:.2g} ULP off"
            numbers = f"{float(got[0, 0]):.6g}, exact {float(truth[0, 0]):.6g}"
            words = f"{inputs} gives {numbers} ({size}; our kernel {own:.2g})"
        if float(got[0, 0]) < 0:
            negative = f"{inputs} gives {float(got[0, 0]):.3g}"
    return (worst, words, negative) if words else None


def _point(a: Attempt, predictor: Predictor, log_p: float, log_q: float, shift: float, dtype: str) -> Point:
    """One element; the raw parameters are rounded to the dtype first, so that everybody sees the
    same numbers.
    """
    out: Point = {}
    for role in a.plan.roles:
        if role == "loc":
            number = shift
        elif role == "loc_q":
            number = 0.0
        else:
            scale = np.exp(np.float64(log_p if role == "spread" else log_q))
            with np.errstate(all="ignore"):
                number = float(SPREADS[predictor.used[role]].from_scale(scale, np))
        with np.errstate(all="ignore"):
            out[role] = np.full((1, 1), number).astype(dtype).astype(np.float64)
    return out


def _canonical(predictor: Predictor, point: Point) -> list[Array]:
    with np.errstate(all="ignore"):
        first = [point["loc"], SPREADS[predictor.used["spread"]].to_scale(point["spread"], np)]
        if "spread_q" not in point:
            return [*first, np.zeros((1, 1)), np.ones((1, 1))]
        second = SPREADS[predictor.used["spread_q"]].to_scale(point["spread_q"], np)
        return [*first, point["loc_q"], second]


def _gradient(a: Attempt, predictor: Predictor) -> list[str]:
    if a.caller.library != "torch":
        return []
    point = _point(a, predictor, 0.0, 0.0, 0.0, "float64")
    answer = a.caller.one(point, gradients=True)
    for role, gradient in zip(a.plan.roles, answer.gradients or (), strict=False):
        if gradient is not None and not np.all(np.isfinite(gradient)):
            return [
                f"where the distributions are equal the gradient by `{a.plan.name_of(role)}` is not finite"
            ]
    return []
