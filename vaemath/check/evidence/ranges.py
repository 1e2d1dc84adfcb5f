"""Is the formula right everywhere?  One parameter at a time is moved out of the box in which it was
matched.
"""

from __future__ import annotations

import numpy as np

from vaemath.check.expected.attempt import Attempt
from vaemath.check.expected.design import Point
from vaemath.check.recognition.predict import Predictor
from vaemath.check.report.verdict import Cause, Counterexample
from vaemath.testing.conventions import SPREADS

__all__ = ["Ranges", "scan"]

LOCS = (0.0, 0.01, 0.1, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 99.0)
#: log-variances; beyond 12 (a standard deviation below 0.0025 or above 400) a guard is a matter of
#: taste
LOGS = (0.0, 0.05, 0.2, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 9.0, 10.0, 11.0, 12.0)
GUARDS = (13.0, 16.0, 20.0, 25.0, 30.0)
ORDINARY = 5.0


class Ranges:
    """What the scan found: causes that make the function wrong, with an example, and advice."""

    def __init__(self) -> None:
        self.causes: list[Cause] = []
        self.example: Counterexample | None = None
        self.advice: list[str] = []


def scan(a: Attempt, predictor: Predictor) -> Ranges:
    """Move every location and spread through its range, the others being held at ordinary values."""
    out = Ranges()
    for role in a.plan.roles:
        if role.startswith("loc"):
            for sign in (1.0, -1.0):
                _along(a, predictor, role, [sign * v for v in LOCS], list(LOCS), out)
        elif role.startswith("spread") and not a.plan.matrix:
            for sign in (1.0, -1.0):
                values = [_raw(predictor.used[role], sign * v) for v in (*LOGS, *GUARDS)]
                _along(a, predictor, role, values, [*LOGS, *GUARDS], out)
    return out


def _raw(convention: str, log_variance: float) -> float:
    with np.errstate(all="ignore"):
        return float(SPREADS[convention].from_scale(np.exp(log_variance / 2), np))


def _point(a: Attempt, predictor: Predictor, role: str, value: float) -> Point:
    batch, latent = (2 if a.caller.batched else 1), 2
    data = a.sizes.data
    out: Point = {}
    for other in a.plan.roles:
        if other in ("x", "recon"):
            level = {"x": 0.5, "recon": 0.25}[other]
            out[other] = np.full((batch, data), level)
            continue
        if other.startswith("loc"):
            number = value if other == role else {"loc": 0.3, "loc_q": 0.1}[other]
            out[other] = np.full((batch, latent), number)
            continue
        level = {"spread": 0.2, "spread_q": 0.3}.get(other, 0.0)
        if a.plan.matrix:
            out[other] = np.broadcast_to((1 + level) * np.eye(latent), (batch, latent, latent)).copy()
        else:
            number = value if other == role else _raw(predictor.used[other], level)
            out[other] = np.full((batch, latent), number)
    return out


def _along(
    a: Attempt,
    predictor: Predictor,
    role: str,
    values: list[float],
    sizes: list[float],
    out: Ranges,
) -> None:
    pairs = [(v, s) for v, s in zip(values, sizes, strict=True) if np.isfinite(v)]
    points = [_point(a, predictor, role, v) for v, _ in pairs]
    answers = a.caller.many(points)
    name = a.plan.name_of(role)
    got: list[float] = []
    for (value, size), point, answer in zip(pairs, points, answers, strict=True):
        with np.errstate(all="ignore"):
            expected = predictor.total(point)
        number = float(np.sum(answer.value)) if answer.value is not None else float("nan")
        got.append(number)
        if abs(number - expected) <= 1e-3 * max(abs(expected), 1e-3):
            continue
        guard = role.startswith("spread") and size > LOGS[-1]
        finite = np.isfinite(number)
        if not finite and size > ORDINARY and role.startswith("spread"):
            out.advice.append(f"at {name} = {value:.4g} it returns {number}; the value is {expected:.6g}")
            return
        if guard:
            out.advice.append(
                f"{name} is guarded: at {value:.4g} it gives {number:.6g}, the value is {expected:.6g}"
            )
            return
        flat = finite and _is_flat(a, predictor, role, value, number)
        if not finite:
            out.causes.append(Cause("not-finite", f"at {name} = {value:.4g} it returns {number}"))
        elif flat:
            out.causes.append(Cause("clamped-parameter", f"`{name}` stops having an effect near {value:.4g}"))
        elif size <= ORDINARY or role.startswith("loc"):
            out.causes.append(Cause("wrong-term", f"the formula does not hold at {name} = {value:.4g}"))
        else:
            out.advice.append(f"at {name} = {value:.4g} it gives {number:.6g}; the value is {expected:.6g}")
            return
        if out.example is None:
            inputs = {n: float(point[r].ravel()[0]) for r, n in zip(a.plan.roles, a.plan.names, strict=True)}
            batch, latent = np.shape(point["loc"])
            of = f"everywhere, the sum of the result for {batch} samples of {latent} dimensions"
            out.example = Counterexample(inputs, expected, number, of)
        return


def _is_flat(a: Attempt, predictor: Predictor, role: str, value: float, number: float) -> bool:
    """Whether moving on, away from the middle, changes nothing: a clamp. (An epsilon fades in
    slowly.)
    """
    middle = _raw(predictor.used[role], 0.0) if role.startswith("spread") else 0.0
    steps = [value + (value - middle) * f for f in (0.02, 0.04)]
    answers = a.caller.many([_point(a, predictor, role, v) for v in steps])
    for answer in answers:
        if answer.value is None or abs(float(np.sum(answer.value)) - number) > 1e-9 * max(abs(number), 1e-6):
            return False
    return True
