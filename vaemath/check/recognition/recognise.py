"""Recognise a deterministic function: the model it equals, how it is reduced, and which constants
it has.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vaemath.check.expected.attempt import Attempt
from vaemath.check.expected.design import BOXES
from vaemath.check.expected.models import models_for
from vaemath.check.expected.observe import Failure, Observations, gather
from vaemath.check.recognition.explain import Explanation, explain_factor
from vaemath.check.recognition.match import Law, Match, law_of, match
from vaemath.check.recognition.parts import constants, kl_constant, loss
from vaemath.check.recognition.recognised import Recognised
from vaemath.check.report.verdict import Cause

__all__ = ["recognise"]

Array = NDArray[np.float64]


def recognise(a: Attempt, rng: np.random.Generator, *, declared_mean: bool, name: str) -> list[Recognised]:
    """Every model that the function equals up to factors and constants, fewest mistakes first."""
    for box in ("main", "unit", "small", "large"):
        first = a.main if box == "main" else _gather(a, rng, box, 0)
        if first is None:
            continue
        tight = box != "main"
        found = [m for model in models_for(a.plan) if (m := match(a.plan, first, model, tight=tight))]
        if not found and a.plan.matrix:
            found = _diagonal(a, rng, box)
            if found:
                first = None
        if found:
            out = [_laws(a, m, box, rng, declared_mean, name, diagonal=first is None) for m in found]
            return sorted([r for r in out if r], key=lambda r: r.explanation.cost)
    return []


def _gather(
    a: Attempt, rng: np.random.Generator, box: str, k: int, *, diagonal: bool = False
) -> Observations | None:
    try:
        return gather(a.caller, rng, a.shapes[k], BOXES[box], diagonal=diagonal)
    except Failure:
        return None


def _diagonal(a: Attempt, rng: np.random.Generator, box: str) -> list[Match]:
    """Matches on diagonal matrices alone: enough to see that a matrix is misread."""
    observations = _gather(a, rng, box, 0, diagonal=True)
    if observations is None:
        return []
    out = [match(a.plan, observations, model) for model in models_for(a.plan)]
    return [m for m in out if m and m.model.causes]


def _laws(
    a: Attempt,
    first: Match,
    box: str,
    rng: np.random.Generator,
    declared_mean: bool,
    name: str,
    *,
    diagonal: bool,
) -> Recognised | None:
    matches, sizes, kinds = [], [], []
    for k in range(len(a.shapes)):
        observations = _gather(a, rng, box, k, diagonal=diagonal)
        tight = box != "main"
        m = match(a.plan, observations, first.model, tight=tight) if observations is not None else None
        if m is None or observations is None:
            return None
        matches.append(m)
        size = a.shapes[k]
        sizes.append((size.batch if a.caller.batched else 1, size.latent, size.data))
        kinds.append(observations.kind)
    laws = [law_of([m.factors[i] for m in matches], sizes) for i in range(len(first.factors))]
    if any(law is None for law in laws):
        return None
    kl, recon = laws[-1], laws[0] if len(laws) == 2 else None
    assert kl is not None
    model = first.model
    causes = [Cause(code) for code in model.causes]
    notes: list[str] = []
    per_sample = constants(matches, sizes, kl, kinds[0])
    if not any("-as-" in code for code in model.causes):  # from now on the spreads mean this
        narrow: dict[str, tuple[str, ...]] = {role: (convention,) for role, convention in model.used}
        plan = replace(a.plan, conventions=narrow)
        a = replace(a, plan=plan, caller=replace(a.caller, plan=plan))
    result = Recognised(a, model, kl, recon, Explanation(causes, model), first.residual, box)
    if recon is None:
        sign = -1 if kl.rate < 0 and name.startswith(("neg", "minus")) else 1
        if sign < 0:
            notes.append("its name says that it is minus the KL")
        law = Law(sign * kl.rate, kl.batch, kl.latent, kl.data)
        causes += explain_factor(law, declared_mean=declared_mean)
        causes += kl_constant(per_sample, kl)
    else:
        turned = -1.0 if kl.rate * recon.rate < 0 else 1.0
        if per_sample is not None:
            per_sample = (turned * per_sample[0], turned * per_sample[1], turned * per_sample[2])
        loss(result, recon, per_sample, declared_mean, name)
    result.notes += notes
    return result
