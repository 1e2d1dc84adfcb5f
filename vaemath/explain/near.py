"""Lines that differ from a given one by a common slip: sign, factor, power, order, a transpose."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from vaemath.core.terms import NAT, Term, TermError, fits, is_matrix, is_real, make, rebuild, substitute
from vaemath.terms.build import add, mul, neg, number, power, sub

Variant = tuple[str, Term]  # what the slip was, and the line without it


def variants(line: Term) -> Iterator[Variant]:
    """Lines near the given one, the likeliest slips first; each is named as what went wrong."""
    for kind, new in _everywhere(line):
        if new != line and new.level == 0:
            yield kind, new
    yield from _exchanged(line)
    if is_real(line):
        for c in (1, 2):
            for d in (1, 2):
                q = Fraction(c, d)
                yield f"a constant: {_signed(q)} is missing", add(line, number(q))
                yield f"a constant: {_signed(-q)} is missing", sub(line, number(q))


def _signed(q: Fraction) -> str:
    return f"{'+' if q > 0 else '-'} {abs(q)}"


def _everywhere(t: Term) -> Iterator[Variant]:
    """One slip mended at one place; under binders the variables stay as they are."""
    for kind, new in _here(t):
        yield kind, new
    for k, a in enumerate(t.args):
        for kind, new in _everywhere(a):
            try:
                yield kind, rebuild(t, (*t.args[:k], new, *t.args[k + 1 :]))
            except TermError:
                continue


def _here(t: Term) -> Iterator[Variant]:
    if t.head == "add":
        for k, part in enumerate(t.args):
            others = (t.args[:k], t.args[k + 1 :])
            yield "a sign", make("add", (*others[0], _negated(part), *others[1]))
            for factor, words in ((2, "a factor 2"), (Fraction(1, 2), "a factor 1/2")):
                yield (
                    f"{words} is missing",
                    make("add", (*others[0], _scaled(part, Fraction(factor)), *others[1])),
                )
        for k in range(len(t.args)):
            rest = t.args[:k] + t.args[k + 1 :]
            yield "a term too many", rest[0] if len(rest) == 1 else make("add", rest)
    if t.head == "pow":
        p, q = t.data
        if q == 1 and p in (2, -2):
            yield "a square: it is not squared", power(t.args[0], p // 2)
        if q == 1 and p == -1:
            yield "a square is missing", power(t.args[0], -2)
    if t.head in ("sym", "app") and fits(t.sort, ("real",)) and t.sort != NAT:
        yield "a square is missing (the second moment, not the first)", power(t, 2)
    if t.head == "add" and is_real(t):
        yield "a square is missing", power(t, 2)
    if t.head in ("KL", "CE"):
        yield "the arguments are swapped", make(t.head, (t.args[1], t.args[0]))
    if t.head == "mul":
        for k, part in enumerate(t.args):
            rest = t.args[:k] + t.args[k + 1 :]
            if part.head != "num" and rest:
                yield "a factor too many", rest[0] if len(rest) == 1 else make("mul", rest)
    if t.head == "T":
        yield "a transpose too many", t.args[0]
    if t.head == "inv":
        yield "an inverse too many", t.args[0]
    if t.head == "sym" and is_matrix(t):
        if t.sort[0] == "spd":
            yield "an inverse is missing", make("inv", (t,))
        elif t.sort[1] == t.sort[2]:
            yield "a transpose is missing", make("T", (t,))
    if t.head == "matmul":
        for k in range(len(t.args) - 1):
            swapped = (*t.args[:k], t.args[k + 1], t.args[k], *t.args[k + 2 :])
            try:
                yield "the order of a matrix product", make("matmul", swapped)
            except TermError:
                continue
    if t.head in ("E", "int", "log", "tr", "logdet", "mul", "num") and is_real(t) and t.level == 0:
        yield "a sign", neg(t)
        yield "a factor 2 is missing", mul(2, t)
        yield "a factor 1/2 is missing", mul(number(Fraction(1, 2)), t)


def _negated(t: Term) -> Term:
    lead = t.args[0] if t.head in ("mul", "scale") else None
    if lead is not None and lead.head == "num" and lead.data[0] < 0:
        positive = number(-Fraction(*lead.data))
        rest = t.args[1:] if positive.data == (1, 1) else (positive, *t.args[1:])
        if t.head == "mul":
            return rest[0] if len(rest) == 1 else make("mul", rest)
    return make("scale", (number(-1), t)) if is_matrix(t) else neg(t)


def _scaled(t: Term, q: Fraction) -> Term:
    return make("scale", (number(q), t)) if is_matrix(t) else mul(number(q), t)


def _exchanged(line: Term) -> Iterator[Variant]:
    """Two symbols of one sort, each for the other; or one in place of the other."""
    symbols = sorted((s for s in line.free if s.sort != NAT), key=str)
    for i, a in enumerate(symbols):
        for b in symbols[i + 1 :]:
            if a.sort == b.sort:
                yield f"{a} and {b} are swapped", substitute(line, {a: b, b: a})
