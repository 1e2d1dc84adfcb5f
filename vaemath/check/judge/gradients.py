"""The gradient that autograd gives, against the slope of the value that was lifted."""

from __future__ import annotations

from typing import Any

import numpy as np

from vaemath.check.core import ProofError, add, name_of, plus, sub
from vaemath.check.judge.algebra import normal, slope, without_epsilons
from vaemath.check.judge.decide import Opinion
from vaemath.check.judge.match import expected
from vaemath.check.report.verdict import Cause

__all__ = ["check"]

ELEMENTS = 4


def check(run: Any, opinion: Opinion) -> None:
    """Add the cause `gradient` where the two differ; say so where they are proved equal."""
    part = opinion.finding.part
    if part.flows is None:
        return
    params = {
        p for piece in opinion.pieces if piece.quantity.kind == "kl" for p in piece.match.candidate.params
    }
    params &= set(run.lifted.shapes)
    if not params:
        return
    if not part.flows and len(run.lifted.parts) > 1:
        opinion.notes.append("no gradient flows through this part: it is for reporting")
        return
    if not part.flows:
        opinion.causes.append(Cause("gradient", "no gradient flows through it"))
        opinion.status = "wrong"
        return
    total, _ = without_epsilons(add(*part.terms.reshape(-1)))
    noise = opinion.finding.noise
    wrong, compared = [], 0
    for param in sorted(params):
        shape = run.lifted.shapes[param]
        for i in list(np.ndindex(shape))[:ELEMENTS]:
            name = f"{param}|{','.join(map(str, i))}"
            letter = next((s for s in total.free if name_of(s) == name), None)
            if letter is None:
                continue
            got, _ = without_epsilons(part.slopes[param][i])
            try:
                rest = normal(sub(got, slope(total, letter)))
                if rest and noise:
                    rest = expected(_short(rest), noise)
            except ProofError:
                return
            compared += 1
            if plus(rest, {}) and not _tiny(rest):
                wrong.append(param)
                break
    if wrong:
        which = ", ".join(f"`{w}`" for w in wrong)
        opinion.causes.append(Cause("gradient", f"the value is right, but its gradient by {which} is not"))
        opinion.status = "wrong"
    elif compared:
        opinion.finding.part.__dict__.setdefault("evidence", []).append(
            "its gradient is proved equal to the slope of that formula"
        )


def _short(p: Any) -> Any:
    from vaemath.check.core import substitute, symbol, to_term

    t = to_term(p)
    return normal(
        substitute(
            t,
            {
                s: symbol(name_of(s).split("|")[0] + "#" + name_of(s).split("|")[-1], s.sort)
                for s in t.free
                if name_of(s).startswith(("normal", "uniform"))
            },
        )
    )


def _tiny(p: Any) -> bool:
    return all(abs(float(c)) < 1e-9 for c in p.values())
