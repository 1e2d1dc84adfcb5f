"""Are the gradients the symbolic ones?  For torch functions whose value is right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vaemath.check.calling.process import Answer
from vaemath.check.expected.attempt import Attempt
from vaemath.check.expected.design import BOXES, Point, draw
from vaemath.check.recognition.predict import Predictor
from vaemath.check.report.verdict import Cause, Counterexample

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
            return _pardoned(a, points[0], out)
        out.compared += 1
    return out


def _pardoned(a: Attempt, point: Point, found: Gradients) -> Gradients:
    """A function that names neither library and takes numpy arrays promises no gradient."""
    if not a.caller.process.description.get("neutral"):
        return found
    if replace(a.caller, library="numpy").one(point).error is not None:
        return found
    out = Gradients()
    out.note = f"of tensors, {found.causes[0].detail}: fit for arrays and for reporting, not for training"
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
            of = f"the gradient by `{name}`"
            out.example = Counterexample(where, float(want[index]), float(got[index]), of)
            return True
    return False
