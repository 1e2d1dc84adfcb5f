"""A function whose mean is a KL divergence: a sequential test with stated error rates.

Each call is made with many identical samples, and gives one observation. Its variance is taken to
be at most three times that of a pilot of 60 calls: averages over hundreds of draws are close to
normal, so that a pilot that falls short by that much has a probability below 1e-9. Under that
assumption a right estimator is accused with probability at most 1e-7, and one whose mean is off by
the resolution passes with probability at most 1e-6, whenever the test stops
(`vaemath.testing.montecarlo`). The resolution is a twentieth of the KL, or 0.7 standard deviations
of a call if that is more; the verdict states it for every input that was tried.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaemath.check.expected.attempt import Attempt
from vaemath.check.expected.design import Point
from vaemath.check.expected.models import Model, models_for
from vaemath.check.reading.options import Options
from vaemath.check.reading.plan import Plan
from vaemath.check.recognition.wording import describe, reduction_of, theorem_of
from vaemath.check.report.verdict import Cause, Verdict
from vaemath.check.sampling.estimator_causes import explain_estimator
from vaemath.check.sampling.sampler import BATCH, Sampler, claimed_kl, law_of_means, repeated_point
from vaemath.testing.montecarlo import Comparison, MeanTest

__all__ = ["examine_estimator"]

Array = NDArray[np.float64]
PILOT, POINTS, MOST = 60, 4, 4000
RESOLUTION, COARSE, MISS = 0.05, 0.7, 1e-6
FALSE_ALARM = 1e-8  # at one input; 1e-7 covers all of them


def examine_estimator(a: Attempt, options: Options) -> Verdict:
    """The verdict on a function whose result is random, or which takes a sample as an argument."""
    theorem, subject = theorem_of(a.plan, options)
    verdict = Verdict(options.target, "correct", subject, theorem, notes=list(a.plan.notes), estimator=True)
    if a.plan.matrix or "x" in a.plan.roles:
        verdict.status = "undecided"
        verdict.missing = (
            "losses and full-covariance KLs that are random, or take a sample, are not examined: "
            "check the KL and the reconstruction apart"
        )
        return verdict
    right = [m for m in models_for(a.plan) if not m.causes]
    sampler = Sampler(a, seed=1000 * options.seed)
    for model in right:
        used = dict(model.used)
        sampler.law = law_of_means(sampler, used)
        if not a.main or sampler.law.latent != 0 or sampler.law.batch not in (0, -1):
            continue
        tried = _agrees(sampler, model, options)
        if tried is None:
            verdict.status = "undecided"
            verdict.missing = f"an estimate that varies less: {MOST} calls were not enough to tell its mean"
            return verdict
        if tried:
            verdict.conventions = describe(a.plan, used)
            verdict.reduction = reduction_of(a.main.kind, sampler.law, a)
            verdict.statistics = _statistics(a.plan, tried)
            verdict.evidence.append(_words(verdict.statistics))
            _gradient(sampler, model, verdict)
            return verdict
    verdict.status = "wrong"
    explain_estimator(sampler, verdict, options)
    return verdict


def _agrees(sampler: Sampler, model: Model, options: Options) -> list[tuple[Point, Comparison, float]] | None:
    """Every input with its comparison and the standard deviation of a call; empty if one was refused,
    None if one stayed open.
    """
    rng = np.random.default_rng(options.seed)
    out = []
    for _ in range(POINTS):
        point = repeated_point(sampler.a, rng)
        claimed = claimed_kl(sampler.a, point, model)
        pilot = sampler.observe(point, dict(model.used), PILOT)
        if not np.all(np.isfinite(pilot)):
            return []
        deviation = float(np.std(pilot))
        test = MeanTest(
            claimed,
            variance=max(3 * deviation**2, 1e-12 * claimed**2),
            resolution=max(RESOLUTION * claimed, COARSE * deviation),
            false_alarm=FALSE_ALARM,
            miss=MISS,
        )
        test.feed(pilot)
        used = PILOT
        while test.decided is None and used < MOST:
            test.feed(sampler.observe(point, dict(model.used), PILOT))
            used += PILOT
        if test.decided is None:
            return None
        if test.decided is False:
            return []
        out.append((point, test.result(), deviation))
    return out


def _statistics(plan: Plan, tried: list[tuple[Point, Comparison, float]]) -> dict[str, Any]:
    """The sequential test as data: both error rates, and at every input what it would have noticed."""
    at = [
        {
            "inputs": {plan.name_of(r): float(v.ravel()[0]) for r, v in p.items() if r not in ("z", "eps")},
            "kl": c.claimed,
            "mean": c.estimate,
            "resolution": c.resolution,
            "standard_deviation_of_a_call": deviation,
            "calls": c.samples,
        }
        for p, c, deviation in tried
    ]
    return {"false_alarm": POINTS * FALSE_ALARM, "miss": MISS, "samples_per_call": BATCH, "at": at}


def _words(statistics: dict[str, Any]) -> str:
    at = statistics["at"]
    calls = sum(p["calls"] for p in at)
    resolution = [p["resolution"] for p in at]
    share = [100 * p["resolution"] / p["kl"] for p in at]
    deviations = [p["resolution"] / p["standard_deviation_of_a_call"] for p in at]
    return (
        f"its mean is the KL at {len(at)} inputs, by a sequential test over {calls} calls of "
        f"{statistics['samples_per_call']} samples: a right one is accused with probability < 1e-7, one "
        f"whose mean is off by {_span(resolution, '.2g')} nats there ({_span(share, '.2g')} % of the KL, "
        f"{_span(deviations, '.1f')} standard deviations of a call) passes with < 1e-6; a smaller "
        "deviation may go unnoticed"
    )


def _span(values: list[float], form: str) -> str:
    low, high = format(min(values), form), format(max(values), form)
    return low if low == high else f"{low} to {high}"


def _gradient(sampler: Sampler, model: Model, verdict: Verdict) -> None:
    """The mean of the gradients, within eight standard errors and a twentieth: a detached sample is
    far off.
    """
    from vaemath.check.recognition.predict import Predictor

    a = sampler.a
    if a.caller.library != "torch" or {"z", "eps"} & set(a.plan.roles):
        return
    point = repeated_point(a, np.random.default_rng(8))
    answers = a.caller.many([point] * PILOT, seed=[5000 + k for k in range(PILOT)], gradients=True)
    if not all(x.graph for x in answers):
        verdict.notes.append("no gradient flows through it: fit for reporting, not for training")
        return
    expected = Predictor(a.plan, dict(model.used), sampler.law).gradients(point)
    for k, role in enumerate(a.plan.roles):
        sums = np.array([_summed(x.gradients, k) for x in answers])
        want = float(expected[role].sum())
        error = float(np.std(sums)) / np.sqrt(PILOT)
        if abs(float(np.mean(sums)) - want) > 8 * error + 0.05 * abs(want):
            verdict.status = "wrong"
            verdict.causes = [Cause("gradient", f"the mean gradient by `{a.plan.name_of(role)}` is wrong")]
            return
    verdict.evidence.append("mean gradients equal to the symbolic ones within eight standard errors")


def _summed(gradients: tuple[Array | None, ...] | None, k: int) -> float:
    one = None if gradients is None else gradients[k]
    return 0.0 if one is None else float(np.sum(one))
