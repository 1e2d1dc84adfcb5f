"""Helpers of the writer: signs, factors, variances, names."""

from __future__ import annotations

from fractions import Fraction as Q

from vaemath.core.terms import Term, fresh, make, number, open_with
from vaemath.pages.densities import role, walk
from vaemath.pages.layout import COMMA, NEGATIVE, Fraction, Number, Piece, row

SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4
HALVES = (number(Q(1, 2)), make("pow", (number(2),), (-1, 1)))


def is_plain(factors: list[Term]) -> bool:
    """One symbol, an entry of a family, or a power of these."""
    t = factors[0]
    base = t.args[0] if t.head == "pow" else t
    return len(factors) == 1 and base.head in ("sym", "app") and t.sort[0] not in ("mat", "spd")


def by_role(lam: Term) -> str | None:
    """The letter that the notes use for a point: x where p(x) is taken at it, z where q(z|x) is."""
    probe = fresh("point", lam.data[1], lam.free)
    for t in walk(open_with(lam, probe)):
        if t.head == "pdf" and t.args[1] == probe:
            known = role(t.args[0])
            found = known[0].variable if known else None
            if t.args[0].head == "density":
                found = by_role(t.args[0].args[0])
            if found:
                return found
    return None


def listed(pieces: list[Piece]) -> Piece:
    out: list[Piece] = []
    for p in pieces:
        out += [COMMA, p] if out else [p]
    return row(*out)


def numeral(q: Q) -> tuple[Piece, int]:
    size = abs(q)
    shown: Piece = Number(str(size.numerator))
    if size.denominator != 1:
        shown = Fraction(shown, Number(str(size.denominator)))
    if q < 0:
        return row(NEGATIVE, shown), SUM
    return shown, ATOM if size.denominator == 1 else PRODUCT


def factors_of(t: Term) -> tuple[Term, ...]:
    """The factors of a product, a matrix's coefficient among them."""
    if t.head == "mul":
        return t.args
    return (*factors_of(t.args[0]), t.args[1]) if t.head == "scale" else (t,)


def without_minus(t: Term) -> tuple[bool, Term]:
    """Is the term written with a leading minus, and what stands after it?"""
    if t.head == "num" and t.data[0] < 0:
        return True, number(-Q(*t.data))
    first = t.args[0] if t.head in ("mul", "scale") else None
    if first is None or first.head != "num" or first.data[0] >= 0:
        return False, t
    positive = number(-Q(*first.data))
    if t.head == "scale":
        return True, t.args[1] if positive.data == (1, 1) else make("scale", (positive, t.args[1]))
    rest = t.args[1:] if positive.data == (1, 1) else (positive, *t.args[1:])
    return True, rest[0] if len(rest) == 1 else make("mul", rest)


def upside_down(t: Term) -> Term:
    """1/t for a power with a negative exponent."""
    return t.args[0] if t.data == (-1, 1) else make("pow", t.args, (-t.data[0], t.data[1]))


def squared(scale: Term) -> Term:
    """The variance, for print: sigma^2, e^v for e^(v/2)."""
    if scale.head == "num":
        return number(Q(*scale.data) ** 2)
    if scale.head == "exp" and scale.args[0].head == "mul" and scale.args[0].args[-1] in HALVES:
        rest = scale.args[0].args[:-1]
        return make("exp", (rest[0] if len(rest) == 1 else make("mul", rest),))
    if scale.head == "pow" and scale.data == (1, 2):
        return scale.args[0]
    return make("pow", (scale,), (2, 1))
