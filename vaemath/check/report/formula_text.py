"""Formulas as people write them: 1/2 sum(mu^2 + exp(v) - v - 1)."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from vaemath.check.reading.plan import Plan
from vaemath.testing.conventions import SPREADS

__all__ = ["formula_text", "number_text", "scale_text", "symbols"]


def symbols(plan: Plan, used: dict[str, str]) -> tuple[dict[str, str], str]:
    """The letters for the parameters, and the words that explain those that are not their names."""
    pair = "spread_q" in plan.roles
    out = {"m": "mu1" if pair else "mu", "m2": "mu2", "x": "x", "r": "r"}
    explain = []
    for role, key, mark in (("spread", "s", "1" if pair else ""), ("spread_q", "s2", "2")):
        if role not in plan.roles:
            continue
        convention = plan.conventions[role][0]
        letter = SPREADS[convention].symbol if convention in SPREADS else convention
        out[key] = letter + mark if not plan.matrix else plan.name_of(role)
        if out[key] != plan.name_of(role):
            explain.append(f"{out[key]} = `{plan.name_of(role)}`")
    for role, key in (("loc", "m"), ("loc_q", "m2"), ("recon", "r"), ("x", "x")):
        if role in plan.roles and plan.name_of(role) != out[key]:
            explain.append(f"{out[key]} = `{plan.name_of(role)}`")
    if plan.matrix:
        explain.append("shown for diagonal matrices")
    return out, ", ".join(explain)


def number_text(value: Fraction) -> str:
    """A fraction as people write it; a decimal where it is no simple one."""
    if value.denominator > 1000 and abs(value.numerator) > 2:
        return f"{float(value):.6g}"
    if value.denominator == 1:
        return str(value.numerator)
    return f"{value.numerator}/{value.denominator}"


def formula_text(
    coefficients: dict[str, Fraction], letters: dict[str, str], prefix: str, recon: str = "sum"
) -> str:
    """A sum of terms, the commonest size taken out in front; the reconstruction, if any, first."""
    first = {k: v for k, v in coefficients.items() if "{x}" in k or "{r}" in k}
    if not first:
        return _sum(coefficients, letters, prefix)
    rest = {k: v for k, v in coefficients.items() if k not in first}
    over = "mean over batch of " if prefix.startswith("mean over batch") else ""
    inner = prefix.removeprefix("mean over batch of ").removeprefix("sum over batch of ")
    one, other = _sum(first, letters, recon), _sum(rest, letters, inner)
    joined = f"{one} - {other[1:]}" if other.startswith("-") else f"{one} + {other}"
    return f"{over}[{joined}]" if over else joined


def _sum(coefficients: dict[str, Fraction], letters: dict[str, str], prefix: str) -> str:
    shown = {k: v for k, v in coefficients.items() if v}
    if not shown:
        return "0"
    order = sorted(shown, key=lambda text: (text == "1", not text.startswith(("{m}", "({m}"))))
    sizes = Counter(abs(v) for v in shown.values())
    common, count = max(sizes.items(), key=lambda item: (item[1], item[0]))
    if count < 2 and len(shown) > 1:
        common = Fraction(1)
    outer = -common if shown[order[0]] < 0 else common
    parts = []
    for text in order:
        c = shown[text] / outer
        body = text.format(**letters)
        size = "" if abs(c) == 1 else f"{number_text(abs(c))} "
        body = number_text(abs(c)) if text == "1" else f"{size}{body}".replace(" /", "/")
        parts.append(("- " if c < 0 else "+ ") + body)
    inner = " ".join(parts)
    inner = inner[2:] if inner.startswith("+ ") else "-" + inner[2:]
    front = "" if outer == 1 else "-" if outer == -1 else number_text(outer) + " "
    return f"{front}{prefix}({inner})" if prefix or len(parts) > 1 else f"{front}{inner}"


def scale_text(convention: str, name: str) -> str:
    """The standard deviation, written in the parameter that stands for it."""
    return {
        "std": name,
        "var": f"sqrt({name})",
        "logvar": f"exp({name}/2)",
        "logstd": f"exp({name})",
        "precision": f"1/sqrt({name})",
        "softplus": f"softplus({name})",
    }[convention]
