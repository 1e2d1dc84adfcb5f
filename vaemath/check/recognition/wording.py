"""The words of a verdict: which theorem, what the parameters are, how it is reduced, the formula."""

from __future__ import annotations

from dataclasses import replace

from vaemath.check.calling.process import Answer
from vaemath.check.expected.attempt import Attempt
from vaemath.check.expected.models import Model
from vaemath.check.reading.options import Options
from vaemath.check.reading.plan import Plan
from vaemath.check.reading.plans import readings_of
from vaemath.check.recognition.match import Law, rational
from vaemath.check.recognition.term_level import expected_terms
from vaemath.check.report.formula_text import formula_text, scale_text, symbols
from vaemath.testing.conventions import MATRIX, SPREADS

__all__ = [
    "describe",
    "formula",
    "kernel_call",
    "manners",
    "prefix_of",
    "reduction_of",
    "surprising_names",
    "theorem_of",
]


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


def prefix_of(law: Law, a: Attempt) -> str:
    """How the sums of a formula are written: sum, mean, mean over batch of sum."""
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


def formula(a: Attempt, model: Model, used: dict[str, str], kl: Law, recon: Law | None) -> str:
    """The formula of a model, reduced and scaled as the laws of its two parts say; with the letters
    explained.
    """
    letters, explain = symbols(a.plan, used)
    terms = expected_terms(a, model)
    if terms is None and not a.plan.matrix:  # no terms of its own: written with the standard deviation
        spreads = dict.fromkeys(used, "std")
        plan = replace(a.plan, conventions=dict.fromkeys(used, ("std",)))
        terms = expected_terms(replace(a, plan=plan), Model(tuple(spreads.items()), model.reverse, ()))
        for role, convention in used.items():
            key = "s2" if role.endswith("_q") else "s"
            letters[key] = scale_text(convention, letters[key])
    if terms is None:
        return ""
    ratio = rational(recon.rate / kl.rate) if recon is not None else None
    shown = {t: c * ratio if ratio and ("{x}" in t or "{r}" in t) else c for t, c in terms.items()}
    if kl.rate < 0:
        shown = {t: -c for t, c in shown.items()}
    text = formula_text(shown, letters, prefix_of(kl, a))
    return f"{text}    with {explain}" if explain else text


def surprising_names(plan: Plan, used: dict[str, str]) -> list[str]:
    out = []
    said = dict(zip(plan.roles, readings_of(plan.names), strict=True))
    for role, convention in used.items():
        surprising = said[role].conventions[:1] != (convention,)
        if convention in SPREADS and not plan.sure[role] and surprising:
            words = SPREADS[convention].words
            out.append(f"`{plan.name_of(role)}` is taken for {words}, which its name does not say")
    return out


def manners(a: Attempt) -> list[str]:
    """Whether it changes its inputs, or uses random numbers that it does not return."""
    if a.main is None:
        return []
    answer: Answer = a.caller.one(a.main.points[0], watch=True)
    out = [f"it changes its input `{a.plan.names[k]}` in place" for k in answer.mutated]
    if answer.draws:
        out.append(f"it draws from the global generator of {', '.join(answer.draws)}")
    return out


def kernel_call(plan: Plan, used: dict[str, str], a: Attempt) -> str:
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
