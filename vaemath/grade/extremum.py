"""argmax and argmin: two functions have the same maximiser."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from vaemath.core.normal import canon
from vaemath.core.terms import Term, is_real
from vaemath.core.theorem import Theorem
from vaemath.grade.reading import Extremum
from vaemath.terms.build import add, exp, mul, number, sub

Equal = Callable[[Term, Term], tuple[str, Theorem] | None]
_FACTORS = [Fraction(p, q) for p, q in ((1, 1), (2, 1), (1, 2))]


def same(a: Extremum, b: Extremum, equal: Equal) -> tuple[str, Theorem] | None:
    """A proof that two maximisers are the same.

    The theorem is f = c g + h with c > 0 and h free of the variable, or f = exp g;
    for a minimum against a maximum c is negative.
    """
    if a.over != b.over or not (is_real(a.objective) and is_real(b.objective)):
        return None
    values = a.kind in ("max", "min") or b.kind in ("max", "min")
    if values and a.kind != b.kind:
        return None
    f, g = a.objective, b.objective
    turned = a.kind != b.kind
    if not turned:
        found = equal(f, g)
        if found is not None:
            return f"the same function: {found[0]}", found[1]
    if values:
        return None
    if not turned:
        for one, other in ((f, g), (g, f)):
            if one.head == "log" and canon(one.args[0]) == canon(other):
                proof = equal(exp(one), other)
                if proof is not None:
                    return "the logarithm increases", proof[1]
    for c in _FACTORS:
        factor = number(-c if turned else c)
        rest = _rest(f, mul(factor, g), a, b)
        if rest is None:
            continue
        found = equal(f, add(mul(factor, g), rest))
        if found is not None:
            return (
                f"the functions differ by a positive factor and by what does not depend on it: {found[0]}",
                found[1],
            )
    return None


def _rest(f: Term, g: Term, a: Extremum, b: Extremum) -> Term | None:
    """What is left of f - g, if it is free of the variable."""
    from vaemath.grade.reasons import linear
    from vaemath.proof import chain, tactics

    step = tactics.then(chain.definition, tactics.unfolding("E"), linear)(sub(f, g))
    rest = canon(step.rhs)
    varying = a.varying | b.varying
    return None if not varying or rest.free & varying else rest
