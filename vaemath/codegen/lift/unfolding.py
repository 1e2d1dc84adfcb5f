"""Special functions replaced by their meaning, so that algebra can compare them."""

from __future__ import annotations

from functools import cache

from vaemath.core import rules
from vaemath.core.heads import SPECIAL, sign, unfold
from vaemath.core.normal import canon
from vaemath.core.terms import POSITIVE, REAL, Term, rebuild, substitute
from vaemath.core.theorem import Theorem
from vaemath.terms.build import add, exp, log, mul, neg, special, symbol


@cache
def reflection() -> Theorem:
    """log(1 + e^-u) = log(1 + e^u) - u: softplus on the negative side through the positive."""
    u = symbol("u", REAL)
    a, b = symbol("a", POSITIVE), symbol("b", POSITIVE)
    split = rules.algebra(left=log(mul(a, b)), right=add(log(a), log(b)))
    here = rules.instantiate(split, mapping={a: exp(neg(u)), b: add(1, exp(u))})
    product = rules.algebra(left=add(1, exp(neg(u))), right=here.lhs.args[0])
    inside = rules.congruence(product, term=log(product.lhs), path=(0,), names=())
    tidy = rules.algebra(left=here.rhs, right=add(log(add(1, exp(u))), neg(u)))
    return rules.transitivity(rules.transitivity(inside, here), tidy)


@cache
def unfolded(t: Term) -> Term:
    """The term in exp and log alone; log(1 + e^-u) with u > 0 by its form goes by `reflection`."""
    if t.head == "log1p" and t.args[0].head == "exp":
        t = special("softplus", t.args[0].args[0])  # log(1 + e^x), by another name
    if t.head == "softplus":
        size = neg(t.args[0])
        if sign(canon(size)) == ">":
            (u,) = reflection().statement.free
            return unfolded(substitute(reflection().rhs, {u: size}))
    if t.head in SPECIAL:
        return unfolded(unfold(t))
    return rebuild(t, tuple(unfolded(a) for a in t.args))
