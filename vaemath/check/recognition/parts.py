"""The two parts of a loss and the constants: what is wrong with how they are scaled and put together."""

from __future__ import annotations

import math

import numpy as np

from vaemath.check.recognition.explain import explain_factor
from vaemath.check.recognition.match import Law, Match, rational
from vaemath.check.recognition.recognised import Recognised
from vaemath.check.report.verdict import Cause

__all__ = ["constants", "kl_constant", "loss"]


def constants(
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


def kl_constant(per_sample: tuple[float, float, float] | None, kl: Law) -> list[Cause]:
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


def loss(
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
        times = (
            f" and multiplied by {ratio:.6g}" if ratio > 0 and abs(ratio - 1) > 1e-4 and not gaussian else ""
        )
        what = f"the reconstruction term is averaged over the data dimensions{times}, the KL is not"
        causes.append(Cause("divided-by-data-dimension", what))
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
        causes += kl_constant((0.0, beta, 0.0), r.kl)
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
