"""Rigorous enclosures of concrete integrals in ball arithmetic (Arb), tails included.

Where quadrature says that two steps agree, this says: the integral lies in this ball. It is used for
every integral whose value came from a computer algebra system.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flint import acb, arb, ctx

from vaemath.audit.binders import uses
from vaemath.audit.code import Env, code
from vaemath.audit.growth import growth
from vaemath.audit.values import BeyondError, UndefinedError
from vaemath.core.terms import REAL, Term

DIGITS = 25
NARROW = 1e-15
Analytic = Callable[[acb, bool], acb]


@dataclass(frozen=True)
class Enclosure:
    """A ball that contains an integral, and the value that was claimed for it."""

    integral: arb
    claimed: arb

    @property
    def holds(self) -> bool:
        """The claimed value lies in the ball, and the ball is narrow enough to mean something."""
        scale = 1 + abs(float(self.integral.mid()))
        return bool(self.integral.overlaps(self.claimed)) and float(self.integral.rad()) < NARROW * scale

    @property
    def refuted(self) -> bool:
        """The claimed value lies outside the ball."""
        return not self.integral.overlaps(self.claimed)


def enclose(integral: Term, m: Any, env: Env = ()) -> arb:
    """A ball that contains a concrete integral over the line or an interval.

    Raises:
        BeyondError: the integrand is not explicit, or its tails cannot be bounded.
        UndefinedError: it is not seen to converge.
    """
    lam = integral.args[-1]
    if integral.head not in ("int", "intab") or lam.data[1] != REAL:
        raise BeyondError("an integral over something other than real numbers")
    inside = (None, *env)
    f = analytic(lam.args[0], m, inside)
    if integral.head == "intab":
        low, high = (code(a)(m, env) for a in integral.args[:2])
        return _between(f, low, high)
    bound = growth(lam.args[0], m, inside)
    reach = arb(4)
    for _ in range(40):
        try:
            tail = bound.tail(reach)
            if tail < 1e-22:
                return _between(f, -reach, reach) + arb(0, float(tail.upper()) * 1.001)
        except UndefinedError:
            pass
        reach = reach * 3 / 2
    raise UndefinedError("tails that are not seen to decay")


def _between(f: Analytic, low: arb, high: arb) -> arb:
    value = acb.integral(f, acb(low), acb(high), rel_tol=2.0**-70, abs_tol=2.0**-70)
    if not value.is_finite():
        raise UndefinedError("an integral that was not enclosed")
    return value.real


def compare(equation: Term, m: Any) -> Enclosure:
    """The enclosure of the integral on the left of an equation, beside its right side."""
    with ctx.workdps(DIGITS + 10):
        return Enclosure(enclose(equation.args[0], m), code(equation.args[1])(m, ()))


def converges(statement: Term, m: Any) -> bool:
    """Is an integrand over the line seen to decay like a normal density?"""
    lam = statement.args[-1]
    if len(statement.args) != 1 or lam.data[1] != REAL:
        raise BeyondError("no bound for tails over this space")
    with ctx.workdps(DIGITS + 10):
        return bool(growth(lam.args[0], m, (None,)).a > 0)


def analytic(t: Term, m: Any, env: Env, depth: int = 0) -> Analytic:
    """A term as an analytic function of the bound variable of index `depth`; `env` keeps its place free."""
    if not uses(t, depth):
        value = acb(code(t)(m, env))
        return lambda z, strict: value
    if t.head == "bv":
        return lambda z, strict: z
    if (
        t.head == "pdf"
        and t.args[0].head == "normal"
        and t.args[1].head == "bv"
        and not uses(t.args[0], depth)
    ):
        loc, scale = (code(a)(m, env) for a in t.args[0].args)
        norm = scale * (2 * arb.pi()).sqrt()
        return lambda z, strict: (-(((z - loc) / scale) ** 2) / 2).exp() / norm
    parts = [analytic(a, m, env, depth) for a in t.args]
    if t.head == "add":
        return lambda z, strict: sum((p(z, strict) for p in parts), acb(0))
    if t.head == "mul":
        return lambda z, strict: _product(parts, z, strict)
    (inner,) = parts if len(parts) == 1 else (None,)
    if inner is None:
        raise BeyondError(f"no enclosure for `{t.head}`")
    if t.head == "pow":
        p, q = t.data
        if q == 1:
            return lambda z, strict: inner(z, strict) ** p
        if q == 2:
            return lambda z, strict: inner(z, strict).sqrt(analytic=strict) ** p
    if t.head == "exp":
        return lambda z, strict: inner(z, strict).exp()
    if t.head == "log":
        return lambda z, strict: inner(z, strict).log(analytic=strict)
    raise BeyondError(f"no enclosure for `{t.head}`")


def _product(parts: list[Analytic], z: acb, strict: bool) -> acb:
    out = parts[0](z, strict)
    for p in parts[1:]:
        out = out * p(z, strict)
    return out
