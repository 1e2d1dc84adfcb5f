"""Functions that draw random numbers: which kind they are, and where they go from here."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vaemath.check.expected.attempt import Attempt
from vaemath.check.expected.design import Caller
from vaemath.check.reading.options import Options
from vaemath.check.reading.plan import Plan
from vaemath.check.report.verdict import Verdict
from vaemath.check.sampling.estimator import examine_estimator
from vaemath.check.sampling.reparameterize import examine_reparameterization

__all__ = ["Nature", "examine", "is_frozen_sample", "nature", "same"]

Array = NDArray[np.float64]
SAMPLERS = ("reparam", "sample", "sampling")
MEASURES = ("kl", "div", "loss", "elbo", "log", "ratio", "nll")


@dataclass(frozen=True)
class Nature:
    """deterministic, seeded (the global seeds decide) or unseeded (its own generator, or state)."""

    kind: str

    @property
    def note(self) -> str:
        """What should be said about it."""
        if self.kind != "unseeded":
            return ""
        return "its result changes from call to call whatever the seeds: it keeps state or a generator"


def nature(a: Attempt) -> Nature:
    """Call it three times at one input: twice with one seed, once with another."""
    assert a.main is not None
    point = a.main.points[0]
    answers = [a.caller.one(point, seed=s) for s in (11, 11, 12)]
    values = [x.value for x in answers if x.value is not None]
    if len(values) < 3:
        return Nature("deterministic")
    if not same(values[0], values[1]):
        return Nature("unseeded")
    return Nature("deterministic" if same(values[0], values[2]) else "seeded")


def same(a: Array, b: Array) -> bool:
    """Equal but for the rounding of sums that may be taken in another order."""
    size = float(np.max(np.abs(a), initial=0.0, where=np.isfinite(a)))
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-6, atol=1e-6 * size, equal_nan=True))


def examine(a: Attempt, options: Options, found: Nature) -> Verdict:
    """A sample, or an estimate of a KL?"""
    if found.kind == "unseeded" and not _draws(a):
        missing = "a result that is the same for the same input: " + found.note
        return Verdict(options.target, "undecided", missing=missing)
    sample = a.plan.family == "reparameterization" or ("eps" in a.plan.roles and _elementwise(a))
    if sample or _is_sample(a, options):
        plan = replace(a.plan, family="reparameterization")
        fixed = replace(a, plan=plan, caller=_with(a.caller, plan))
        verdict = examine_reparameterization(fixed, options, seeded=found.kind != "unseeded")
    else:
        verdict = examine_estimator(a, options)
    verdict.notes += [found.note] if found.note else []
    return verdict


def _with(caller: Caller, plan: Plan) -> Caller:
    return replace(caller, plan=plan)


def _draws(a: Attempt) -> bool:
    """Whether 64 calls look like independent draws rather than a drift: as many rises as falls."""
    assert a.main is not None
    answers = a.caller.many([a.main.points[0]] * 64, seed=5)
    totals = np.array([np.sum(x.value) for x in answers if x.value is not None])
    rises = int(np.sum(np.diff(totals) > 0))
    return len(set(totals.tolist())) > 32 and 12 <= rises <= 51


def is_frozen_sample(a: Attempt, options: Options) -> bool:
    """Whether a deterministic function was meant to draw: its name says so, or it seeds a generator
    itself and draws, and what it returns moves with the mean.
    """
    if not _elementwise(a) or a.main is None:
        return False
    draws = a.caller.one(a.main.points[0], watch=True).draws
    return bool(draws or _called_a_sample(options)) and _moves_with_mean(a)


def _is_sample(a: Attempt, options: Options) -> bool:
    """A sample has one number per element, and moves with the mean when the seed stays."""
    return _elementwise(a) and (_called_a_sample(options) or _moves_with_mean(a))


def _elementwise(a: Attempt) -> bool:
    return a.main is not None and a.main.kind == "elementwise" and a.plan.family == "standard"


def _called_a_sample(options: Options) -> bool:
    name = options.function
    return any(word in name for word in SAMPLERS) and not any(word in name for word in MEASURES)


def _moves_with_mean(a: Attempt) -> bool:
    shape = (100, 50)  # large, so that it can be told without a common seed as well
    means = []
    for loc in (-1.5, 0.0, 1.5):
        point = {r: np.full(shape, loc if r == "loc" else 0.5) for r in a.plan.roles}
        answer = a.caller.one(point, seed=3)
        if answer.value is None:
            return False
        means.append(float(np.mean(answer.value)))
    return abs(means[1] - means[0] - 1.5) < 0.3 and abs(means[2] - means[1] - 1.5) < 0.3
