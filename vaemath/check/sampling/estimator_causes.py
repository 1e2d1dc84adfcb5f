"""What is wrong with an estimator whose mean is not the KL divergence."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from vaemath.check.expected.models import Model, models_for
from vaemath.check.reading.options import Options
from vaemath.check.report.verdict import Cause, Counterexample, Verdict
from vaemath.check.sampling.sampler import BATCH, Sampler, claimed_kl, law_of_means, repeated_point

__all__ = ["explain_estimator"]

CALLS = 60


def explain_estimator(sampler: Sampler, verdict: Verdict, options: Options) -> None:
    """Find the model whose multiple fits the means; the means are compared within six standard
    errors.
    """
    a = sampler.a
    rng = np.random.default_rng(options.seed + 2)
    first = models_for(a.plan)[0]
    used = dict(first.used)
    sampler.law = law_of_means(sampler, used)
    points = [repeated_point(a, rng) for _ in range(8)]
    runs = [sampler.observe(p, used, CALLS) for p in points]
    means = np.array([float(np.mean(r)) for r in runs])
    errors = np.array([float(np.std(r)) / np.sqrt(CALLS) + 1e-9 for r in runs])
    if not np.all(np.isfinite(means)):
        verdict.causes = [Cause("not-finite")]
        return
    best: tuple[float, Model, Fraction] | None = None
    for model in models_for(a.plan):
        values = np.array([claimed_kl(a, p, model) for p in points])
        if not np.all(np.isfinite(values)):
            continue
        weight = 1 / errors**2
        k = float((weight * values * means).sum() / (weight * values**2).sum())
        fraction = Fraction(k).limit_denominator(4)
        if fraction == 0 or np.max(np.abs(means - float(fraction) * values) / errors) > 6:
            continue
        cost = model.cost + (fraction != 1)
        if best is None or cost < best[0]:
            best = (cost, model, fraction)
    if best is not None:
        verdict.causes += [Cause(code) for code in best[1].causes]
        if best[2] < 0:
            verdict.causes.append(Cause("sign"))
        if abs(best[2]) != 1:
            verdict.causes.append(Cause("factor", f"its mean is {abs(best[2])} times the KL"))
        if sampler.law.latent == -1:
            verdict.causes.append(Cause("mean-over-latent"))
    verdict.causes.append(Cause("not-equal-in-expectation"))
    wanted = [claimed_kl(a, p, first) for p in points]
    k = int(np.argmax(np.abs(means - wanted) / errors))
    inputs = {
        n: float(points[k][r].ravel()[0])
        for r, n in zip(a.plan.roles, a.plan.names, strict=True)
        if r in points[k]
    }
    shown = {n: round(v, 3) for n, v in inputs.items()}
    of = f"the mean over {CALLS * BATCH} draws"
    verdict.counterexample = Counterexample(shown, wanted[k], float(means[k]), of)
