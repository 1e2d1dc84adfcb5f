"""Are the gradients the symbolic ones?  For torch functions whose value is right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vaemath.check.attempt import Attempt
from vaemath.check.design import BOXES, Point, draw
from vaemath.check.predict import Predictor
from vaemath.check.process import Answer
from vaemath.check.verdict import Cause, Counterexample

__all__ = ["Gradients", "compare_gradients"]


class Gradients:
    """Causes, an example, how many inputs were compared, and a note where there is no gradient to
    compare.
    """

    def __init__(self) -> None:
        self.causes: list[Cause] = []
        self.example: Counterexample | None = None
        self.compared = 0
        self.note = ""


def compare_gradients(a: Attempt, predictor: Predictor, rng: np.random.Generator) -> Gradients:
    """Autograd of the summed result against the verified gradients, at random inputs."""
    out = Gradients()
    if a.caller.library != "torch":
        return out
    points = [draw(a.plan, rng, a.sizes, BOXES["main"]) for _ in range(4)]
    answers = a.caller.many(points, gradients=True)
    first = answers[0]
    if first.error is not None and replace(a.caller, library="numpy").one(points[0]).error is None:
        out.note = "it takes numpy arrays: no gradients were compared"
        return out
    if first.error is not None:
        out.causes.append(Cause("gradient", f"with inputs that require gradients it raises {first.error}"))
        return out
    if not first.graph:
        if first.form not in ("tensor", "tuple", "list", "dict"):
            out.note = "it returns a plain number: fit for reporting, not for training"
            return out
        out.causes.append(Cause("gradient", "no gradient flows back to any of its inputs"))
        return out
    for point, answer in zip(points, answers, strict=True):
        if _compare(a, predictor, point, answer, out):
            return out
        out.compared += 1
    return out


def _compare(a: Attempt, predictor: Predictor, point: Point, answer: Answer, out: Gradients) -> bool:
    expected = predictor.gradients(point)
    for k, role in enumerate(a.plan.roles):
        if role not in expected or answer.gradients is None:
            continue
        want, got = expected[role], answer.gradients[k]
        name = a.plan.name_of(role)
        if got is None:
            out.causes.append(Cause("gradient", f"no gradient flows back to `{name}`"))
            return True
        if a.plan.matrix and role.startswith("spread"):
            if predictor.used[role] == "covariance":
                got = (got + np.swapaxes(got, -1, -2)) / 2
            elif predictor.used[role] == "scale_tril":
                got, want = np.tril(got), np.tril(want)
            else:
                continue
        bad = ~(np.abs(got - want) <= 1e-3 * float(np.abs(want).max()))
        if bad.any():
            index = tuple(int(i) for i in np.argwhere(bad)[0])
            out.causes.append(Cause("gradient", f"the gradient by `{name}` is wrong"))
            where = {
                n: float(point[r][index])
                for r, n in zip(a.plan.roles, a.plan.names, strict=True)
                if point[r].shape == want.shape
            }
            out.example = Counterexample(
                {**where, "gradient by": name}, float(want[index]), float(got[index])
            )
            return True
    return False
