"""Rigorous bounds of an integrand far out on the line: |f(x)| <= c |x|^m exp(b |x| - a x^2) for |x| >= 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flint import arb

from vaemath.audit.binders import uses
from vaemath.audit.code import Env, code
from vaemath.audit.values import BeyondError, UndefinedError
from vaemath.core.terms import Term


@dataclass(frozen=True)
class Growth:
    """|f(x)| <= c |x|^m exp(b |x| - a x^2) for |x| >= 1."""

    c: arb
    m: int
    a: arb
    b: arb

    def __add__(self, other: Growth) -> Growth:
        smaller: arb = self.a.min(other.a).lower()
        larger: arb = self.b.max(other.b).upper()
        return Growth(self.c + other.c, max(self.m, other.m), smaller, larger)

    def __mul__(self, other: Growth) -> Growth:
        return Growth(self.c * other.c, self.m + other.m, self.a + other.a, self.b + other.b)

    def tail(self, reach: arb) -> arb:
        """A bound of the integral of |f| over |x| >= reach >= 1.

        Raises:
            UndefinedError: the bound does not decay, or only beyond `reach`.
        """
        half = self.a / 2
        margin = half * reach**2 - self.b * reach - self.m * reach.log()
        rising = self.a * reach - self.b - self.m / reach
        if not (half > 0 and margin >= 0 and rising >= 0 and reach >= 1):
            raise UndefinedError("a tail that is not seen to decay")
        return 2 * self.c * (-half * reach**2).exp() / (self.a * reach)


def growth(t: Term, m: Any, env: Env, depth: int = 0) -> Growth:
    """The bound for a term, as a function of the bound variable of index `depth`.

    Raises:
        BeyondError: the term is not made of sums, products, natural powers and exponentials of quadratics.
    """
    zero = arb(0)
    if not uses(t, depth):
        return Growth(abs(code(t)(m, env)).upper(), 0, zero, zero)
    if t.head == "bv":
        return Growth(arb(1), 1, zero, zero)
    if t.head in ("add", "mul"):
        first, *rest = (growth(a, m, env, depth) for a in t.args)
        for g in rest:
            first = first + g if t.head == "add" else first * g
        return first
    if t.head == "pow" and t.data[1] == 1 and t.data[0] > 0:
        out = base = growth(t.args[0], m, env, depth)
        for _ in range(t.data[0] - 1):
            out = out * base
        return out
    if t.head == "exp":
        c0, c1, c2 = _quadratic(t.args[0], m, env, depth)
        return Growth(c0.exp().upper(), 0, (-c2).lower(), abs(c1).upper())
    if (
        t.head == "pdf"
        and t.args[0].head == "normal"
        and t.args[1].head == "bv"
        and not uses(t.args[0], depth)
    ):
        loc, scale = (code(a)(m, env) for a in t.args[0].args)
        a = 1 / (2 * scale**2)
        height = (-a * loc**2).exp() / (scale * (2 * arb.pi()).sqrt())
        return Growth(height.upper(), 0, a.lower(), abs(2 * a * loc).upper())
    raise BeyondError(f"no bound for the growth of `{t.head}`")


def _quadratic(t: Term, m: Any, env: Env, depth: int) -> tuple[arb, arb, arb]:
    c = _coefficients(t, m, env, depth)
    if len(c) > 3:
        raise BeyondError("an exponent of degree above two")
    return (*c, arb(0), arb(0))[:3]  # type: ignore[return-value]


def _coefficients(t: Term, m: Any, env: Env, depth: int) -> list[arb]:
    """The coefficients of a polynomial in the bound variable, the constant first."""
    if not uses(t, depth):
        return [code(t)(m, env)]
    if t.head == "bv":
        return [arb(0), arb(1)]
    if t.head == "add":
        parts = [_coefficients(a, m, env, depth) for a in t.args]
        return [sum((p[k] for p in parts if k < len(p)), arb(0)) for k in range(max(map(len, parts)))]
    factors = (
        [t.args[0]] * t.data[0] if t.head == "pow" and t.data[1] == 1 and 0 < t.data[0] < 9 else list(t.args)
    )
    if t.head not in ("mul", "pow") or (t.head == "pow" and len(factors) != t.data[0]):
        raise BeyondError(f"`{t.head}` in an exponent")
    out = [arb(1)]
    for f in factors:
        c = _coefficients(f, m, env, depth)
        product = [arb(0)] * (len(out) + len(c) - 1)
        for i, x in enumerate(out):
            for j, y in enumerate(c):
                product[i + j] += x * y
        out = product
    return out
