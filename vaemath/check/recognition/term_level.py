"""A function that equals no model: recover its formula, and find the model that it differs from
least.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from vaemath.check.expected.attempt import Attempt
from vaemath.check.expected.design import BOXES, Sizes, draw
from vaemath.check.expected.dictionary import terms_for
from vaemath.check.expected.models import Model, models_for
from vaemath.check.expected.observe import Failure, Observations, gather
from vaemath.check.reading.plan import Plan
from vaemath.check.recognition.explain import Explanation, explain_factor, explain_terms
from vaemath.check.recognition.fit import Formula, fit, refit
from vaemath.check.recognition.match import Law, columns, law_of, rational
from vaemath.check.report.formula_text import symbols
from vaemath.check.report.verdict import Cause

__all__ = ["Recovered", "expected_terms", "recover"]


@dataclass
class Recovered:
    """The formula that the function computes, per element, with the law of its reduction and the
    explanation.
    """

    attempt: Attempt
    coefficients: dict[str, Fraction]
    common: Law
    explanation: Explanation
    recon_data: int = 0
    once: bool = False  # the constant is counted once per sample, not once per dimension


def recover(a: Attempt, rng: np.random.Generator, *, declared_mean: bool) -> Recovered | None:
    """Fit the dictionary, see how every coefficient depends on the sizes, and explain the
    difference.
    """
    for wide in (False, True):
        terms = terms_for(a.plan, wide=wide)
        observations = _enough(a, rng, len(terms), 0)
        formula = fit(terms, observations) if observations is not None else None
        if observations is not None and formula is not None:
            return _explained(a, rng, formula, declared_mean)
    return None


def _enough(a: Attempt, rng: np.random.Generator, terms: int, k: int) -> Observations | None:
    per_call = {"scalar": 1, "sample": 3, "elementwise": 12}[a.main.kind] if a.main else 1
    try:
        calls = 2 + (2 * terms + 20) // per_call
        return gather(a.caller, rng, a.shapes[k], BOXES["main"], calls=calls, diagonal=a.plan.matrix)
    except Failure:
        return None


def _explained(
    a: Attempt, rng: np.random.Generator, formula: Formula, declared_mean: bool
) -> Recovered | None:
    per_size: list[Formula] = [formula]
    for k in range(1, len(a.shapes)):
        observations = _enough(a, rng, len(formula.terms), k)
        again = refit(formula, observations) if observations is not None else None
        if again is None:
            return None
        per_size.append(again)
    sizes = [(s.batch if a.caller.batched else 1, s.latent, s.data) for s in a.shapes]
    laws: dict[str, Law] = {}
    for k, term in enumerate(formula.terms):
        law = law_of([f.coefficients[k] for f in per_size], sizes)
        if law is None:
            return None
        laws[term.text] = law
    kinds = {t.text: t.part for t in formula.terms}
    common = _common(laws, kinds)
    coefficients: dict[str, Fraction] = {}
    odd: list[Cause] = []
    letters, _ = symbols(a.plan, {})
    for text, law in laws.items():
        fraction = rational(law.rate, relative=2e-4)
        coefficients[text] = fraction if fraction is not None else Fraction(law.rate).limit_denominator(10**6)
        odd += _own_reduction(text, law, common, kinds[text], letters)
    explanation = _explain(a, coefficients, kinds, letters)
    if explanation is None:
        return None
    explanation.causes += explain_factor(
        Law(1.0, common.batch, common.latent, common.data), declared_mean=declared_mean
    )
    explanation.causes += [c for c in odd if c.code not in [x.code for x in explanation.causes]]
    of_data = [law.data - common.data for text, law in laws.items() if kinds[text] == "recon"]
    once = "1" in laws and laws["1"].latent - common.latent == -1
    return Recovered(a, coefficients, common, explanation, min(of_data, default=0), once)


def _common(laws: dict[str, Law], kinds: dict[str, str]) -> Law:
    """The reduction that most terms of the KL share."""
    votes = Counter(
        (law.batch, law.latent, law.data) for text, law in laws.items() if kinds[text] == "kl"
    ) or Counter((law.batch, law.latent, law.data) for law in laws.values())
    batch, latent, data = votes.most_common(1)[0][0]
    return Law(1.0, batch, latent, data)


def _own_reduction(text: str, law: Law, common: Law, kind: str, letters: dict[str, str]) -> list[Cause]:
    """Causes where one term is reduced otherwise than the rest."""
    own = (law.batch - common.batch, law.latent - common.latent, law.data - common.data)
    if own == (0, 0, 0):
        return []
    shown = text.format(**letters)
    if kind == "constant":
        return [Cause("constant", "the constant is not counted once per dimension")]
    if kind == "recon" and own[2] == -1:
        return [Cause("divided-by-data-dimension", f"{shown} is averaged over the data dimensions")]
    if own[0] > 0:
        return [Cause("wrong-shape", f"broadcasting counts {shown} more than once")]
    if own[1] == -1:
        return [Cause("mean-over-latent", f"{shown} is averaged over the latent dimensions")]
    return [Cause("factor-of-term", f"{shown} is reduced otherwise than the other terms")]


def expected_terms(a: Attempt, model: Model) -> dict[str, Fraction] | None:
    """The coefficients of a model, by fitting the verified kernel itself to the dictionary."""
    if a.main is None:
        return None
    plan, small = a.plan, replace(a.sizes, data=min(a.sizes.data, 6))
    conventions = tuple(sorted(plan.conventions.items()))
    shape = (plan.family, plan.roles, conventions, plan.matrix, plan.decoder)
    if (shape, small, model) not in _EXPECTED:
        _EXPECTED[shape, small, model] = _coefficients(plan, small, model)
    found = _EXPECTED[shape, small, model]
    return None if found is None else dict(found)


_EXPECTED: dict[tuple[object, Sizes, Model], dict[str, Fraction] | None] = {}


def _coefficients(plan: Plan, sizes: Sizes, model: Model) -> dict[str, Fraction] | None:
    rng = np.random.default_rng(0)
    terms = terms_for(plan, wide=False)
    draws = range(2 + (2 * len(terms) + 20) // 3)
    points = [draw(plan, rng, sizes, BOXES["main"], diagonal=plan.matrix) for _ in draws]
    exact = Observations("sample", sizes, points, np.zeros(0), "float64")
    try:
        parts = columns(plan, exact, model)
    except ValueError:
        return None
    out: dict[str, Fraction] = {}
    for values in parts:
        formula = fit(terms, exact, values)
        if formula is None:
            return None
        for text, coefficient in zip((t.text for t in formula.terms), formula.coefficients, strict=True):
            fraction = rational(coefficient, relative=1e-6)
            if fraction is None:  # the constant of a Gaussian decoder
                continue
            out[text] = out.get(text, Fraction(0)) + fraction
    return {text: c for text, c in out.items() if c}


def _explain(
    a: Attempt, found: dict[str, Fraction], kinds: dict[str, str], letters: dict[str, str]
) -> Explanation | None:
    best: Explanation | None = None
    best_penalty = 0.0
    skip_constant = a.plan.decoder == "mean"
    f = {t: c for t, c in found.items() if not (skip_constant and t == "1")}
    for model in models_for(a.plan):
        expected = expected_terms(a, model)
        if not expected:
            continue
        e = {t: c for t, c in expected.items() if not (skip_constant and t == "1")}
        scales = {Fraction(1), Fraction(-1)}
        if a.plan.decoder == "":
            ratios = Counter(f[t] / e[t] for t in e if f.get(t))
            scales |= {r for r, n in ratios.items() if n >= 2}
        for scale in sorted(scales, key=lambda x: (x != 1, x)):
            trial = explain_terms(f, e, model, letters, scale)
            penalty = len(trial.causes) + 0.5 * model.cost + (0.0 if scale == 1 else 0.25)
            shared = sum(1 for t in e if t in f)
            penalty -= 0.1 * shared
            if best is None or penalty < best_penalty:
                best, best_penalty = trial, penalty
    return best
