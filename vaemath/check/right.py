"""A function that was recognised without a mistake: the rest of the range, the gradients and the
edges.
"""

from __future__ import annotations

import numpy as np

from vaemath.check.evidence import edges
from vaemath.check.evidence.counterexample import find
from vaemath.check.evidence.gradient import compare_gradients
from vaemath.check.evidence.ranges import scan
from vaemath.check.reading.options import Options
from vaemath.check.recognition.predict import Predictor
from vaemath.check.recognition.recognised import Recognised
from vaemath.check.recognition.wording import (
    describe,
    formula,
    kernel_call,
    manners,
    reduction_of,
    surprising_names,
    theorem_of,
)
from vaemath.check.repairs import repair
from vaemath.check.report.verdict import Cause, Verdict

__all__ = ["right"]


def right(r: Recognised, options: Options) -> Verdict:
    """The formula was matched without a mistake: now the rest of the range, the gradients and the
    edges.
    """
    a, plan, used = r.attempt, r.attempt.plan, dict(r.model.used)
    theorem, subject = theorem_of(plan, options)
    verdict = Verdict(options.target, "correct", subject, theorem, notes=[*plan.notes, *r.notes])
    if r.recon is None and r.kl.rate < 0:
        verdict.subject = f"minus {subject}"
    predictor = Predictor(plan, used, r.kl, r.recon, r.per_data)
    ranges = scan(a, predictor)
    gradients = compare_gradients(a, predictor, np.random.default_rng(options.seed + 1))
    verdict.causes = [*_distinct(ranges.causes), *gradients.causes]
    verdict.counterexample = ranges.example or gradients.example
    verdict.notes += [gradients.note] if gradients.note else []
    verdict.notes += manners(a)
    verdict.edges = ranges.advice if options.brief else [*ranges.advice, *edges.advice(a, predictor)]
    verdict.conventions = describe(plan, used)
    verdict.notes += surprising_names(plan, used)
    verdict.expected = formula(a, r.model, used, r.kl, r.recon)
    kind = a.main.kind if a.main else "scalar"
    if r.box == "large":
        verdict.causes = [Cause("clamped-value")]
    if verdict.causes:
        verdict.status = "wrong"
        if {"clamped-parameter", "clamped-value", "wrong-term", "not-finite"} & set(verdict.codes()):
            verdict.computes = "the right formula inside a range of its parameters only"
        else:
            verdict.computes = verdict.expected
            verdict.expected = ""
        wants = "gradient" in verdict.codes()
        accept = repair.accepts(a, predictor, gradients=wants)
        verdict.change = [] if options.brief else repair.suggest(a, accept, kernel_call(plan, used, a))
        return verdict
    if r.box != "main":
        verdict.status = "wrong"
        verdict.causes = [Cause("clamped-parameter")]
        verdict.counterexample = find(a.caller, predictor, data=a.sizes.data)
        verdict.computes = "the right formula inside a range of its values only"
        return verdict
    verdict.computes = verdict.expected
    verdict.expected = ""
    if "spread_q" in plan.roles:
        first, second = plan.name_of("loc"), plan.name_of("loc_q")
        verdict.direction = f"KL(p || q), p being the distribution of `{first}`, q that of `{second}`"
    verdict.reduction = reduction_of(kind, r.kl, a)
    count = len(a.main.points) if a.main else 0
    moved = "mean" if plan.matrix else "parameter"
    verdict.evidence.append(
        f"equal to the verified kernel at {count} random inputs of each of {len(a.shapes)} shapes "
        f"(largest difference {r.residual:.1e} of the largest value), and over the range of every {moved}"
    )
    if r.residual > 1e-9:
        verdict.edges.append(
            f"it differs from the formula by up to {r.residual:.1e}: "
            "single precision, or an epsilon inside a logarithm"
        )
    if gradients.compared:
        verdict.evidence.append(f"gradients equal to the symbolic ones at {gradients.compared} random inputs")
    return verdict


def _distinct(causes: list[Cause]) -> list[Cause]:
    seen: set[str] = set()
    out = []
    for cause in causes:
        if cause.code not in seen:
            out.append(cause)
        seen.add(cause.code)
    return out
