"""From what was recognised to a verdict, with its evidence."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from vaemath.check import edges, repair
from vaemath.check.attempt import Attempt
from vaemath.check.counterexample import find
from vaemath.check.formula_text import formula_text, symbols
from vaemath.check.gradient import compare_gradients
from vaemath.check.match import Law
from vaemath.check.models import Model, models_for, plain
from vaemath.check.options import Options
from vaemath.check.plans import Plan, readings_of
from vaemath.check.predict import Predictor
from vaemath.check.process import Answer
from vaemath.check.ranges import scan
from vaemath.check.recognise import Recognised
from vaemath.check.term_level import Recovered, expected_terms, recover
from vaemath.check.verdict import Cause, Verdict
from vaemath.testing.conventions import MATRIX, SPREADS

__all__ = ["describe", "never_worked", "reduction_of", "right", "theorem_of", "wrong"]


def theorem_of(plan: Plan, options: Options) -> tuple[str, str]:
    """The id of the theorem, and what the function is in words."""
    if plan.family in ("gaussian", "bernoulli"):
        decoder = {"gaussian": "Gaussian", "bernoulli": "Bernoulli"}[plan.family]
        return f"loss-{plan.family}", f"the negative ELBO with a {decoder} decoder"
    pair = plan.family == "pair"
    words = "the KL divergence between two normals" if pair else "the KL divergence to N(0, 1)"
    if plan.matrix:
        words = words.replace("normals", "multivariate normals").replace("N(0, 1)", "N(0, I)")
        theorem = "kl-mvn" if pair else "kl-mvn-standard"
    else:
        theorem = "kl-normal-diag" if pair else "kl-normal-standard"
    return options.against or theorem, words


def describe(plan: Plan, used: dict[str, str]) -> dict[str, str]:
    """Every parameter, in words."""
    words = {
        "loc": "the mean",
        "loc_q": "the mean of the second distribution",
        "x": "the data",
        "recon": {
            "mean": "the mean of the decoder",
            "logits": "the logits of the decoder",
            "probs": "the probabilities of the decoder",
        }.get(plan.decoder, ""),
        "z": "a sample of the first distribution",
        "eps": "standard normal noise",
    }
    out = {}
    for role, name in zip(plan.roles, plan.names, strict=True):
        if role in used:
            convention = used[role]
            text = SPREADS[convention].words if convention in SPREADS else MATRIX[convention]
            out[name] = text + (" of the second distribution" if role.endswith("_q") else "")
        else:
            out[name] = words[role]
    return out


def right(r: Recognised, options: Options) -> Verdict:
    """The formula was matched without a mistake: now the rest of the range, the gradients and the
    edges.
    """
    a, plan, used = r.attempt, r.attempt.plan, dict(r.model.used)
    theorem, subject = theorem_of(plan, options)
    verdict = Verdict(options.target, "correct", subject, theorem, notes=[*plan.notes, *r.notes])
    predictor = Predictor(plan, used, r.kl, r.recon, r.per_data)
    ranges = scan(a, predictor)
    gradients = compare_gradients(a, predictor, np.random.default_rng(options.seed + 1))
    verdict.causes = [*_distinct(ranges.causes), *gradients.causes]
    verdict.counterexample = ranges.example or gradients.example
    verdict.notes += [gradients.note] if gradients.note else []
    verdict.notes += _manners(a)
    verdict.edges = ranges.advice if options.brief else [*ranges.advice, *edges.advice(a, predictor)]
    verdict.conventions = describe(plan, used)
    verdict.notes += _names(plan, used)
    letters, explain = symbols(plan, used)
    terms = expected_terms(a, r.model)
    verdict.expected = _formula(terms or {}, letters, _prefix(r.kl, a), explain)
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
        verdict.change = [] if options.brief else repair.suggest(a, accept, _kernel(plan, used, a))
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
    intended = _intended(a)
    used = dict(intended.used)
    law = best.kl if best else recovered[0].common
    batch = law.batch if law.batch in (0, -1) else 0
    target = Law(1.0, batch, -1 if options.mean and law.latent == -1 else 0)
    recon = Law(1.0, batch) if plan.decoder else None
    if best is not None and best.recon is not None and plan.decoder == "mean" and best.recon.rate > 0:
        recon = Law(best.recon.rate, batch)
    letters, explain = symbols(plan, used)
    prefix = _prefix(target, a)
    verdict.expected = _formula(expected_terms(a, intended) or {}, letters, prefix, explain)
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
    verdict.notes += [*_manners(a), *(best.notes if best else [])]
    if [c for c in verdict.causes if c.code != "constant"] == []:
        verdict.notes.append("gradients are those of the KL: training is not affected")
    accept = repair.accepts(a, predictor, gradients=False)
    verdict.change = [] if options.brief else repair.suggest(a, accept, _kernel(plan, used, a))
    return verdict


def _per_data(best: Recognised | None, plan: Plan) -> float:
    """The constant per data dimension that the function leaves out, where that is a matter of
    taste.
    """
    if best is None or best.recon is None:
        return 0.0
    if best.recon.data and plan.decoder == "mean":
        return -best.recon.rate * float(np.log(2 * np.pi)) / 2
    return best.per_data * abs(best.kl.rate)


def _kernel(plan: Plan, used: dict[str, str], a: Attempt) -> str:
    """The call of the verified kernel that the function should be equal to, if there is one for its
    parameters.
    """
    package = f"vaemath.kernels.{a.caller.library}"
    conventions = set(used.values())
    names = [plan.name_of(r) for r in ("loc", "spread", "loc_q", "spread_q") if r in plan.roles]
    arguments = ", ".join(names)
    if plan.decoder in ("mean", "logits") and conventions == {"logvar"}:
        loss = "loss_gaussian" if plan.decoder == "mean" else "loss_bernoulli"
        return f"{package}.{loss}({plan.name_of('x')}, {plan.name_of('recon')}, {arguments})"
    if plan.decoder:
        return ""
    kernels = {"scale_tril": "kl_mvn", "covariance": "kl_mvn_covariance", "std": "kl_normal_diag"}
    if plan.family == "standard" and conventions == {"logvar"}:
        return f"{package}.kl_normal_standard({arguments})"
    if plan.family == "pair" and len(conventions) == 1 and (name := kernels.get(*conventions)):
        return f"{package}.{name}({arguments})"
    return ""


def _intended(a: Attempt) -> Model:
    return models_for(a.plan)[0]


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
    prefix = _prefix(found.common, a)
    recon = {-1: "mean"}.get(found.recon_data, "sum")
    return formula_text(found.coefficients, letters, prefix, recon)


def _unrecognised(working: list[Attempt], options: Options) -> Verdict:
    a = working[0]
    theorem, subject = theorem_of(a.plan, options)
    sure = all(a.plan.sure.values()) or options.takes is not None
    used = dict(_intended(a).used)
    predictor = Predictor(a.plan, used, Law(1.0), Law(1.0) if a.plan.decoder else None)
    example = find(a.caller, predictor, data=a.sizes.data)
    manners = _manners(a)
    if sure and (options.against is not None or not a.plan.decoder):
        verdict = Verdict(options.target, "wrong", subject, theorem, [Cause("wrong-term")])
        verdict.counterexample, verdict.notes = example, manners
        verdict.notes.append("the formula that it computes is not made of the terms that are known here")
        return verdict
    missing = "it equals none of the formulas known here; say with --takes and --against what it should be"
    return Verdict(options.target, "undecided", subject, theorem, missing=missing, notes=manners)


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
    called = ", ".join(f"{n} {role}" for n, role in zip(a.plan.names, a.plan.roles, strict=True))
    missing = (
        f"a call that works: it raised {a.failure} "
        f"(called with arrays of {a.sizes.batch} samples: {called}); "
        "if its parameters were misread, say what they are with --takes"
    )
    return Verdict(options.target, "undecided", subject, theorem, missing=missing)


def _merged(causes: list[Cause]) -> list[Cause]:
    """One entry for each code, the details joined."""
    details: dict[str, list[str]] = {}
    for cause in causes:
        details.setdefault(cause.code, [])
        if cause.detail and cause.detail not in details[cause.code]:
            details[cause.code].append(cause.detail)
    return [Cause(code, "; ".join(words)) for code, words in details.items()]


def _distinct(causes: list[Cause]) -> list[Cause]:
    seen: set[str] = set()
    out = []
    for cause in causes:
        if cause.code not in seen:
            out.append(cause)
        seen.add(cause.code)
    return out


def _prefix(law: Law, a: Attempt) -> str:
    kind = a.main.kind if a.main else "scalar"
    if kind == "elementwise" and law.batch == 0:
        return ""
    over = {-1: "mean", 0: "sum"}
    latent = over.get(law.latent, "sum")
    if a.plan.matrix and kind == "sample":
        return ""
    if kind == "sample" or law.batch == law.latent:
        return latent
    return f"{over.get(law.batch, 'sum')} over batch of {latent}"


def _formula(coefficients: dict[str, Fraction], letters: dict[str, str], prefix: str, explain: str) -> str:
    text = formula_text(coefficients, letters, prefix)
    return f"{text}    with {explain}" if explain else text


def reduction_of(kind: str, law: Law, a: Attempt) -> str:
    """The reduction, in words."""
    if kind == "elementwise":
        return "none: one number per element"
    if a.plan.matrix and kind == "sample":
        return "one number per sample"
    latent = {0: "summed", -1: "averaged"}[law.latent]
    if kind == "sample":
        return f"{latent} over the latent dimensions, one number per sample"
    batch = {0: "summed", -1: "averaged"}[law.batch]
    return f"{latent} over the latent dimensions, {batch} over the batch"


def _names(plan: Plan, used: dict[str, str]) -> list[str]:
    out = []
    said = dict(zip(plan.roles, readings_of(plan.names), strict=True))
    for role, convention in used.items():
        surprising = said[role].conventions[:1] != (convention,)
        if convention in SPREADS and not plan.sure[role] and surprising:
            words = SPREADS[convention].words
            out.append(f"`{plan.name_of(role)}` is taken for {words}, which its name does not say")
    return out


def _manners(a: Attempt) -> list[str]:
    """Whether it changes its inputs, or uses random numbers that it does not return."""
    if a.main is None:
        return []
    answer: Answer = a.caller.one(a.main.points[0])
    out = [f"it changes its input `{a.plan.names[k]}` in place" for k in answer.mutated]
    if answer.draws:
        out.append(f"it draws from the global generator of {', '.join(answer.draws)}")
    return out
