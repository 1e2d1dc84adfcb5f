"""A function that was recognised with mistakes, or not at all: what is wrong, and what it computes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vaemath.check.evidence.counterexample import find
from vaemath.check.expected.attempt import Attempt
from vaemath.check.expected.models import models_for, plain
from vaemath.check.reading.options import Options
from vaemath.check.reading.plan import Plan
from vaemath.check.recognition.match import Law
from vaemath.check.recognition.predict import Predictor
from vaemath.check.recognition.recognised import Recognised
from vaemath.check.recognition.term_level import Recovered, recover
from vaemath.check.recognition.wording import formula, kernel_call, manners, prefix_of, theorem_of
from vaemath.check.repairs import repair
from vaemath.check.report.formula_text import formula_text, number_text, symbols
from vaemath.check.report.verdict import Cause, Verdict

__all__ = ["never_worked", "wrong"]


def wrong(best: Recognised | None, working: list[Attempt], options: Options) -> Verdict:
    """No plan was matched without a mistake: the explanation with the fewest mistakes."""
    recovered: list[Recovered] = []
    if best is None:
        for a in working[:3]:
            found = recover(a, np.random.default_rng(options.seed), declared_mean=options.mean)
            if found is not None:
                recovered.append(found)
        recovered.sort(key=lambda f: len(f.explanation.causes))
    if best is not None:
        a, explanation = best.attempt, best.explanation
    elif recovered:
        a, explanation = recovered[0].attempt, recovered[0].explanation
    else:
        return _unrecognised(working, options)
    plan = a.plan
    theorem, subject = theorem_of(plan, options)
    verdict = Verdict(options.target, "wrong", subject, theorem, notes=list(plan.notes))
    verdict.causes = _merged(explanation.causes)
    intended = models_for(plan)[0]
    used = dict(intended.used)
    law = best.kl if best else recovered[0].common
    batch = law.batch if law.batch in (0, -1) else 0
    target = Law(1.0, batch, -1 if options.mean and law.latent == -1 else 0)
    recon = Law(1.0, batch) if plan.decoder else None
    if best is not None and best.recon is not None and plan.decoder == "mean" and best.recon.rate > 0:
        recon = Law(best.recon.rate, batch)
    letters, _ = symbols(plan, used)
    verdict.expected = formula(a, intended, used, target, recon)
    verdict.computes = _computed(best, recovered, a, letters)
    predictor = Predictor(plan, used, target, recon, _per_data(best, plan))
    if not verdict.causes:
        verdict.causes = [
            Cause(
                "wrong-term",
                "it is right for diagonal matrices only: an elementwise product of matrices?",
            )
        ]
    verdict.counterexample = find(a.caller, predictor, data=a.sizes.data)
    verdict.notes += [*manners(a), *(best.notes if best else [])]
    if "reversed-direction" in verdict.codes() and "spread_q" in plan.roles:
        first, second = plan.name_of("loc"), plan.name_of("loc_q")
        verdict.notes.append(f"right if KL(q || p) is meant, p being that of `{first}`, q that of `{second}`")
    if [c for c in verdict.causes if c.code != "constant"] == []:
        verdict.notes.append("gradients are those of the KL: training is not affected")
    accept = repair.accepts(a, predictor, gradients=False)
    verdict.change = [] if options.brief else repair.suggest(a, accept, kernel_call(plan, used, a))
    return verdict


def never_worked(attempts: list[Attempt], options: Options) -> Verdict:
    """No call gave numbers of a right shape."""
    for a in attempts:
        if a.failure is not None and a.failure.shape is not None:
            theorem, subject = theorem_of(a.plan, options)
            return Verdict(options.target, "wrong", subject, theorem, [Cause("wrong-shape", str(a.failure))])
    a = attempts[0]
    theorem, subject = theorem_of(a.plan, options)
    if a.main is not None:
        cause = Cause("not-finite", "it returns NaN or infinity at ordinary inputs")
        return Verdict(options.target, "wrong", subject, theorem, [cause])
    called = ", ".join(f"{n} as {role}" for n, role in zip(a.plan.names, a.plan.roles, strict=True))
    method = a.caller.process.description.get("method")
    advice = (
        "as a method, it is given a stand-in for its object: name it by an object of the module instead"
        if method
        else "if its parameters were misread, say what they are with --takes"
    )
    missing = (
        f"a call that works: it raised {a.failure} "
        f"(called with arrays of {a.sizes.batch} samples: {called}); "
        f"{advice}"
    )
    return Verdict(options.target, "undecided", subject, theorem, missing=missing)


def _unrecognised(working: list[Attempt], options: Options) -> Verdict:
    a = working[0]
    theorem, subject = theorem_of(a.plan, options)
    sure = all(a.plan.sure.values()) or options.takes is not None
    used = dict(models_for(a.plan)[0].used)
    predictor = Predictor(a.plan, used, Law(1.0), Law(1.0) if a.plan.decoder else None)
    example = find(a.caller, predictor, data=a.sizes.data)
    noticed = manners(a)
    if sure and (options.against is not None or not a.plan.decoder):
        verdict = Verdict(options.target, "wrong", subject, theorem, [Cause("wrong-term")])
        verdict.counterexample, verdict.notes = example, noticed
        verdict.notes.append("the formula that it computes is not made of the terms that are known here")
        return verdict
    missing = "it equals none of the formulas known here; say with --takes and --against what it should be"
    return Verdict(options.target, "undecided", subject, theorem, missing=missing, notes=noticed)


def _per_data(best: Recognised | None, plan: Plan) -> float:
    """The constant per data dimension that the function leaves out, where that is a matter of
    taste.
    """
    if best is None or best.recon is None:
        return 0.0
    if best.recon.data and plan.decoder == "mean":
        return -best.recon.rate * float(np.log(2 * np.pi)) / 2
    return best.per_data * abs(best.kl.rate)


def _computed(
    best: Recognised | None, recovered: list[Recovered], a: Attempt, letters: dict[str, str]
) -> str:
    if best is None:
        found: Recovered | None = recovered[0]
    else:
        used: dict[str, tuple[str, ...]] = {r: (plain(c),) for r, c in best.model.used}
        plan = replace(a.plan, conventions=used)
        found = recover(replace(a, plan=plan), np.random.default_rng(0), declared_mean=False)
    if found is None:
        return ""
    prefix = prefix_of(found.common, a)
    recon = {-1: "mean"}.get(found.recon_data, "sum")
    if not found.once:
        return formula_text(found.coefficients, letters, prefix, recon)
    rest = {text: c for text, c in found.coefficients.items() if text != "1"}
    constant = found.coefficients["1"]
    sign = "-" if constant < 0 else "+"
    return f"{formula_text(rest, letters, prefix, recon)} {sign} {number_text(abs(constant))}"


def _merged(causes: list[Cause]) -> list[Cause]:
    """One entry for each code, the details joined."""
    details: dict[str, list[str]] = {}
    for cause in causes:
        details.setdefault(cause.code, [])
        if cause.detail and cause.detail not in details[cause.code]:
            details[cause.code].append(cause.detail)
    return [Cause(code, "; ".join(words)) for code, words in details.items()]
