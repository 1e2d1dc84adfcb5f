"""Terms in a normal form in which equal formulas are equal; their slopes, numbers, and text.

Beside the laws of `vaemath`'s normal form: softplus and sigmoid are what they abbreviate, and inside a
logarithm sums are put over one denominator and positive common factors are taken out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from scipy import special as sp

from vaemath.check.core import (
    Poly,
    ProofError,
    Term,
    add,
    div,
    exp,
    log,
    mul,
    name_of,
    neg,
    number,
    one,
    poly,
    power,
    rebuild,
    sign,
    sub,
    substitute,
    times,
    to_term,
    zero,
)
from vaemath.check.lift.constants import epsilon_value

__all__ = ["evaluate", "normal", "number_text", "slope", "symbols_of", "text", "without_epsilons"]

_TIDY: dict[Term, Term] = {}
_NORMAL: dict[Term, Poly] = {}


def normal(t: Term) -> Poly:
    """The normal form. Raises `ProofError` where it would be too large."""
    if t not in _NORMAL:
        _NORMAL[t] = poly(_tidy(t))
    return _NORMAL[t]


def symbols_of(p: Poly) -> set[Term]:
    """The symbols of a polynomial."""
    return {s for mono in p for atom, _ in mono for s in atom.free}


def without_epsilons(t: Term) -> tuple[Term, list[float]]:
    """The term with every epsilon at zero, and their sizes. A term that then means nothing keeps them."""
    found = {s: e for s in t.free if (e := epsilon_value(name_of(s))) is not None}
    return (substitute(t, dict.fromkeys(found, zero)), sorted(found.values())) if found else (t, [])


def _tidy(t: Term) -> Term:
    if t not in _TIDY:
        if t.head in ("sym", "num", "pi", "lam"):
            out = t
        elif t.head == "softplus":
            out = _tidy(log(add(one, exp(t.args[0]))))
        elif t.head == "sigmoid":
            out = _tidy(div(one, add(one, exp(neg(t.args[0])))))
        else:
            args = tuple(_tidy(a) for a in t.args)
            out = _log(poly(args[0])) if t.head == "log" else rebuild(t, args)
        _TIDY[t] = out
    return _TIDY[t]


def _log(p: Poly) -> Term:
    """log p, with one denominator and every positive common factor outside."""
    if len(p) < 2:
        return log(to_term(p))
    outside: list[Term] = []
    for _ in range(8):
        lowest: dict[Term, Fraction] = {}
        for k, mono in enumerate(p):
            exponents = dict(mono)
            for atom in exponents if not k else {*lowest, *exponents}:
                e = exponents.get(atom, Fraction(0))
                lowest[atom] = e if not k else min(e, lowest.get(atom, Fraction(0)))
        common = {a: e for a, e in lowest.items() if e and (sign(a) == ">" or (e < 0 and a.head == "add"))}
        if not common:
            break
        for atom, e in common.items():
            outside.append(mul(number(e), log(atom)))
            p = times(p, {((atom, -e),): Fraction(1)})
        if len(p) < 2:
            break
    return add(*outside, log(to_term(p))) if outside else log(to_term(p))


def slope(t: Term, x: Term) -> Term:
    """The derivative of a term by a symbol. Raises `ProofError` for a head without a rule."""
    if x not in t.free:
        return zero
    if t.head == "sym":
        return one
    if t.head == "add":
        return add(*(slope(a, x) for a in t.args))
    if t.head == "mul":
        parts = [mul(_others(t.args, k), slope(a, x)) for k, a in enumerate(t.args) if x in a.free]
        return add(*parts)
    (a,) = t.args if len(t.args) == 1 else (None,)
    if a is not None:
        inner = slope(a, x)
        if t.head == "pow":
            e = Fraction(*t.data)
            return mul(mul(number(e), power(a, e - 1)), inner)
        if t.head == "exp":
            return mul(t, inner)
        if t.head == "log":
            return mul(power(a, -1), inner)
        if t.head in ("softplus", "sigmoid"):
            s = div(one, add(one, exp(neg(a))))
            return mul(s if t.head == "softplus" else mul(s, sub(one, s)), inner)
    raise ProofError(f"the derivative of `{t.head}`")


def _others(args: tuple[Term, ...], k: int) -> Term:
    rest = [a for i, a in enumerate(args) if i != k]
    return mul(rest[0], mul_all(rest[1:])) if len(rest) > 1 else rest[0]


def mul_all(parts: list[Term]) -> Term:
    """The product of a list."""
    out = parts[0]
    for p in parts[1:]:
        out = mul(out, p)
    return out


_FUNCTIONS: dict[str, Any] = {
    "lgamma": sp.gammaln,
    "digamma": sp.digamma,
    "erf": sp.erf,
    "erfc": sp.erfc,
    "erfinv": sp.erfinv,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "atan": np.arctan,
    "i0": sp.i0,
    "i1": sp.i1,
    "i0e": sp.i0e,
    "i1e": sp.i1e,
    "log_ndtr": sp.log_ndtr,
}


def evaluate(t: Term, at: Mapping[str, Any]) -> Any:
    """The number that a term has at a point, in float64; an epsilon has its size."""
    memo: dict[Term, Any] = {}

    def go(t: Term) -> Any:
        if t not in memo:
            memo[t] = value(t)
        return memo[t]

    def value(t: Term) -> Any:
        h = t.head
        if h == "num":
            return t.data[0] / t.data[1]
        if h == "sym":
            size = epsilon_value(name_of(t))
            return size if size is not None else at[name_of(t)]
        if h == "pi":
            return math.pi
        if h == "add":
            return sum(go(a) for a in t.args)
        if h == "mul":
            return math.prod((go(a) for a in t.args), start=np.float64(1.0))
        if h == "app":
            return _FUNCTIONS[name_of(t.args[0])](go(t.args[1]))
        a = np.float64(go(t.args[0]))
        if h == "pow":
            return a ** (t.data[0] / t.data[1])
        return {"exp": np.exp, "log": np.log, "sigmoid": sp.expit, "softplus": lambda v: np.logaddexp(0, v)}[
            h
        ](a)

    with np.errstate(all="ignore"):
        return go(t)


def number_text(value: Fraction) -> str:
    """A fraction as people write it; a decimal where it is no simple one."""
    if value.denominator > 1000 and abs(value.numerator) > 2:
        return f"{float(value):.6g}"
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


def text(p: Poly, *, lead: str = "") -> str:
    """A polynomial as people write it, with its commonest number taken out in front of `lead`."""
    if not p:
        return "0"
    if p.keys() == {()}:
        return number_text(p[()])
    sizes: dict[Fraction, int] = {}
    for c in p.values():
        sizes[abs(c)] = sizes.get(abs(c), 0) + 1
    common, count = max(sizes.items(), key=lambda item: (item[1], item[0]))
    if (count < 2 and len(p) > 1) or (common.denominator == 1 and not lead):
        common = Fraction(1)
    order = sorted(p, key=lambda m: (m == (), _rank(m)))
    outer = common if p[order[0]] > 0 else -common
    inner = ""
    for k, m in enumerate(order):
        c = p[m] / outer
        mark = ("-" if c < 0 else "") if not k else (" - " if c < 0 else " + ")
        inner += mark + _mono_text(m, abs(c))
    front = "" if outer == 1 else "-" if outer == -1 else number_text(outer) + " "
    bare = not lead and (not front or len(p) == 1)
    return f"{front}{inner}" if bare else f"{front}{lead}({inner})"


def _rank(m: Any) -> tuple[int, str]:
    first = m[0][0] if m else one
    kinds = {"sym": 0, "exp": 2, "log": 3}
    return (
        kinds.get(first.head, 1) if (len(m) == 1 and m[0][1] != 1) or first.head != "sym" else 3,
        str(first),
    )


def _mono_text(m: Any, c: Fraction) -> str:
    above: list[str] = []
    below: list[str] = []
    inside = [(a.args[0], e) for a, e in m if a.head == "exp"]
    if inside:
        total = (
            add(*(mul(number(e), a) for a, e in inside))
            if len(inside) > 1 or inside[0][1] != 1
            else inside[0][0]
        )
        above.append(f"exp({text(poly(total))})")
    for a, e in m:
        if a.head == "exp":
            continue
        base, size = _atom_text(a), abs(e)
        shown = (
            f"sqrt({base})"
            if size == Fraction(1, 2)
            else _grouped(a, base)
            if size == 1
            else f"{_grouped(a, base)}^{_power_text(size)}"
        )
        (above if e > 0 else below).append(shown)
    head = [] if c == 1 and above else [number_text(c)]
    top = " ".join([*head, *above])
    if not below:
        return top
    return f"{top}/{below[0]}" if len(below) == 1 else f"{top}/({' '.join(below)})"


def _power_text(e: Fraction) -> str:
    return str(e) if e.denominator == 1 else f"({e})"


def _grouped(a: Term, shown: str) -> str:
    return f"({shown})" if a.head in ("add", "mul") else shown


def _atom_text(a: Term) -> str:
    if a.head == "sym":
        return name_of(a)
    if a.head == "num":
        return str(a)
    if a.head == "log":
        inner = poly(a.args[0])
        if inner.keys() == {(), *(m for m in inner if m)} and len(inner) == 2 and inner[()] == 1:
            (mono,) = [m for m in inner if m]
            if inner[mono] == 1 and len(mono) == 1 and mono[0][0].head == "exp":
                return f"softplus({text(poly(mul(number(mono[0][1]), mono[0][0].args[0])))})"
        return f"log({text(inner)})"
    if a.head == "app":
        return f"{name_of(a.args[0])}({text(poly(a.args[1]))})"
    if a.head == "add":
        return text(poly(a))
    return str(a)
