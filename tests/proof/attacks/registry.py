"""The register of attacks, and the symbols they use.

Each gives back a theorem or raises. A theorem is no success by itself: it may carry a hypothesis that
is false. It is one when the audit finds a model in which its hypotheses hold and its statement does not.
"""

from __future__ import annotations

from collections.abc import Callable

from vaemath.core import rules
from vaemath.core.terms import NAT, POINT, POSITIVE, REAL, Term
from vaemath.core.theorem import Theorem
from vaemath.terms.build import *
from vaemath.terms.build import symbol, symbols

x, y = symbols("x y", REAL)
positive, scale = symbols("positive scale", POSITIVE)
d, n = symbols("d n", NAT)
q = symbol("q", ("dist", POINT))
z = symbol("z", POINT)
mu = symbol("mu", ("fun", NAT, REAL))
A, B, C = symbols("A B C", ("mat", n, n))

ATTACKS: dict[str, Callable[[], Theorem]] = {}


def attack(body: Callable[[], Theorem]) -> Callable[[], Theorem]:
    ATTACKS[body.__name__] = body
    return body


def equal(left: Term, right: Term) -> Theorem:
    return rules.algebra(left=left, right=right)
