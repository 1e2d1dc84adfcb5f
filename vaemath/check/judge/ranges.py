"""Where a formula holds: the bounds of clamps, the other side of branches, and plain calls."""

from __future__ import annotations

from typing import Any

import numpy as np

from vaemath.check.judge.algebra import evaluate
from vaemath.check.judge.decide import Opinion
from vaemath.check.judge.guards import ORDINARY, Guards, read_guards
from vaemath.check.judge.part import find
from vaemath.check.report.verdict import Cause

__all__ = ["check", "free_bits"]

POINTS = 3
FREE = ("free", "bits", "fb", "nats", "thresh", "floor", "lambda", "min", "clamp", "clip", "tol")


def _wide(run: Any, opinion: Opinion, factor: float = 1.0) -> dict[str, tuple[float, float]]:
    """A range for every parameter, as wide as its role allows."""
    out = {}
    for piece in opinion.pieces:
        used = piece.match.candidate.used
        for role, param in piece.match.candidate.roles.items():
            kind = used.get(role, role.removesuffix("_q"))
            low, high = ORDINARY.get(kind, (0.25, 0.85))
            out[param] = (low * factor, high * factor) if low < 0 else (low, high)
    return out


def check(run: Any, opinion: Opinion) -> None:
    """Compare plain calls over the ordinary ranges with the formula, and say what clamps do."""
    guards = read_guards(run.lifted.conditions)
    roles = {
        param: (role, piece)
        for piece in opinion.pieces
        for role, param in piece.match.candidate.roles.items()
    }
    for name, (low, high) in guards.bounds.items():
        if name not in roles:
            continue
        role, piece = roles[name]
        kind = piece.match.candidate.used.get(role, role.removesuffix("_q"))
        least, most = ORDINARY.get(kind, (0.0, 1.0))
        shown = (
            f"{low:g} <= {name} <= {high:g}"
            if low > -np.inf and high < np.inf
            else f"{name} >= {low:g}"
            if low > -np.inf
            else f"{name} <= {high:g}"
        )
        if low > least + 1e-9 or high < most - 1e-9:
            if _same_beyond(
                run, opinion, name, (low - 2, low - 0.5) if low > least else (high + 0.5, high + 2)
            ):
                continue
            opinion.causes.append(
                Cause("clamped-parameter", f"it is right for {shown} only: outside, `{name}` is clamped")
            )
            opinion.status = "wrong"
            opinion.computes = f"{opinion.computes}, for {shown}"
        elif (abs(low) < np.inf and abs(low) > 1e-3) or high < np.inf:
            opinion.notes.append(
                f"right for {shown}: outside, `{name}` is clamped, and it has no gradient there"
            )
    _elsewhere(run, opinion, guards)


def _elsewhere(run: Any, opinion: Opinion, guards: Guards) -> None:
    part = opinion.finding.part
    name = part.name
    if opinion.finding.noise:
        return
    wide = _wide(run, opinion)
    total = list(part.terms.reshape(-1))
    beyond, lost, tried = [], 0, 0
    for point in range(POINTS):
        plain = run.other(plain=True, ranges=wide, point=point + 2)
        if plain is None or name not in plain.parts:
            continue
        at = {**plain.point, **_weights(run, plain)}
        values = [float(evaluate(t, at)) for t in total]
        got = plain.parts[name].values.reshape(-1)
        wanted = np.asarray(values)
        tried += 1
        if (not np.all(np.isfinite(got)) and np.all(np.isfinite(wanted))) or not np.all(np.isfinite(got)):
            lost += 1
        elif np.max(np.abs(got - wanted)) > 1e-4 * max(1.0, float(np.max(np.abs(wanted)))):
            beyond.append(plain)
    if lost == tried and tried:
        opinion.causes.append(Cause("not-finite", "it gives NaN or infinity at ordinary arguments"))
        opinion.status = "wrong"
    elif beyond and opinion.status != "wrong":
        _other_side(run, opinion, guards, wide)
    elif tried:
        part.__dict__.setdefault("evidence", []).append(
            f"plain calls over ordinary arguments give the numbers of the formula ({tried} of {tried})"
        )


def _same_beyond(run: Any, opinion: Opinion, param: str, there: tuple[float, float]) -> bool:
    """Whether the same formula holds beyond a bound: a branch for the sake of the numbers."""
    name = opinion.finding.part.name
    lifted = run.other(ranges={param: there}, point=2)
    if lifted is None or name not in lifted.parts:
        return False
    lifted.reply["name"] = run.scene.name
    other = find(lifted.parts[name], lifted, run.readings)
    same = {(p.quantity.id, p.match.candidate.params) for p in opinion.pieces}
    return other.known and {(p.quantity.id, p.match.candidate.params) for p in other.pieces} == same


def _weights(run: Any, plain: Any) -> dict[str, float]:
    return {n: float(v) for n, v in plain.inputs.items() if np.ndim(v) == 0}


def _other_side(run: Any, opinion: Opinion, guards: Guards, wide: Any) -> None:
    """The formula does not hold on another side of a branch: is it right there too, or a clamped value?"""
    name = opinion.finding.part.name
    lifted = run.other(ranges=wide, point=2)
    if lifted is None or name not in lifted.parts:
        opinion.status = "undecided"
        return
    lifted.reply["name"] = run.scene.name
    other = find(lifted.parts[name], lifted, run.readings)
    same = {(p.quantity.id, p.match.candidate.params) for p in opinion.pieces}
    if other.known and {(p.quantity.id, p.match.candidate.params) for p in other.pieces} == same:
        opinion.notes.append("it branches; it is right on both sides that were looked at")
        return
    kinds = {kind for kind, _ in guards.others}
    if kinds & {"max", "min", "clamp"}:
        _clamped(run, opinion)
        return
    opinion.causes.append(Cause("wrong-term", "on another side of a branch it is another formula"))
    opinion.status = "wrong"


def _clamped(run: Any, opinion: Opinion) -> None:
    words = f"{run.scene.name} {run.process.description.get('source', '')}".lower()
    if any(w in words for w in FREE if w not in ("min", "clamp", "clip")):
        opinion.subject += " with free bits"
        opinion.notes.append("below the bound its value is clamped, and it has no gradient there")
        return
    opinion.causes.append(Cause("clamped-value"))
    opinion.status = "wrong"
    opinion.computes = f"{opinion.computes}, above a bound"


def free_bits(run: Any, opinion: Opinion) -> None:
    """A value that is clamped from below: lifted again where it is large."""
    kinds = {kind for kind, _ in run.lifted.conditions}
    if not kinds & {"max", "clamp"}:
        return
    from vaemath.check.judge.decide import decide

    far = {n: (2.5, 3.5) for n in run.lifted.shapes if run.readings[n].role in ("loc", "spread", "unknown")}
    lifted = run.other(ranges=far, point=2)
    name = opinion.finding.part.name
    if lifted is None or name not in lifted.parts:
        return
    lifted.reply["name"] = run.scene.name
    finding = find(lifted.parts[name], lifted, run.readings)
    again = run.again and run.other(sizes=run.again.reply["sizes"], ranges=far, point=2)
    run.scene.others = [find(again.parts[name], again, run.readings)] if again and name in again.parts else []
    found = decide(finding, run.scene)
    if found.status not in ("correct", "scaled"):
        return
    opinion.__dict__.update(found.__dict__)
    _clamped(run, opinion)
