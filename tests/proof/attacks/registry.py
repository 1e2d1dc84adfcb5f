"""The register of attacks, and the symbols they use.

Each gives back a theorem or raises, and says how it fails: it is refused for a reason, or what it proves
carries the condition that was to be got round, which no model satisfies where the statement is false in all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class Attack:
    """An attempt, and why it fails: it is refused with a message, or its theorem carries a hypothesis."""

    make: Callable[[], Theorem]
    refused: str = ""
    given: str = ""
    vacuous: bool = False


ATTACKS: dict[str, Attack] = {}
Register = Callable[[Callable[[], Theorem]], Callable[[], Theorem]]


def _registered(**why: Any) -> Register:
    def register(make: Callable[[], Theorem]) -> Callable[[], Theorem]:
        ATTACKS[make.__name__] = Attack(make, **why)
        return make

    return register


def refused(message: str) -> Register:
    """A rule refuses, and says so."""
    return _registered(refused=message)


def given(hypothesis: str) -> Register:
    """The theorem is true: it carries the condition without which it would be false."""
    return _registered(given=hypothesis)


def vacuous(hypothesis: str) -> Register:
    """The theorem says nothing: it carries a hypothesis that no model satisfies."""
    return _registered(given=hypothesis, vacuous=True)


def equal(left: Term, right: Term) -> Theorem:
    return rules.algebra(left=left, right=right)
