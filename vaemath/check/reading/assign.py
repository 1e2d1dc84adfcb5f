"""Which parameter is which: the roles that the names allow, likelier ones first."""

from __future__ import annotations

from dataclasses import replace

from vaemath.check.reading.names import ANY, Reading
from vaemath.check.reading.plan import Plan

__all__ = ["assign"]


def assign(family: str, readings: list[Reading], names: tuple[str, ...], against: str | None) -> list[Plan]:
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
