"""Conditions on the path that a function took: a clamp of an argument, a clamp of the value, a branch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vaemath.check.core import Poly, Term, name_of, substitute, symbol
from vaemath.check.judge.algebra import evaluate, normal, symbols_of, without_epsilons
from vaemath.check.judge.decompose import split_name

__all__ = ["ORDINARY", "Guards", "read_guards"]

#: between these bounds a parameter of that convention is ordinary: a clamp that leaves them alone is a guard
ORDINARY = {
    "logvar": (-2.0, 2.0),
    "logstd": (-1.0, 1.0),
    "softplus": (-2.0, 2.0),
    "softplus-var": (-2.0, 2.0),
    "std": (0.37, 2.7),
    "var": (0.14, 7.3),
    "precision": (0.14, 7.3),
    "logprecision": (-2.0, 2.0),
    "loc": (-3.0, 3.0),
    "probs": (0.02, 0.98),
    "logits": (-4.0, 4.0),
    "mean": (-3.0, 3.0),
    "x": (0.02, 0.98),
}


@dataclass
class Guards:
    """What limits the region: bounds on arguments, and whatever else was compared."""

    bounds: dict[str, tuple[float, float]] = field(default_factory=dict)
    others: list[tuple[str, Poly]] = field(default_factory=list)

    def outside(self, values: Mapping[str, float]) -> bool:
        """Whether a point is beyond a bound."""
        return any(not low <= values[n] <= high for n, (low, high) in self.bounds.items() if n in values)


def read_guards(conditions: list[tuple[str, Term]]) -> Guards:
    """Sort the conditions of a run. Those that hold by themselves are left out."""
    out = Guards()
    seen: set[Term] = set()
    for kind, term in conditions:
        plain, _ = without_epsilons(term)
        flat = substitute(plain, {s: symbol(split_name(s)[0].rstrip("~"), s.sort) for s in plain.free})
        if flat in seen:
            continue
        seen.add(flat)
        p = normal(flat)
        found = symbols_of(p)
        if len(found) == 1 and _linear(p):
            (s,) = found
            slope = next(c for m, c in p.items() if m)
            bound = -evaluate_constant(p) / float(slope)
            low, high = out.bounds.get(name_of(s), (float("-inf"), float("inf")))
            out.bounds[name_of(s)] = (max(low, bound), high) if slope > 0 else (low, min(high, bound))
        elif found and not _always(flat, found):
            out.others.append((kind, p))
    return out


def _linear(p: Poly) -> bool:
    terms = [m for m in p if any(a.free for a, _ in m)]
    return len(terms) == 1 and len(terms[0]) == 1 and terms[0][0][0].head == "sym" and terms[0][0][1] == 1


def evaluate_constant(p: Poly) -> float:
    """The part of a polynomial that is a number."""
    total = 0.0
    for mono, c in p.items():
        if not any(a.free for a, _ in mono):
            value = float(c)
            for atom, e in mono:
                value *= float(evaluate(atom, {})) ** float(e)
            total += value
    return total


def _always(t: Term, found: set[Term]) -> bool:
    """Whether a condition holds wherever it was tried (it is recorded only where a guard of zero acts)."""
    import itertools

    names = sorted(name_of(s) for s in found)
    if len(names) > 5:
        return False
    for values in itertools.product((-6.0, -1.3, -0.2, 0.01, 0.7, 4.0), repeat=len(names)):
        got = evaluate(t, dict(zip(names, values, strict=True)))
        if got < 0:
            return False
    return True
