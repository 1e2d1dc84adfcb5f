"""Ways in which a function may be called: a role for each parameter, and what the spreads may mean.

Plans come from ``--takes`` or from the parameter names; where the names leave something open, every
plan that they allow is listed, likelier ones first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from vaemath.check.reading.assign import assign
from vaemath.check.reading.names import Reading, read_name
from vaemath.check.reading.plan import Parameter, Plan
from vaemath.errors import VaemathError
from vaemath.testing.conventions import MATRIX, SPREADS, parse_takes

__all__ = ["plans_for", "readings_of"]

FAMILIES = {
    "kl-normal-standard": "standard",
    "kl-normal-diag-standard": "standard",
    "kl-mvn-standard": "standard",
    "kl-normal": "pair",
    "kl-normal-diag": "pair",
    "kl-mvn": "pair",
    "loss-gaussian": "gaussian",
    "loss-bernoulli": "bernoulli",
    "reparameterization": "reparameterization",
}


def plans_for(parameters: Sequence[Parameter], *, against: str | None, takes: str | None) -> list[Plan]:
    """Every plan for a signature. Raises `VaemathError` for an unknown theorem or conventions that
    do not fit.
    """
    if against is not None and against not in FAMILIES:
        raise VaemathError(f"against: got {against!r}; expected one of {', '.join(FAMILIES)}")
    needed, options, notes = _needed(parameters, takes)
    names = tuple(p.name for p in needed)
    readings = _from_takes(takes, names) if takes else readings_of(names)
    plans: list[Plan] = []
    for family in _families(against, readings):
        plans += assign(family, readings, names, against)
    return [replace(p, options={**p.options, **options}, notes=notes) for p in plans]


def _needed(
    parameters: Sequence[Parameter], takes: str | None
) -> tuple[list[Parameter], dict[str, Any], tuple[str, ...]]:
    needed: list[Parameter] = []
    options: dict[str, Any] = {}
    notes: list[str] = []
    words = takes.split(",") if takes else []
    for p in parameters:
        if p.kind == "VAR_POSITIONAL":
            more = range(len(words) - len(needed))
            needed += [Parameter(f"{p.name}[{k}]", p.kind, None, None) for k in more]
        if p.kind in ("VAR_POSITIONAL", "VAR_KEYWORD"):
            continue
        weight = read_name(p.name).role == "weight" and len(needed) >= 2
        if weight and not (len(needed) < len(words)):
            options[p.name] = 1.0
            if p.number is not None and p.number != 1.0:
                notes.append(f"checked at {p.name} = 1; its default is {p.default}: a weighted objective")
        elif p.default is None or len(needed) < len(words):
            needed.append(p)
        elif p.number is None and p.default not in ("True", "False"):
            notes.append(f"checked at {p.name} = {p.default}, its default")
    return needed, options, tuple(notes)


def _from_takes(takes: str, names: tuple[str, ...]) -> list[Reading]:
    words = parse_takes(takes)
    if len(words) != len(names):
        raise VaemathError(
            f"takes: got {len(words)} words; the function has {len(names)} parameters without a default: "
            f"{', '.join(names)}"
        )
    out = []
    for word, name in zip(words, names, strict=True):
        group = read_name(name).group
        if word in SPREADS:
            out.append(Reading("spread", (word,), group, True))
        elif word in MATRIX:
            out.append(Reading("matrix", (word,), group, True))
        else:
            out.append(Reading(word, (), group, True))
    return out


def readings_of(names: tuple[str, ...]) -> list[Reading]:
    """What the names say; a number at the end is a mark if the name comes with several."""
    out = []
    for name in names:
        stem = name[:-1].rstrip("_")
        numbered = name[-1:] in "012" and any(
            other != name and other[:-1].rstrip("_") == stem and other[-1:] in "012" for other in names
        )
        reading = read_name(stem) if numbered else read_name(name)
        out.append(replace(reading, group=name[-1]) if numbered else reading)
    return out


def _families(against: str | None, readings: list[Reading]) -> list[str]:
    if against is not None:
        return [FAMILIES[against]]
    roles = [r.role for r in readings]
    if {"x", "recon", "logits", "probs"} & set(roles) and len(readings) >= 4:
        return ["bernoulli", "gaussian"]
    if len(readings) in (2, 3):
        return ["standard"]
    if len(readings) == 4:
        open_ones = roles.count("unknown") >= 2
        return ["pair", "bernoulli", "gaussian"] if open_ones else ["pair"]
    return ["pair"] if len(readings) == 5 else []
