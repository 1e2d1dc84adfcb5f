"""Symbols and helpers shared by the tests of the audit."""

from __future__ import annotations

from vaemath.audit.evaluate import evaluate, verdict
from vaemath.audit.models import Model
from vaemath.core.terms import NAT, POINT, POSITIVE, REAL, Term
from vaemath.terms.build import one, symbol, symbols

x, y, m1, m2 = symbols("x y m1 m2", REAL)
s1, s2 = symbols("s1 s2", POSITIVE)
d, n = symbols("d n", NAT)
p, q = symbols("p q", ("dist", POINT))
mu = symbol("mu", ("fun", NAT, REAL))
sigma = symbol("sigma", ("fun", NAT, POSITIVE))
u, v = symbols("u v", ("mat", n, one))
A = symbol("A", ("mat", n, n))
S, T = symbols("S T", ("spd", n))
f = symbol("f", ("fun", REAL, REAL))


def everywhere(statement: Term, models: int = 4) -> bool:
    """Is the statement true in several random models?"""
    return all(verdict(statement, Model(seed)).truth is True for seed in range(models))


def nowhere(statement: Term, models: int = 4) -> bool:
    """Is the statement false in several random models?"""
    return all(verdict(statement, Model(seed)).truth is False for seed in range(models))


__all__ = [
    "A",
    "Model",
    "S",
    "T",
    "d",
    "evaluate",
    "everywhere",
    "f",
    "m1",
    "m2",
    "mu",
    "n",
    "nowhere",
    "p",
    "q",
    "s1",
    "s2",
    "sigma",
    "u",
    "v",
    "verdict",
    "x",
    "y",
]
