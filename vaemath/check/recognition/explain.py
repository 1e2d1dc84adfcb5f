"""From what was matched or fitted to causes: the explanation with the fewest mistakes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

from vaemath.check.expected.models import Model
from vaemath.check.recognition.match import Law, rational
from vaemath.check.report.formula_text import number_text
from vaemath.check.report.verdict import Cause

__all__ = ["DIMENSIONS", "Explanation", "explain_factor", "explain_terms"]

#: Numbers of pixels that people divide by.
DIMENSIONS = (784, 3072, 4096, 12288, 1024, 256)


@dataclass
class Explanation:
    """Causes, how much they cost, and the reduction over the batch that was found."""

    causes: list[Cause] = field(default_factory=list)
    model: Model | None = None

    @property
    def cost(self) -> float:
        """The number of separate mistakes."""
        return len({_family(c.code) for c in self.causes})


def _family(code: str) -> str:
    return "misread" if "-as-" in code else code


def explain_factor(law: Law, *, declared_mean: bool, what: str = "the result") -> list[Cause]:
    """Causes in a law rate * batch^a * latent^b * data^c that a whole KL should not have."""
    causes = []
    rate = law.rate
    if law.latent == -1 and not declared_mean:
        causes.append(Cause("mean-over-latent", f"{what} is averaged over the latent dimensions, not summed"))
    elif law.latent not in (0, -1):
        causes.append(Cause("factor", f"{what} is multiplied by latent^{law.latent}"))
    if law.data != 0:
        causes.append(Cause("divided-by-data-dimension", f"{what} is multiplied by data^{law.data}"))
    if law.batch == -2:
        causes.append(Cause("factor", f"{what} is divided twice by the batch size"))
    if law.batch > 0:
        causes.append(
            Cause(
                "wrong-shape",
                f"broadcasting counts every sample {law.batch + 1} times over the batch",
            )
        )
    if rate < 0:
        causes.append(Cause("sign", f"{what} has the wrong sign"))
        rate = -rate
    if abs(rate - 1) > 1e-4:
        causes.append(_factor(rate, what))
    return causes


def _factor(rate: float, what: str) -> Cause:
    inverse = 1 / rate
    near = round(inverse)
    for dimension in DIMENSIONS:
        whole = abs(inverse - near) < 1e-3 * inverse and near % dimension == 0
        if whole and (near // dimension <= 4096):
            multiple = f", a multiple of {dimension}" if near != dimension else ""
            return Cause("divided-by-data-dimension", f"{what} is divided by {near}{multiple}")
    fraction = rational(rate)
    shown = str(fraction) if fraction is not None else f"{rate:.6g}"
    missing = ": the one-half is missing" if fraction == 2 else ""
    return Cause("factor", f"{what} is {shown} times what it should be{missing}")


def explain_terms(
    found: dict[str, Fraction],
    expected: dict[str, Fraction],
    model: Model,
    letters: dict[str, str],
    scale: Fraction,
) -> Explanation:
    """Term by term: `found` against `expected` times a common factor."""
    causes = [Cause(code) for code in model.causes]
    if scale < 0:
        causes.append(Cause("sign"))
    if abs(scale) != 1:
        causes.append(_factor(float(abs(scale)), "the result"))
    missing = [t for t in expected if not found.get(t)]
    extra = [t for t in found if t not in expected and found[t]]
    for text in expected:
        value, wanted = found.get(text, Fraction(0)), expected[text] * scale
        if text in missing or value == wanted:
            continue
        shown = text.format(**letters)
        if text == "1":
            causes.append(
                Cause(
                    "constant",
                    f"the constant is {number_text(value)} per dimension; expected {number_text(wanted)}",
                )
            )
        elif value == -wanted:
            causes.append(Cause("sign-of-term", f"the sign of {shown} is wrong"))
        else:
            causes.append(
                Cause(
                    "factor-of-term",
                    f"{shown} has the factor {number_text(value)}; expected {number_text(wanted)}",
                )
            )
    for text in missing:
        shown = text.format(**letters)
        wanted = expected[text] * scale
        if text == "1":
            causes.append(Cause("constant", f"the constant {wanted} per dimension is missing"))
            causes.append(Cause("missing-term", f"the constant {wanted} per dimension is missing"))
        elif extra:
            other = extra[0].format(**letters)
            causes.append(Cause("wrong-term", f"{other} stands where {shown} belongs"))
        else:
            causes.append(Cause("missing-term", f"the term {shown} is missing"))
    if extra and not [t for t in missing if t != "1"]:
        for text in extra:
            causes.append(Cause("wrong-term", f"{text.format(**letters)} does not belong"))
    return Explanation(_distinct(causes), model)


def _distinct(causes: list[Cause]) -> list[Cause]:
    seen: Counter[tuple[str, str]] = Counter()
    out = []
    for cause in causes:
        key = (cause.code, cause.detail)
        if not seen[key]:
            out.append(cause)
        seen[key] += 1
    return out
