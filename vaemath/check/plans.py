"""Ways in which a function may be called: a role for each parameter, and what the spreads may mean.

Plans come from ``--takes`` or from the parameter names; where the names leave something open, every
plan that they allow is listed, likelier ones first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from vaemath.check.names import ANY, MATRIX, Reading, read_name
from vaemath.errors import VaemathError
from vaemath.testing.conventions import SPREADS, parse_takes

__all__ = ["Parameter", "Plan", "plans_for", "readings_of"]

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


@dataclass(frozen=True)
class Parameter:
    """A parameter of the function: its name, its kind, and its default as text and as a number."""

    name: str
    kind: str
    default: str | None
    number: float | None


@dataclass(frozen=True)
class Plan:
    """A family, the role of every positional argument, and per spread the conventions that are
    allowed.

    Roles: loc, spread (of the first distribution), loc_q, spread_q (of the second), x, recon, z,
    eps. `matrix` says that spreads are matrices; `decoder` is how the reconstruction is read: mean,
    logits or probs.
    """

    family: str
    roles: tuple[str, ...]
    conventions: dict[str, tuple[str, ...]]
    sure: dict[str, bool]
    names: tuple[str, ...]
    matrix: bool = False
    decoder: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def name_of(self, role: str) -> str:
        """The function's own name for the parameter in that role."""
        return self.names[self.roles.index(role)] if role in self.roles else role


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
        plans += _assign(family, readings, names, against)
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


def _assign(family: str, readings: list[Reading], names: tuple[str, ...], against: str | None) -> list[Plan]:
    table: dict[str, list[tuple[str, ...]]] = {
        "standard": [("loc", "spread")],
        "reparameterization": [("loc", "spread")],
        "pair": [("loc", "spread", "loc_q", "spread_q"), ("loc", "loc_q", "spread", "spread_q")],
        "gaussian": [("x", "recon", "loc", "spread"), ("recon", "x", "loc", "spread")],
        "bernoulli": [("recon", "x", "loc", "spread"), ("x", "recon", "loc", "spread")],
    }
    patterns = table[family]
    plans = []
    extra = [k for k, r in enumerate(readings) if r.role in ("z", "eps")]
    rest = [k for k in range(len(readings)) if k not in extra]
    if len(rest) != len(patterns[0]) or len(extra) > 1:
        return []
    for pattern in _orders(family, patterns, [readings[k] for k in rest]):
        roles = [""] * len(readings)
        for k, role in zip(rest, pattern, strict=True):
            roles[k] = role
        for k in extra:
            roles[k] = readings[k].role
        plans += _conventions(family, tuple(roles), readings, names, against)
    return plans


def _orders(family: str, patterns: list[tuple[str, ...]], readings: list[Reading]) -> list[tuple[str, ...]]:
    """The patterns, and their rearrangements, that contradict no name; those that names confirm
    come first.
    """
    candidates = list(patterns)
    if family in ("standard", "reparameterization"):
        candidates.append(("spread", "loc"))
    if family == "pair":
        candidates += [
            ("loc_q", "spread_q", "loc", "spread"),
            ("loc_q", "loc", "spread_q", "spread"),
        ]
        candidates += [
            ("spread", "loc", "spread_q", "loc_q"),
            ("spread", "spread_q", "loc", "loc_q"),
        ]
    if family in ("gaussian", "bernoulli"):
        candidates += [("x", "loc", "spread", "recon"), ("recon", "loc", "spread", "x")]
        candidates += [("loc", "spread", "x", "recon"), ("loc", "spread", "recon", "x")]
        candidates += [("x", "recon", "spread", "loc"), ("recon", "x", "spread", "loc")]
    scored = [(score, -k, c) for k, c in enumerate(candidates) if (score := _score(c, readings)) >= 0]
    if not scored:
        return []
    best = max(scored)[0]
    return [c for score, _, c in sorted(scored, reverse=True) if score == best]


def _score(pattern: tuple[str, ...], readings: list[Reading]) -> int:
    score = 0
    for role, reading in zip(pattern, readings, strict=True):
        base = role.split("_")[0]
        found = {"matrix": "spread", "logits": "recon", "probs": "recon"}.get(reading.role, reading.role)
        if found == base:
            score += 4
        elif found == "loc" and role == "recon":  # "mean" may be the decoder's
            score += 1
        elif found != "unknown":
            return -1
        second = reading.group in ("prior", "target", "ref") or (reading.group == "0" and _has(readings))
        if second and base in ("loc", "spread") and "x" not in pattern:
            score += 2 if role.endswith("_q") else -1
    if pattern[0].endswith("_q") and not any(r.group in ("prior", "target", "ref") for r in readings):
        return (
            -1
        )  # the first distribution is the first argument of KL unless a name says that it is the prior
    groups: dict[str, set[str]] = {}
    for role, reading in zip(pattern, readings, strict=True):
        if reading.group and role.split("_")[0] in ("loc", "spread"):
            groups.setdefault(reading.group, set()).add("q" if role.endswith("_q") else "p")
    if any(len(sides) > 1 for sides in groups.values()):
        return -1  # one mark on both distributions
    return score


def _has(readings: list[Reading]) -> bool:
    return any(r.group in ("posterior", "post") for r in readings)


def _conventions(
    family: str,
    roles: tuple[str, ...],
    readings: list[Reading],
    names: tuple[str, ...],
    against: str | None,
) -> list[Plan]:
    spreads = [k for k, role in enumerate(roles) if role.startswith("spread")]
    kinds = {readings[k].role for k in spreads}
    flat = {roles[k]: _elementwise(readings[k]) for k in spreads}
    full = {roles[k]: _matrices(readings[k]) for k in spreads}
    sure = {roles[k]: readings[k].sure for k in spreads}
    plain = Plan(family, roles, flat, sure, names)
    matrix = Plan(family, roles, full, sure, names, matrix=True)
    loose = not all(readings[k].sure for k in spreads)
    if family in ("gaussian", "bernoulli"):
        place = readings[roles.index("recon")]
        decoders = {"logits": ("logits",), "probs": ("probs",)}.get(place.role, ("probs", "logits"))
        return [replace(plain, decoder="mean" if family == "gaussian" else d) for d in decoders][
            : 1 if family == "gaussian" else 2
        ]
    if family == "reparameterization":
        return [plain]
    if against in ("kl-mvn", "kl-mvn-standard"):
        return [matrix]
    if against is not None:
        return [plain]
    if "matrix" in kinds:
        return [matrix, plain] if loose else [matrix]
    return [plain, matrix] if loose else [plain]


def _elementwise(reading: Reading) -> tuple[str, ...]:
    if reading.role == "matrix":
        return {"covariance": ("var",), "scale_tril": ("std",)}.get(reading.conventions[0], ANY)
    return reading.conventions or ANY


def _matrices(reading: Reading) -> tuple[str, ...]:
    if reading.role == "matrix":
        return reading.conventions
    return (
        ("scale_tril",) if reading.conventions == ("std",) and reading.sure else ("covariance", "scale_tril")
    )
