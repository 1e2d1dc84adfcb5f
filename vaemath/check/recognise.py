"""Recognise a deterministic function: the model it equals, how it is reduced, and which constants
it has.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from vaemath.check.attempt import Attempt
from vaemath.check.design import BOXES
from vaemath.check.explain import Explanation, explain_factor
from vaemath.check.match import Law, Match, law_of, match, rational
from vaemath.check.models import Model, models_for
from vaemath.check.observe import Failure, Observations, gather
from vaemath.check.verdict import Cause

__all__ = ["Recognised", "recognise"]

Array = NDArray[np.float64]


@dataclass
class Recognised:
    """An attempt with the model that it equals, the laws of its parts, and what is wrong with
    those.
    """

    attempt: Attempt
    model: Model
    kl: Law
    recon: Law | None
    explanation: Explanation
    residual: float
    box: str
    per_data: float = 0.0
    notes: list[str] = field(default_factory=list)


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
    per_sample = _constants(matches, sizes, kl, kinds[0])
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
        causes += _kl_constant(per_sample, kl)
    else:
        turned = -1.0 if kl.rate * recon.rate < 0 else 1.0
        if per_sample is not None:
            per_sample = (turned * per_sample[0], turned * per_sample[1], turned * per_sample[2])
        _loss(result, recon, per_sample, declared_mean, name)
    result.notes += notes
    return result


def _constants(
    matches: list[Match], sizes: list[tuple[int, int, int]], kl: Law, kind: str
) -> tuple[float, float, float] | None:
    """The constant of one sample, in units of the KL's factor, as alpha + beta latent + gamma data."""
    rows, values = [], []
    for m, (n, k, d) in zip(matches, sizes, strict=True):
        scale = m.factors[-1] * {"scalar": n, "sample": 1, "elementwise": 1 / k}[kind]
        values.append(m.constant / scale)
        rows.append([1.0, k, d])
    if max(map(abs, values)) < 1e-5:
        return 0.0, 0.0, 0.0
    matrix = np.array(rows)
    if np.linalg.matrix_rank(matrix) < 3:
        matrix[:, 2] = 0.0 if len(set(matrix[:, 2])) == 1 and matrix[0, 2] < 700 else matrix[:, 2]
        if len(set(matrix[:, 2])) == 1 and matrix[0, 2] >= 700:
            matrix[:, 0] = 0.0
    solution = np.linalg.lstsq(matrix, np.array(values), rcond=None)[0]
    if np.max(np.abs(matrix @ solution - values)) > 1e-3 * max(map(abs, values)):
        return None
    return tuple(0.0 if abs(c) < 1e-4 else float(c) for c in solution)  # type: ignore[return-value]


def _kl_constant(per_sample: tuple[float, float, float] | None, kl: Law) -> list[Cause]:
    if per_sample is None:
        return [Cause("constant")]
    alpha, beta, _ = per_sample
    out = []
    if beta:
        fraction = rational(beta, relative=1e-4)
        shown = f"{fraction}" if fraction is not None else f"{beta:.6g}"
        out.append(Cause("constant", f"it is {shown} too large in every dimension; gradients are unaffected"))
        if abs(beta - 0.5) < 1e-4:
            out.append(Cause("missing-term", "the constant -1/2 of every dimension is missing"))
    if alpha and beta:
        sign = "-" if alpha < 0 else ""
        out.append(Cause("constant", f"{sign}{abs(alpha):.6g} is added once per sample instead"))
    elif alpha:
        out.append(
            Cause("constant", f"it is {alpha:.6g} too large in every sample; gradients are unaffected")
        )
    return out


def _loss(
    r: Recognised,
    recon: Law,
    per_sample: tuple[float, float, float] | None,
    declared_mean: bool,
    name: str,
) -> None:
    causes, kl, gaussian = r.explanation.causes, r.kl, r.attempt.plan.decoder == "mean"
    sign = 1.0
    if kl.rate < 0 and recon.rate < 0 and "elbo" in name and not name.startswith(("neg", "minus")):
        sign = -1.0
        r.notes.append("it returns the ELBO itself, to be maximised; the loss is minus it")
    if kl.rate < 0 and recon.rate < 0 and sign > 0:
        causes.append(Cause("sign", "both terms have the wrong sign: it is the ELBO, not the loss"))
        sign = -1.0
    kl_law = Law(sign * kl.rate, kl.batch, kl.latent, kl.data)
    recon_law = Law(sign * recon.rate, recon.batch, recon.latent, recon.data)
    kl_causes = explain_factor(kl_law, declared_mean=declared_mean, what="the KL term")
    pixels = any(c.code == "divided-by-data-dimension" for c in kl_causes)  # by a fixed batch size as well
    if (
        recon_law.batch != kl_law.batch
        and max(kl_law.batch, recon_law.batch) <= 0
        and not (pixels or recon_law.data)
    ):
        averaged = "reconstruction" if recon_law.batch < kl_law.batch else "KL"
        causes.append(Cause("factor-of-term", f"only the {averaged} term is averaged over the batch"))
    causes += _as_term(kl_causes)
    ratio = recon_law.rate
    if recon_law.data:
        causes.append(
            Cause(
                "divided-by-data-dimension",
                "the reconstruction term is averaged over the data dimensions, the KL is not",
            )
        )
    if recon_law.latent:
        causes.append(
            Cause(
                "factor-of-term",
                "the reconstruction term depends on the number of latent dimensions",
            )
        )
    if ratio < 0:
        causes.append(Cause("sign-of-term", "the reconstruction term has the wrong sign"))
    elif gaussian:
        scale = 1 / math.sqrt(ratio)
        if not recon_law.data:
            r.notes.append(f"the decoder is N(mean, {scale:.6g}^2): {ratio:.6g} times half the squared error")
    elif abs(ratio - 1) > 1e-4 and not recon_law.data:
        causes += _as_term(
            list(explain_factor(Law(ratio), declared_mean=True, what="the reconstruction term"))
        )
    scaled = any(c.code == "factor" for c in kl_causes)
    if scaled and abs(kl_law.rate - ratio) < 1e-4:
        causes.append(Cause("factor", f"the whole loss is {kl_law.rate:.6g} times the negative ELBO"))
    if not recon_law.data:
        _loss_constant(r, per_sample, ratio / abs(kl_law.rate), gaussian)


def _as_term(causes: list[Cause]) -> list[Cause]:
    names = {"factor": "factor-of-term", "sign": "sign-of-term"}
    return [Cause(names.get(c.code, c.code), c.detail) for c in causes]


def _loss_constant(
    r: Recognised, per_sample: tuple[float, float, float] | None, ratio: float, gaussian: bool
) -> None:
    causes = r.explanation.causes
    if per_sample is None:
        causes.append(Cause("constant"))
        return
    alpha, beta, gamma = per_sample
    r.per_data = gamma
    if beta:
        causes += _kl_constant((0.0, beta, 0.0), r.kl)
    half = math.log(2 * math.pi) / 2
    total = gamma + ratio * half if gaussian and ratio > 0 else gamma
    if gaussian and ratio > 0:
        complete = half - math.log(ratio) / 2
        if abs(total - complete) < 1e-3:
            r.notes.append("the constants of the Gaussian are included")
        elif min(abs(total), abs(total - half), abs(total + math.log(ratio) / 2)) < 1e-3:
            r.notes.append(
                f"the constant {complete:.6g} per data dimension is left out: gradients are the same, but "
                "values are not comparable with an ELBO or a log-likelihood"
            )
        else:
            causes.append(
                Cause(
                    "constant",
                    f"the constant is {total:.6g} per data dimension; expected {complete:.6g}",
                )
            )
    elif abs(gamma) > 1e-3:
        causes.append(Cause("constant", f"it is {gamma:.6g} too large per data dimension"))
    if alpha:
        causes.append(Cause("constant", f"it is {alpha:.6g} too large in every sample"))
