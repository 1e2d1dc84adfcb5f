"""A second checker of certificates. It shares no code with the first: none of `core`, `proof` or `terms`.

    python -m vaemath.recheck FILE...          vaemath recheck [FILES|IDS]

What a term means is written in ``docs/semantics.md``, what a rule says in the docstrings of
``vaemath/core/rules``; both are read here a second time, by other means:

* A bound variable is named by the height of its binder (one more than the binders inside it), so that terms
  that differ in names only are one term; a substitution goes below a binder by opening it with a new name.
* Equality of real terms is decided in the field of fractions of polynomials (python-flint, with greatest
  common divisors), over generators for symbols, unknown functions, exponentials, logarithms and radicals.
  Exponents are compared as rational functions, by linear algebra; radicals are reduced modulo their
  equation. Matrices are combinations of words.
* `integrate` does not ask SymPy again: both sides are evaluated in high precision at random parameters. This
  is numeric evidence, no proof; the theorem goes on naming the oracle `sympy.integrate`.

Of `differentiate` by a matrix and of `substitution` the recorded right side is taken, when it equals what is
derived here. A certificate is accepted when every step's statement, every block's hypotheses and its oracles
are what the rules give.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import comb, gcd, prod
from pathlib import Path
from typing import Any, NamedTuple

from flint import Ordering, arb, fmpq, fmpq_mat, fmpq_mpoly_ctx
from flint import ctx as balls


class Refused(ValueError):
    """Why a certificate is not accepted, in one line."""


def need(ok: object, why: str) -> None:
    if not ok:
        raise Refused(why)


WORK, SECONDS, MEMORY = 4_000_000, 60.0, 4 << 30
_left: dict[str, float] = {}


def spend(n: int = 1) -> None:
    """Every part of the work is counted, so that no file takes long."""
    _left["work"] = _left.get("work", WORK) - n
    if _left["work"] < 0 or (_left.get("end", 0) and time.monotonic() > _left["end"]):
        raise Refused("more work than any theorem needs")


# --- terms ---


class T:
    """A term: interned, so that equal terms are one object."""

    __slots__ = ("args", "data", "free", "head", "height", "sort")
    head: str
    args: tuple[T, ...]
    data: tuple[Any, ...]
    free: frozenset[T]  # symbols, and bound variables whose binder is further out
    height: int  # of the highest binder inside
    sort: Any


_table: dict[Any, T] = {}
_count = [0]


def make(head: str, *args: T, data: tuple[Any, ...] = ()) -> T:
    if head == "app" and len(args) > 1 and args[0].head == "lam":
        first = opened(args[0], args[1])
        return first if len(args) == 2 else make("app", first, *args[2:])
    key = (head, data, args)
    if key not in _table:
        spend()
        t = T()
        t.head, t.args, t.data = head, args, data
        free = {s for a in args for s in a.free} | {s for n in sizes(data) for s in n.free}
        if head == "lam":
            free.discard(make("bv", data=data))
        t.free = frozenset(free | {t} if head in ("sym", "bv") else free)
        t.height = data[0] if head == "lam" else max((a.height for a in args), default=0)
        t.sort = sort_of(head, args, data)
        _table[key] = t
    return _table[key]


def sizes(data: Any) -> Iterator[T]:
    for d in data:
        if isinstance(d, T):
            yield d
        elif isinstance(d, tuple):
            yield from sizes(d)


def unique(sort: Any) -> T:
    """A symbol that stands nowhere else."""
    _count[0] += 1
    return make("sym", data=(-_count[0], sort))


def put(t: T, values: dict[T, T]) -> T:
    """Put values for symbols, everywhere at once."""
    keys, flat = frozenset(values), not any(v.height for v in values.values())
    done: dict[T, T] = {}

    def go(t: T) -> T:
        if not (t.free & keys):
            return t
        if t not in done:
            if t in values:
                done[t] = values[t]
            elif t.head == "lam" and not flat:  # the binder may have to be named anew
                x = unique(t.data[1])
                body = go(opened(t, x))
                done[t] = bind(make("sym", data=(x.data[0], in_sort(x.sort, go))), body)
            else:
                done[t] = make(t.head, *map(go, t.args), data=in_sort(t.data, go))
        return done[t]

    return go(t)


def in_sort(d: Any, change: Callable[[T], T]) -> Any:
    """A sort, or other data, with its dimensions changed."""
    return (
        change(d) if isinstance(d, T) else tuple(in_sort(x, change) for x in d) if isinstance(d, tuple) else d
    )


def bind(x: T, body: T) -> T:
    need(x.head == "sym", "only a symbol is bound")
    h = body.height + 1
    return make("lam", put(body, {x: make("bv", data=(h, x.sort))}), data=(h, x.sort))


def opened(f: T, value: T) -> T:
    need(f.head == "lam" and within(value, f.data[1]), f"no function of a value of sort {value.sort}")
    return put(f.args[0], {make("bv", data=f.data): value})


def entered(f: T) -> tuple[T, T]:
    need(f.head == "lam", "expected an abstraction")
    x = unique(f.data[1])
    return x, opened(f, x)


# --- sorts: the name of one without parts, or a tuple of its name and its parts ---


def fits(s: Any, wanted: Any) -> bool:
    if (
        s == wanted
        or (s in ("positive", "nat", "bit") and wanted == "real")
        or (s, wanted) == ("nat", "positive")
    ):
        return True
    if isinstance(s, str):
        return False
    if s[0] == "fun" == wanted[0]:
        return fits(wanted[1], s[1]) and fits(s[2], wanted[2])
    return (
        wanted in ("nat", "positive", "real")
        if s[0] == "fin"
        else s[0] == "spd" and wanted == ("mat", s[1], s[1])
    )


def within(t: T, s: Any) -> bool:
    """Is every value of the term one of the sort? A number is one of 1..n when it is at most n."""
    if t.head == "num" and s[0] == "fin" and s[1].head == "num":
        return t.sort == "nat" and bool(t.data[0] <= s[1].data[0])
    return fits(t.sort, s)


def check_sort(s: Any) -> None:
    size: Callable[[Any], bool] = lambda n: (
        isinstance(n, T) and fits(n.sort, "nat") and not any(map(loose, n.free))
    )
    match s:
        case "real" | "positive" | "nat" | "bit" | "point":
            return
        case ("fin" | "spd", n) if size(n):
            return
        case ("mat", r, c) if size(r) and size(c):
            return
        case ("fun", a, b) if not of_densities(a):
            check_sort(a)
            return check_sort(b)
        case ("dist", a) if is_space(a):
            return
    raise Refused("no sort, or one with a dimension that is bound")


def of_densities(s: Any) -> bool:
    return isinstance(s, tuple) and (s[0] == "dist" or any(map(of_densities, s)))


def loose(s: T) -> bool:
    return s.head == "bv" or (type(s.data[0]) is int and s.data[0] >= 0)


def is_space(s: Any) -> bool:
    check_sort(s)
    return (
        s[0] == "fun" and s[1][0] == "fin" and is_space(s[2])
        if s[0] == "fun"
        else s[0] not in ("spd", "dist")
    )


def real(t: T) -> bool:
    return fits(t.sort, "real")


def shape(t: T) -> Any:
    return (t.sort[1], t.sort[-1]) if t.sort[0] in ("mat", "spd") else None


def is_lam(t: T, over: Any = None) -> bool:
    return t.head == "lam" and (over is None or t.data[1] == over)


def counted(f: T) -> bool:
    """Is it a function on a finite set?"""
    return bool(f.data[1] == "bit" or f.data[1][0] == "fin")


def takes(kind: str, t: T, e: dict[str, Any]) -> Any:
    """Does an argument fit?

    r real, d density, a a point of its space, q square, m, v column, o 1 x 1; functions: F on 1..n, D the
    same with densities, G on the density's space, P a statement there; `e` keeps sizes n, r, c and space s.
    """
    match kind:
        case "r":
            return real(t)
        case "d":
            return t.sort[0] == "dist" and e.setdefault("s", t.sort[1]) == t.sort[1]
        case "a":
            return within(t, e["s"])
        case "F" | "D":
            ok = is_lam(t) and t.data[1][0] == "fin" and e.setdefault("n", t.data[1][1]) == t.data[1][1]
            return ok and takes("r" if kind == "F" else "d", t.args[0], e)
        case "P":
            return is_lam(t) and e.setdefault("s", t.data[1]) == t.data[1] and t.args[0].sort == "prop"
        case "G":
            ok = is_lam(t) and e.setdefault("s", t.data[1]) == t.data[1]
            e["v"] = ok and (("mat", *shape(t.args[0])) if shape(t.args[0]) else "real")
            return ok and (e["v"] != "real" or real(t.args[0]))
    if not shape(t):
        return False
    r, c = shape(t)
    if kind == "m":
        e["r"], e["c"] = r, c
        return True
    if kind == "o":
        return r is c is ONE
    return e.setdefault("n", r) is r and c is (r if kind == "q" else ONE)


REAL_OF_REAL = ("exp", "log", "expm1", "log1p", "expm1_minus", "log1p_minus", "sigmoid", "softplus")
FORMS: dict[str, tuple[str, Any]] = {
    **dict.fromkeys(REAL_OF_REAL, ("r", "real")), "pi": ("", "positive"), "prod": ("F", "real"),
    "E": ("dG", "v"), "pdf": ("da", "real"), "KL": ("dd", "real"), "CE": ("dd", "real"), "H": ("d", "real"),
    "normal": ("rr", ("dist", "real")), "mvn": ("vq", ("dist", ("mat", "n", "1"))),
    "bernoulli": ("r", ("dist", "bit")), "categorical": ("F", ("dist", ("fin", "n"))),
    "indep": ("D", ("dist", ("fun", ("fin", "n"), "s"))), "scale": ("rm", ("mat", "r", "c")),
    "T": ("m", ("mat", "c", "r")), "chol": ("q", ("mat", "n", "n")), "diagm": ("F", ("mat", "n", "n")),
    "vec": ("F", ("mat", "n", "1")), "tr": ("q", "real"), "scalar": ("o", "real"), "logdet": ("q", "real"),
    "forall": ("P", "prop"), "ae": ("dP", "prop"), "spd": ("q", "prop"), "invertible": ("q", "prop"),
}  # fmt: skip


def filled(pattern: Any, e: dict[str, Any]) -> Any:
    return tuple(filled(p, e) for p in pattern) if isinstance(pattern, tuple) else e.get(pattern, pattern)


def sort_of(head: str, a: tuple[T, ...], data: tuple[Any, ...]) -> Any:
    why = f"`{head}` does not take what stands in it"
    need(len(data) == (2 if head in ("sym", "bv", "lam", "num", "pow") else 0), why)
    if head in FORMS:
        kinds, result = FORMS[head]
        e: dict[str, Any] = {"1": None if head == "pi" else ONE}
        need(len(a) == len(kinds) and all(takes(k, t, e) for k, t in zip(kinds, a, strict=True)), why)
        return filled(result, e)
    if head in ("sym", "bv"):
        need(not a, why)
        check_sort(data[1])
        return data[1]
    if head == "lam":
        check_sort(("fun", data[1], "real" if a[0].sort == "prop" else a[0].sort))
        return ("fun", data[1], a[0].sort)
    if head in ("num", "pow"):
        need(all(type(x) is int for x in data) and data[1] > 0 and gcd(*data) == 1, why)
        need(len(a) == (head == "pow") and all(map(real, a)), why)
        return "real" if head == "pow" or data[0] <= 0 else "nat" if data[1] == 1 else "positive"
    need(a, why)
    over = a[-1].data[1] if a[-1].head == "lam" else None
    match head:
        case "app":
            s = a[0].sort
            for x in a[1:]:
                need(s[0] == "fun" and within(x, s[1]), why)
                s = s[2]
            need(len(a) > 1, why)
            return s
        case "add" | "mul":
            first = shape(a[0]) if head == "add" else None
            need(len(a) > 1, why)
            need(all(shape(x) == first for x in a) if first else all(map(real, a)), why)
            return ("mat", *first) if first else "real"
        case "matmul":
            need(
                len(a) > 1 and all(map(shape, a)) and all(shape(x)[1] is shape(y)[0] for x, y in pairwise(a)),
                why,
            )
            return ("mat", shape(a[0])[0], shape(a[-1])[1])
        case "inv" if len(a) == 1 and takes("q", a[0], {}):
            return a[0].sort
        case "eye" if len(a) == 1 and fits(a[0].sort, "nat"):
            check_sort(("spd", *a))
            return ("spd", *a)
        case "diff" | "differentiable" if len(a) == 2 and a[0].head == "lam":
            over = a[0].data[1]
            need((over == "real" or over[0] == "mat") and real(a[0].args[0]) and fits(a[1].sort, over), why)
            return "prop" if head == "differentiable" else over
        case "int" | "integrable" | "density" if len(a) == 1 and over:
            e = {}
            need(takes("G", a[0], e) and is_space(over) and (head != "density" or e["v"] == "real"), why)
            return ("dist", over) if head == "density" else "prop" if head == "integrable" else e["v"]
        case "intab" | "integrable" if len(a) == 3 and over == "real":
            need(real(a[0]) and real(a[1]) and real(a[2].args[0]), why)
            return "real" if head == "intab" else "prop"
        case "exchange" if len(a) == 1 and a[0].head == "diff":
            need(a[0].args[0].args[0].head in ("E", "int", "intab"), why)
            return "prop"
        case "def" if len(a) == 2 and a[0].head == "sym" and fits(a[1].sort, a[0].sort):
            return "prop"
        case "eq" | "ne" | "le" | "lt" if len(a) == 2:
            plain = all(map(real, a)) or (head == "eq" and a[0].sort[0] == "dist" and a[0].sort == a[1].sort)
            need(plain or (head in ("eq", "ne") and shape(a[0]) and shape(a[0]) == shape(a[1])), why)
            return "prop"
    raise Refused(why if head in HEADS else f"unknown node type `{head}`")


OTHERS = """sym bv lam num pow app add mul matmul inv eye diff differentiable int intab integrable density
exchange def eq ne le lt"""
HEADS = {*FORMS, *OTHERS.split()}


def num(q: Fraction | int) -> T:
    return make("num", data=Fraction(q).as_integer_ratio())


ZERO, ONE = num(0), num(1)
BASE = dict(_table)


def flat(head: str, *parts: T) -> T:
    out = [x for p in parts for x in (p.args if p.head == head else (p,))]
    return out[0] if len(out) == 1 else make(head, *out)


def add(*parts: T) -> T:
    return flat("add", *parts)


def mul(*parts: T) -> T:
    return flat("mul", *parts)


def pow_(a: T, e: Fraction | int) -> T:
    return make("pow", a, data=Fraction(e).as_integer_ratio())


def neg(a: T) -> T:
    return num(-Fraction(*a.data)) if a.head == "num" else mul(num(-1), a)


def every(p: T, *names: T) -> T:
    """`p` for all values of those of the names that it mentions, the first outermost."""
    for x in reversed(names):
        p = make("forall", bind(x, p)) if x in p.free else p
    return p


# --- what the form of a term says, what a word means, what must hold for a term to be meant ---

_memo: dict[Any, Any] = {}


def sign(t: T) -> int:
    """2: positive by its form, 1: nonnegative, 0: unknown; of a density, its values."""
    if ("sign", t) not in _memo:
        _memo["sign", t] = _sign(t)
    return int(_memo["sign", t])


def _sign(t: T) -> int:
    if fits(t.sort, "positive") or (t.sort[0] == "dist" and t.head in ("sym", "bv", "app")):
        return 2
    inner: Callable[[], int] = lambda: sign(t.args[-1].args[0])
    match t.head:
        case _ if t.sort == "bit":
            return 1
        case "exp" | "sigmoid" | "softplus" | "mvn" | "bernoulli":
            return 2
        case "expm1_minus":
            return 1
        case "num":
            return int(t.data[0] == 0)
        case "add" | "mul" if real(t):
            signs = [sign(a) for a in t.args]
            return min(signs) and ((max if t.head == "add" else min)(signs))
        case "pow":
            b, (p, q) = sign(t.args[0]), t.data
            return 2 if b == 2 else int(b == 1 or q > 1 or p % 2 == 0)
        case "pdf":
            return sign(t.args[0])
        case "normal":
            return sign(t.args[1])
        case "prod" | "categorical" | "density" | "indep":
            return inner()
        case "int" if real(t):
            return inner() if counted(t.args[0]) else min(inner(), 1)
        case "E" if real(t):
            return min(sign(t.args[0]), inner(), 1)
    return 0


def log(a: T) -> T:
    return make("log", a)


def exp(a: T) -> T:
    return make("exp", a)


def pdf(q: T, x: T) -> T:
    return make("pdf", q, x)


SPECIAL: dict[str, Callable[[T], T]] = {
    "expm1": lambda x: add(exp(x), num(-1)),
    "log1p": lambda x: log(add(ONE, x)),
    "expm1_minus": lambda x: add(exp(x), num(-1), neg(x)),
    "log1p_minus": lambda x: add(x, neg(log(add(ONE, x)))),
    "sigmoid": lambda x: pow_(add(ONE, exp(neg(x))), -1),
    "softplus": lambda x: log(add(ONE, exp(x))),
}


def meaning(t: T) -> T:
    """A defined notion written out."""
    if t.head in SPECIAL:
        return SPECIAL[t.head](t.args[0])
    if t.head in ("KL", "CE", "H"):
        x = unique(t.args[0].sort[1])
        second = neg(log(pdf(t.args[-1], x)))
        return make(
            "E", t.args[0], bind(x, add(log(pdf(t.args[0], x)), second) if t.head == "KL" else second)
        )
    if t.head == "E":
        x, body = entered(t.args[1])
        p = pdf(t.args[0], x)
        return make("int", bind(x, make("scale", p, body) if shape(body) else mul(p, body)))
    need(t.head == "pdf", f"`{t.head}` is not a defined notion")
    (q, x), half, two_pi = t.args, num(Fraction(1, 2)), mul(num(2), make("pi"))
    match q.head:
        case "normal":
            m, s = q.args
            z = mul(pow_(add(x, neg(m)), 2), pow_(mul(num(2), pow_(s, 2)), -1))
            return mul(exp(neg(z)), pow_(mul(pow_(two_pi, Fraction(1, 2)), s), -1))
        case "mvn":
            m, s = q.args
            v = add(x, make("scale", num(-1), m))
            form = make("scalar", make("matmul", make("T", v), make("inv", s), v))
            norm = add(mul(half, shape(s)[0], log(two_pi)), mul(half, make("logdet", s)))
            return exp(add(neg(norm), neg(mul(half, form))))
        case "bernoulli":
            p = q.args[0]
            return exp(add(mul(x, log(p)), mul(add(ONE, neg(x)), log(add(ONE, neg(p))))))
        case "categorical" | "density":
            return opened(q.args[0], x)
        case "indep":
            j, factor = entered(q.args[0])
            return make("prod", bind(j, pdf(factor, make("app", x, j))))
    raise Refused("this density has no formula")


def above(b: T) -> list[T]:
    """0 < b, of a product with one factor of unknown sign and of odd powers that of the inside."""
    if b.head == "mul" and len(odd := [f for f in b.args if sign(f) < 2]) == 1:
        return above(odd[0])
    return above(b.args[0]) if b.head == "pow" and b.data[1] == 1 and b.data[0] % 2 else [make("lt", ZERO, b)]


def apart(b: T) -> list[T]:
    """b != 0, by factors."""
    inside = b.head == "mul" or (b.head == "pow" and b.data[1] == 1)
    return [p for f in b.args for p in apart(f)] if inside else [make("ne", b, ZERO)]


def own_needs(t: T) -> list[T]:
    """What the head itself needs to be meant."""
    a = t.args
    match t.head:
        case "pow":
            p, q = t.data
            return [make("lt" if p < 0 else "le", ZERO, a[0])] if q > 1 else apart(a[0]) if p < 0 else []
        case "log":
            return above(a[0])
        case "log1p" | "log1p_minus":
            return [make("lt", ZERO, add(ONE, a[0]))]
        case "normal":
            return [make("lt", ZERO, a[1])]
        case "bernoulli":
            return [make("lt", ZERO, a[0]), make("lt", ZERO, add(ONE, neg(a[0])))]
        case "mvn" | "chol" | "logdet":
            return [make("spd", a[-1])]
        case "inv":
            return [make("invertible", *a)]
        case "int" | "intab" | "E" | "KL" | "CE" | "H":
            while t.head not in ("int", "intab"):
                t = meaning(t)
            return [] if t.head == "int" and counted(t.args[0]) else [make("integrable", *t.args)]
    return []


def needs(t: T) -> frozenset[T]:
    """What must hold for every part of a term to be meant."""
    if ("needs", t) not in _memo:
        found = set(own_needs(t))
        if t.head == "diff":
            found |= smooth(*t.args) | needs(t.args[1])
        if t.head in ("KL", "CE", "H"):
            found |= needs(meaning(t))
        for a in () if t.head == "diff" else t.args:
            x, body = entered(a) if a.head == "lam" else (a, a)
            found |= {every(p, x) for p in needs(body)} if a.head == "lam" else needs(a)
        _memo["needs", t] = frozenset(p for p in found if not evident(p))
    kept: frozenset[T] = _memo["needs", t]
    return kept


def smooth(f: T, at: T) -> set[T]:
    """What makes f differentiable at a point, and keeps its parts meant near it."""
    x, body = entered(f)
    return {put(p, {x: at}) for p in _smooth(body, x, real(at) and sign(at) == 2)}


def _smooth(t: T, x: T, positive: bool) -> set[T]:
    parts: Callable[[], set[T]] = lambda: {p for a in t.args for p in _smooth(a, x, positive)}
    if x not in t.free:
        return set(needs(t))
    match t.head:
        case "sym" | "add" | "mul" | "exp" | "matmul" | "scale" | "T" | "tr" | "scalar":
            return parts()
        case "pow":
            (b,), (p, q) = t.args, t.data
            return parts() | set([make("lt", ZERO, b)] if q > 1 else apart(b) if p < 0 else [])
        case "log" | "inv" | "logdet":
            return parts() | set(own_needs(t))
        case "prod" | "vec" | "diagm" | "int" if t.head != "int" or t.args[0].data[1][0] == "fin":
            j, body = entered(t.args[0])
            return {every(p, j) for p in _smooth(body, x, positive)}
        case "app" if (
            len(t.args) == 2 and x not in t.args[0].free and t.args[0].sort[1] == "real" and real(t)
        ):
            u = unique("real")
            return {make("differentiable", bind(u, make("app", t.args[0], u)), t.args[1])} | _smooth(
                t.args[1], x, positive
            )
    if t.head in SPECIAL:
        return _smooth(meaning(t), x, positive)
    y = unique("positive" if positive else x.sort)
    return {make("differentiable", bind(x, t), x)} | {every(p, y) for p in needs(put(t, {x: y}))}


def evident(p: T) -> bool:
    """Is a statement plain from the form of its terms?"""
    a, b = p.args[0], p.args[-1]
    match p.head:
        case "forall":
            return evident(entered(a)[1])
        case "lt" | "le" if a is ZERO:
            return sign(b) >= (2 if p.head == "lt" else 1)
        case "lt" | "le" if a.head == b.head == "num":
            gap = Fraction(*b.data) - Fraction(*a.data)
            return gap > 0 or (gap == 0 and p.head == "le")
        case "le" | "eq" | "def":
            return a is b
        case "ne":
            return a is not b if a.head == b.head == "num" else b is ZERO and sign(a) == 2
        case "spd":
            return definite(a)
        case "invertible":
            return definite(a) or (a.head in ("T", "inv") and evident(make("invertible", *a.args)))
        case "integrable":
            between = len(p.args) == 3
            return all(map(evident, smooth(b, unique("real")))) if between else counted(a)
        case "differentiable":
            return p not in (found := smooth(a, b)) and all(map(evident, found))
    return False


def definite(m: T) -> bool:
    if m.head == "scale":
        return sign(m.args[0]) == 2 and definite(m.args[1])
    return m.sort[0] == "spd" or (m.head == "diagm" and sign(m.args[0].args[0]) == 2)


# --- equality ---


class Larger(Exception):
    """More generators, or a finer radical, are needed: begin again."""


@dataclass
class Gen:
    """A generator. `load`: the exponent, what the logarithm or radical is of, the factors of a product."""

    kind: str
    load: Any
    positive: bool
    uses: frozenset[T]
    rough: frozenset[T]  # the symbols in which it is no polynomial


@dataclass(frozen=True)
class Letter:
    key: Any
    head: str
    size: Any
    symmetric: bool
    definite: bool
    uses: frozenset[T]
    rough: frozenset[T]
    inside: Any  # the abstraction of a diagonal or vector; the word that a Cholesky factor is one of


Value = tuple[Any, Any]  # numerator and denominator
Word = tuple[tuple[int, bool, bool], ...]  # letter, transposed, inverted
NONE: frozenset[T] = frozenset()
LONGEST, HIGHEST, BITS = 1_000, 64, 50_000


class Field:
    """Fractions of polynomials over what a few terms are made of."""

    def __init__(self, size: int, orders: dict[str, int]) -> None:
        self.ring = fmpq_mpoly_ctx.get([f"g{k}" for k in range(size)], Ordering.lex)
        self.vars = self.ring.gens()
        self.orders = orders
        self.gens: list[Gen] = []
        self.radicals: list[int] = []
        self.letters: list[Letter] = []
        self.found: dict[Any, int] = {}
        self.values: dict[T, Value] = {}
        self.one = self.ring.constant(1)

    # numbers and generators
    def const(self, q: Any) -> Value:
        return self.ring.constant(fmpq(*Fraction(q).as_integer_ratio())), self.one

    def gen(self, key: Any, make_gen: Callable[[], Gen]) -> int:
        if key not in self.found:
            new = make_gen()
            if len(self.gens) == len(self.vars):
                raise Larger
            self.found[key] = len(self.gens)
            self.radicals += [len(self.gens)] * (new.kind == "root")
            self.gens.append(new)
        return self.found[key]

    def atom(self, key: Any, kind: str, load: Any, positive: bool, uses: Any, rough: Any) -> Value:
        k = self.gen(key, lambda: Gen(kind, load, positive, frozenset(uses), frozenset(rough)))
        return self.vars[k], self.one

    def used(self, *ps: Any) -> list[int]:
        every_degree = [p.degrees() for p in ps if not p.is_constant()]
        return [k for k in range(len(self.gens)) if any(ds[k] for ds in every_degree)]

    def uses(self, v: Value) -> frozenset[T]:
        return NONE.union(*(self.gens[k].uses for k in self.used(*v)))

    def rough(self, v: Value) -> frozenset[T]:
        return self.uses((v[1], self.one)).union(*(self.gens[k].rough for k in self.used(v[0])))

    def key(self, v: Value) -> tuple[str, str]:
        return str(v[0]), str(v[1])

    # arithmetic
    def times(self, a: Any, b: Any) -> Any:
        if a is self.one or b is self.one:
            return a if b is self.one else b
        need(len(a) * len(b) <= 40 * LONGEST, "a product too large to multiply out")
        spend(len(a) * len(b))
        return a * b

    def norm(self, n: Any, d: Any) -> Value:
        if self.radicals:
            (n, a), (d, b) = self.reduced(n), self.reduced(d)
            n, d = self.times(n, b), self.times(d, a)
        if d is self.one or d.is_one() or n.is_zero():
            need(not d.is_zero(), "a division by zero")
            return n, self.one
        need(not d.is_zero(), "a division by zero")
        for k in self.radicals:  # none stands below as a factor
            if low := min(e[k] for e in d.monoms()):
                up = self.vars[k] ** (self.gens[k].load[1] - low)
                return self.norm(self.times(n, up), self.times(d, up))
        if not d.is_constant():
            need(len(n) + len(d) <= LONGEST, "a fraction too large to reduce")
            g = n.gcd(d)
            n, d = n / g, d / g
        c = d.leading_coefficient()
        return n / c, self.one if d.is_constant() else d / c

    def reduced(self, p: Any) -> tuple[Any, Any]:
        """p = first / second, with each radical below its order."""
        below = self.one
        degrees = () if p.is_constant() else p.degrees()
        for k in reversed(self.radicals if degrees else []):
            (n, d), q = self.gens[k].load
            if (most := degrees[k] // q) == 0:
                continue
            parts: dict[int, dict[Any, Any]] = {}
            for e, c in p.terms():
                parts.setdefault(e[k] // q, {})[(*e[:k], e[k] % q, *e[k + 1 :])] = c
            p = self.ring.constant(0)
            for times, terms in parts.items():
                p += self.times(self.ring.from_dict(terms), self.times(n**times, d ** (most - times)))
            again, more = self.reduced(p)
            return again, self.times(self.times(below, d**most), more)
        return p, below

    def plus(self, *vs: Value) -> Value:
        n, d = self.ring.constant(0), self.one
        for a, b in vs:
            if b is d or b == d:
                n = n + a
            else:
                g = d.gcd(b)
                n, d = self.times(n, b / g) + self.times(a, d / g), self.times(d, b / g)
        return self.norm(n, d)

    def prod(self, *vs: Value) -> Value:
        n, d = self.one, self.one
        for a, b in vs:
            n, d = self.times(n, a), self.times(d, b)
        return self.norm(n, d)

    def scaled(self, q: Any, v: Value) -> Value:
        return self.prod(self.const(q), v)

    def positive(self, p: Any) -> bool:
        strict = False
        for e, c in p.terms():
            odd = [k for k, n in enumerate(e) if n and not self.gens[k].positive]
            if c <= 0 or any(e[k] % 2 for k in odd):
                return False
            strict = strict or not odd
        return strict

    def split(self, v: Value) -> tuple[Fraction, list[tuple[Any, int]]] | None:
        """A number and irreducible factors with exponents, all positive by their form."""
        c, parts = Fraction(1), []
        for p, s in zip(v, (1, -1), strict=True):
            need(len(p) <= 400, "a sum too long to factor")
            lead, factors = p.factor()
            for f, m in [(self.ring.constant(lead), 1), *factors]:
                size = abs(f.leading_coefficient())
                f = f / size
                c *= Fraction(int(size.p), int(size.q)) ** (int(m) * s)
                if f.is_constant():
                    c *= int(f.leading_coefficient()) ** int(m)
                else:
                    parts.append((f, int(m) * s))
        return (c, parts) if c > 0 and all(self.positive(f) for f, _ in parts) else None

    def content(self, v: Value) -> tuple[Fraction, Value]:
        lead = abs(v[0].leading_coefficient())
        return Fraction(int(lead.p), int(lead.q)), (v[0] / lead, v[1])

    def raised(self, v: Value, r: Fraction) -> Value:
        n, d = v
        if n.is_zero():
            need(r > 0, "a power of zero with an exponent <= 0")
            return v
        if r.denominator == 1:
            n, d = (d, n) if r < 0 else (n, d)
            k = abs(int(r))
            need(max(len(n), len(d)) == 1 or k <= HIGHEST, "a power too large to multiply out")
            bits = max(int(c.p).bit_length() + int(c.q).bit_length() for p in (n, d) for c in p.coeffs())
            need(k * bits <= BITS, "a power that is too long a number")
            need(comb(max(len(n), len(d)) + k - 1, k) <= LONGEST, "a power too large to multiply out")
            return self.norm(n**k, d**k)
        if (parts := self.split(v)) is None:
            c, u = self.content(v)
            return self.prod(self.root_of_number(c, r), self.root(u, r, False))
        return self.prod(
            self.root_of_number(parts[0], r), *(self.root((f, self.one), m * r) for f, m in parts[1])
        )

    def root_of_number(self, c: Fraction, r: Fraction) -> Value:
        return self.prod(*(self.root(self.const(p), k * r) for p, k in primes(c)))

    def root(self, base: Value, r: Fraction, positive: bool = True) -> Value:
        whole = r.numerator // r.denominator
        left, out = r - whole, self.raised(base, Fraction(whole)) if whole else (self.one, self.one)
        if not left:
            return out
        key = "/".join(self.key(base))
        order = self.orders.setdefault(key, left.denominator)
        if order % left.denominator:
            self.orders[key] = order * left.denominator // gcd(order, left.denominator)
            need(self.orders[key] <= HIGHEST, "a radical of too high an order")
            raise Larger
        uses = self.uses(base)
        rho, _ = self.atom(("root", key), "root", (base, order), positive, uses, uses)
        return self.prod(out, (rho ** int(left * order), self.one))

    def exponential(self, v: Value) -> Value:
        n, d = v
        out = [(self.one, self.one)]
        for k in self.used(n):
            if self.gens[k].kind == "log":  # exp(c log a) = a^c
                c, rest = divmod(n.derivative(k), d)
                if rest.is_zero() and c.is_constant():
                    n = n - c * d * self.vars[k]
                    q = c.leading_coefficient()
                    out.append(self.raised(self.gens[k].load, Fraction(int(q.p), int(q.q))))
        if not n.is_zero():
            rest = self.norm(n, d)
            powers = self.combination(rest)
            if powers is None:
                powers = []
                for e, c in rest[0].terms():
                    part = self.norm(self.ring.from_dict({e: 1}), rest[1])
                    known = self.combination(part)
                    if known is None:
                        uses = self.uses(part)
                        new = self.atom(("exp", self.key(part)), "exp", part, True, uses, uses)
                        known = [(new, Fraction(1))]
                    powers += [(g, x * Fraction(int(c.p), int(c.q))) for g, x in known]
            out += [self.root(g, x) for g, x in powers]
        return self.prod(*out)

    def combination(self, v: Value) -> list[tuple[Value, Fraction]] | None:
        """An exponent as a combination of those known so far, with rational coefficients."""
        known = [(k, g.load) for k, g in enumerate(self.gens) if g.kind == "exp"]
        for k, load in known:
            if load == v:
                return [((self.vars[k], self.one), Fraction(1))]
        common = v[1]
        for _, (_, d) in known:
            common = self.times(common, d / common.gcd(d))
        columns = [self.times(n, common / d).to_dict() for _, (n, d) in known] + [
            self.times(v[0], common / v[1]).to_dict()
        ]
        rows = list({e: None for c in columns for e in c})
        m, rank = fmpq_mat([[c.get(e, 0) for c in columns] for e in rows]).rref()
        pivots = [next(j for j in range(len(columns)) if m[i, j] != 0) for i in range(rank)]
        if len(known) in pivots:
            return None
        values = {j: m[i, len(known)] for i, j in enumerate(pivots)}
        return [
            ((self.vars[known[j][0]], self.one), Fraction(int(c.p), int(c.q)))
            for j, c in values.items()
            if c != 0
        ]

    def logarithm(self, v: Value) -> Value:
        parts = None if v[0].is_zero() else self.split(v)
        if parts is None:
            c, u = (Fraction(1), v) if v[0].is_zero() else self.content(v)
            return self.plus(self.log_of_number(c), self.log_atom(u))
        return self.plus(
            self.log_of_number(parts[0]), *(self.scaled(m, self.log_factor(f)) for f, m in parts[1])
        )

    def log_of_number(self, c: Fraction) -> Value:
        return self.plus(*(self.scaled(k, self.log_atom(self.const(p))) for p, k in primes(c)))

    def log_atom(self, v: Value) -> Value:
        uses = self.uses(v)
        return self.atom(("log", self.key(v)), "log", v, False, uses, uses)

    def log_factor(self, f: Any) -> Value:
        g = self.gens[self.used(f)[0]] if len(f) == 1 else None
        if g and g.kind == "exp":
            return self.plus(g.load)
        if g and g.kind == "root":
            return self.scaled(Fraction(1, g.load[1]), self.logarithm(g.load[0]))
        if g and g.kind == "prod":
            over, x, v = g.load
            return self.total(over, x, self.logarithm(v))
        return self.log_atom((f, self.one))

    def total(self, over: Any, x: T, v: Value) -> Value:
        """The sum over 1..n of what a value is at x."""
        uses, rough = self.uses(v), self.rough(v)
        if x not in uses:
            return self.prod(self.value(over[1]), v)
        good = self.positive(v[0]) and self.positive(v[1])
        return self.atom(("int", over, x, self.key(v)), "int", None, good, uses - {x}, rough - {x})

    # terms
    def value(self, t: T) -> Value:
        if t not in self.values:
            self.values[t] = self._value(t)
        return self.values[t]

    def _value(self, t: T) -> Value:
        match t.head:
            case "num":
                return self.const(Fraction(*t.data))
            case "add":
                return self.plus(*map(self.value, t.args))
            case "mul":
                return self.prod(*map(self.value, t.args))
            case "pow":
                return self.raised(self.value(t.args[0]), Fraction(*t.data))
            case "exp":
                return self.exponential(self.value(t.args[0]))
            case "log":
                return self.logarithm(self.value(t.args[0]))
            case "tr" | "scalar":
                ws, n = self.words(t.args[0]), shape(t.args[0])[0]
                return self.plus(*(self.prod(c, self.trace(w, n)) for w, c in ws.items()))
            case "logdet":
                return self.logdet(t)
            case "int" | "prod" if t.args[0].data[1][0] == "fin":
                x, v = self.inside(t.args[0])
                over = t.args[0].data[1]
                if t.head == "int":
                    return self.total(over, x, v)
                good = self.positive(v[0]) and self.positive(v[1])
                uses = self.uses(v) - {x}
                return self.atom(("prod", over, x, self.key(v)), "prod", (over, x, v), good, uses, uses)
        rough = t.free
        if t.head == "app":
            rough = frozenset(s for s in t.free if s is not t.args[0] or any(s in a.free for a in t.args[1:]))
        return self.atom(self.name(t), "atom", t, sign(t) == 2, t.free, NONE if t.head == "sym" else rough)

    def name(self, t: T) -> Any:
        """Equal for terms whose parts are equal."""
        if t.head == "sym":
            return t
        if t.head == "lam":
            return "lam", t.data[1], self.name_of(opened(t, self.variable(t)))
        return (t.head, t.sort, *map(self.name_of, t.args))

    def name_of(self, t: T) -> Any:
        if real(t):
            return self.key(self.value(t))
        if shape(t):
            return tuple(sorted((w, self.key(c)) for w, c in self.words(t).items()))
        return self.name(t)

    def variable(self, *fs: T) -> T:
        """The symbol for the variable of abstractions: named by how many such symbols stand around it."""
        level = 1 + max((s.data[0][1] for f in fs for s in f.free if isinstance(s.data[0], tuple)), default=0)
        return make("sym", data=(("bound", level), fs[0].data[1]))

    def inside(self, f: T) -> tuple[T, Value]:
        x = self.variable(f)
        return x, self.value(opened(f, x))

    # matrices
    def letter(self, t: T) -> Word:
        if t.head in ("diagm", "vec"):
            x, v = self.inside(t.args[0])
            key: Any = (t.head, t.sort, x, self.key(v))
            uses, rough = self.uses(v) - {x}, self.rough(v) - {x}
            inside: Any = t.args[0]
        else:
            key, uses, rough, inside = self.name(t), t.free, NONE if t.head == "sym" else t.free, None
            if t.head == "chol" and len(ws := self.words(t.args[0])) == 1:
                ((w, c),) = ws.items()
                inside = w if c == (self.one, self.one) else None
        known = [k for k, x in enumerate(self.letters) if x.key == key]
        if not known:
            symmetric = t.sort[0] == "spd" or t.head == "diagm"
            self.letters.append(Letter(key, t.head, shape(t), symmetric, definite(t), uses, rough, inside))
        return ((known[0] if known else len(self.letters) - 1, False, False),)

    def collect(self, parts: Iterable[tuple[Word, Value]]) -> dict[Word, Value]:
        out: dict[Word, Value] = {}
        for w, c in parts:
            w = self.cancelled(w)
            out[w] = self.plus(out[w], c) if w in out else c
        need(len(out) <= 400, "a matrix of too many words")
        return {w: c for w, c in out.items() if not c[0].is_zero()}

    def words(self, t: T) -> dict[Word, Value]:
        unit = (self.one, self.one)
        match t.head:
            case "eye":
                return {(): unit}
            case "diagm" | "vec" if (v := self.inside(t.args[0])[1])[0].is_zero() or (
                t.head == "diagm" and v == unit
            ):
                return {} if v[0].is_zero() else {(): unit}
            case "add":
                return self.collect(wc for a in t.args for wc in self.words(a).items())
            case "scale":
                c = self.value(t.args[0])
                return self.collect((w, self.prod(c, d)) for w, d in self.words(t.args[1]).items())
            case "T":
                return self.collect((self.turned(w), c) for w, c in self.words(t.args[0]).items())
            case "matmul":
                out: dict[Word, Value] = {(): unit}
                for right in map(self.words, t.args):
                    pairs = [(v + w, self.prod(c, d)) for v, c in out.items() for w, d in right.items()]
                    out = self.collect(pairs)
                return out
            case "inv" if len(ws := self.words(t.args[0])) == 1:
                ((w, c),) = ws.items()
                if all(self.letters[k].size[0] is self.letters[k].size[1] for k, _, _ in w):
                    return {self.inverse(w): self.raised(c, Fraction(-1))}
        return {self.letter(t): unit}

    def turned(self, w: Word) -> Word:
        return tuple((k, not turn and not self.letters[k].symmetric, i) for k, turn, i in reversed(w))

    def inverse(self, w: Word) -> Word:
        return tuple((k, turn, not i) for k, turn, i in reversed(w))

    def cancelled(self, w: Word) -> Word:
        need(len(w) <= 100, "a product of too many matrices")
        for i in range(len(w) - 1):
            (a, s, p), (b, t, q) = w[i : i + 2]
            if a == b and s == t and p != q:
                return self.cancelled(w[:i] + w[i + 2 :])
            x = self.letters[a]
            whole = a == b and (s, p, t, q) == (False, False, True, False)
            if whole and x.head == "chol" and x.inside is not None:  # L L' is the word that L is of
                return self.cancelled(w[:i] + x.inside + w[i + 2 :])
        return w

    def about(self, w: Word) -> tuple[frozenset[T], frozenset[T]]:
        ls = [(self.letters[k], i) for k, _, i in w]
        return NONE.union(*(x.uses for x, _ in ls)), NONE.union(*(x.uses if i else x.rough for x, i in ls))

    def trace(self, w: Word, n: T) -> Value:
        w = self.cancelled(w)
        while len(w) > 1 and w[0][:2] == w[-1][:2] and w[0][2] != w[-1][2]:
            n, w = self.letters[w[0][0]].size[0], w[1:-1]
        if not w:
            return self.value(n)
        ends = [i + 1 for i, (k, turn, _) in enumerate(w) if self.letters[k].size[0 if turn else 1] is ONE]
        if ends:  # 1 x 1 products in a row
            w = w[ends[-1] :] + w[: ends[-1]]
            cuts = [0, *sorted((e - ends[-1]) % len(w) or len(w) for e in ends)]
            return self.prod(*(self.block(w[a:b]) for a, b in pairwise(cuts)))
        if (sums := self.coordinates(w)) is not None:
            return sums
        turns = [v[k:] + v[:k] for v in (w, self.turned(w)) for k in range(len(w))]
        return self.atom(("tr", min(turns)), "tr", min(turns), False, *self.about(w))

    def block(self, w: Word) -> Value:
        if (sums := self.coordinates(w)) is not None:
            return sums
        w = min(w, self.turned(w))
        return self.atom(("scalar", w), "tr", w, False, *self.about(w))

    def coordinates(self, w: Word) -> Value | None:
        """The trace of diagonal matrices, or u' D v, as a sum."""
        heads = [self.letters[k].head for k, _, _ in w]
        framed = len(w) > 1 and (heads[0], w[0][1], heads[-1], w[-1][1]) == ("vec", True, "vec", False)
        if any(h != "diagm" for h in (heads[1:-1] if framed else heads)):
            return None
        fs = [self.letters[k].inside for k, _, _ in w]
        x = self.variable(*fs)
        entries = [
            self.raised(self.value(opened(f, x)), Fraction(-1 if i else 1))
            for f, (_, _, i) in zip(fs, w, strict=True)
        ]
        return self.total(fs[0].data[1], x, self.prod(*entries))

    def logdet(self, t: T) -> Value:
        ws = self.words(t.args[0])
        if len(ws) == 1:
            ((w, c),) = ws.items()
            if self.positive(c[0]) and self.positive(c[1]) and all(self.letters[k].definite for k, _, _ in w):
                n = self.prod(self.value(shape(t.args[0])[0]), self.logarithm(c))
                return self.plus(n, *(self.scaled(-1 if i else 1, self.log_letter(k)) for k, _, i in w))
            if c == (self.one, self.one) and len(w) == 1 and not w[0][2]:
                return self.log_letter(w[0][0])
        return self.atom(self.name(t), "atom", t, False, t.free, t.free)

    def log_letter(self, k: int) -> Value:
        x = self.letters[k]
        if x.head == "diagm" and x.definite:
            j, v = self.inside(x.inside)
            return self.total(x.inside.data[1], j, self.logarithm(v))
        return self.atom(("logdet", k), "logdet", k, False, x.uses, x.uses)


@cache
def primes(c: Fraction) -> list[tuple[int, int]]:
    """Prime factors with exponents of a positive fraction, as far as small ones go."""
    out = []
    for n, s in ((c.numerator, 1), (c.denominator, -1)):
        d = 2
        while d < 2000 and d * d <= n:
            k = 0
            while n % d == 0:
                n, k = n // d, k + s
            out += [(d, k)] * (k != 0)
            d += 1
        out += [(n, s)] * (n > 1)
    return out


def decide(question: Callable[[Field], Any]) -> Any:
    """Ask a field that is large enough."""
    size, orders = 12, dict[str, int]()
    for _ in range(40):
        try:
            return question(field := Field(size, orders))
        except Larger:
            size *= 2 if len(field.gens) == size else 1
            need(size <= 400, "more unlike parts than any theorem needs")
    raise Refused("no field is large enough")


def equal(a: T, b: T) -> bool:
    def question(f: Field) -> bool:
        if real(a) and real(b):
            return bool(f.plus(f.value(a), f.scaled(-1, f.value(b)))[0].is_zero())
        if shape(a) and shape(a) == shape(b):
            return not f.collect(
                [*f.words(a).items(), *((w, f.scaled(-1, c)) for w, c in f.words(b).items())]
            )
        return bool(f.name(a) == f.name(b))

    return a is b or bool(decide(question))


# --- numbers ---


def number(t: T, at: dict[T, arb], x: T) -> arb:
    """A real term in balls; what does not change with x is kept in `at`."""
    spend()
    if t in at:
        return at[t]
    args = [number(a, at, x) for a in t.args] if t.head in ("add", "mul", "exp", "log", "pow") else []
    match t.head:
        case "num":
            out = arb(fmpq(*t.data))
        case "pi":
            out = arb.pi()
        case "add":
            out = sum(args, arb(0))
        case "mul":
            out = prod(args, start=arb(1))
        case "exp":
            out = args[0].exp()
        case "log":
            out = args[0].log()
        case "pow":
            b, (p, q) = args[0], t.data
            root = (
                (b.log() * fmpq(p, q)).exp()
                if q > 1 and b > 0
                else arb(0)
                if b == 0 and p > 0
                else arb("nan")
            )
            out = b**p if q == 1 else root
        case _:
            out = number(meaning(t), at, x)
    if x not in t.free:
        at[t] = out
    return out


def integral(t: T, at: dict[T, arb], fine: int) -> arb:
    """The double exponential rule (Takahasi & Mori, 1974)."""
    x, body = entered(explicit(t.args[-1]))
    ends = [number(a, at, x) for a in t.args[:-1]]
    h, total = arb(1) / fine, arb(0)
    for k in range(-4 * fine, 4 * fine + 1):
        u, du = (h * k).sinh() * arb.pi() / 2, (h * k).cosh() * arb.pi() / 2
        if ends:
            half = (ends[1] - ends[0]) / 2
            at[x], rate = (ends[0] + ends[1]) / 2 + half * u.tanh(), half * du / u.cosh() ** 2
        else:
            at[x], rate = u.sinh(), du * u.cosh()
        total += number(body, at, x) * rate
    return total * h


def confirm(t: T, right: T) -> None:
    """Do an integral and what it is said to be agree at random parameters?"""
    need(
        t.args[-1].data[1] == "real" and real(t.args[-1].args[0]),
        "integrate: expected an integral over real numbers",
    )
    statement, draw, agreed = make("eq", t, right), random.Random(1), 0
    if (key := text(statement)) in _confirmed:
        return
    conditions = [p for p in needs(statement) if p.head in ("lt", "le", "ne")]
    balls.prec = 128
    for _ in range(24):
        at = {}
        for s in sorted(statement.free, key=lambda s: str(s.data[0])):
            q = (
                Fraction(draw.randint(4, 15), 6)
                if fits(s.sort, "positive")
                else Fraction(draw.randint(-12, 12), 7)
            )
            at[s] = arb(draw.randint(1, 4)) if s.sort == "nat" else arb(fmpq(*q.as_integer_ratio()))
        gaps = [(p.head, number(p.args[1], at, ONE) - number(p.args[0], at, ONE)) for p in conditions]
        if any(not (g > 0 if head == "lt" else g >= 0 if head == "le" else g != 0) for head, g in gaps):
            continue
        coarse, fine, said = integral(t, at, 16), integral(t, at, 32), number(right, at, ONE)
        size = abs(said) + 1
        if abs(fine - coarse) < size * 1e-5:  # the error of the finer is about its square
            need(abs(fine - said) < size * 1e-9, "integrate: the recorded value is not that of the integral")
            agreed += 1
            if agreed == 3:
                _confirmed.add(key)
                return
    raise Refused("integrate: the recorded value is not confirmed in numbers")


_confirmed: set[str] = set()  # of all files, since the same few integrals come again and again


def text(t: T) -> str:
    """A term written out, the same for the same term in every file."""
    data = [f"<{text(d)}>" if isinstance(d, T) else str(d) for d in t.data]
    return f"{t.head}{data}({','.join(map(text, t.args))})"


# --- the rules: what each says stands in vaemath/core/rules ---


class Said(NamedTuple):
    """What a rule says. `kept`: the hypotheses of the premises, where the rule changes them."""

    statement: T
    adds: Iterable[T] = ()
    kept: Iterable[T] | None = None
    meant: bool = False
    oracle: str = ""


@dataclass(frozen=True)
class Theorem:
    statement: T
    given: frozenset[T]
    oracles: frozenset[str]


Theorems = tuple[Theorem, ...]


def sides(t: Theorem, *heads: str) -> tuple[T, T]:
    need(t.statement.head in heads, f"a premise is not of the form {heads}")
    return t.statement.args[0], t.statement.args[1]


def for_all(given: Iterable[T], names: list[T]) -> set[T]:
    for h in given:
        need(h.head != "def" or not h.free & set(names), "a definition mentions a bound variable")
    return {every(h, *names) for h in given}


def symmetry(ts: Theorems, said: T) -> Said:
    a, b = sides(ts[0], "eq")
    return Said(make("eq", b, a), meant=True)


def transitivity(ts: Theorems, said: T) -> Said:
    (a, b), (c, d) = sides(ts[0], "eq", "le", "lt"), sides(ts[1], "eq", "le", "lt")
    need(b is c, "transitivity: the second does not start where the first ends")
    heads = {t.statement.head for t in ts}
    return Said(make("lt" if "lt" in heads else "le" if "le" in heads else "eq", a, d), meant=True)


def antisymmetry(ts: Theorems, said: T) -> Said:
    (a, b), (c, d) = sides(ts[0], "le"), sides(ts[1], "le")
    need(a is d and b is c, "antisymmetry: not a <= b and b <= a")
    return Said(make("eq", a, b), meant=True)


def congruence(ts: Theorems, said: T, *, term: T, path: tuple[int, ...], names: tuple[T, ...]) -> Said:
    return Said(make("eq", term, exchanged(ts[0], term, path, names)), kept=for_all(ts[0].given, [*names]))


def replace(ts: Theorems, said: T, *, path: tuple[int, ...], names: tuple[T, ...]) -> Said:
    new = exchanged(ts[0], ts[1].statement, path, names)
    return Said(new, kept=for_all(ts[0].given, [*names]) | ts[1].given)


def exchanged(t: Theorem, term: T, path: tuple[int, ...], names: tuple[T, ...]) -> T:
    """A term with the left side of an equation at a place replaced by the right side."""
    (a, b), left, bound = sides(t, "eq"), list(names), list[T]()

    def go(t: T, path: tuple[int, ...], positive: bool) -> T:
        if not path:
            need(t is a, "congruence: another term stands there")
            return b
        need(0 <= path[0] < len(t.args), "congruence: no such part")
        if t.head != "lam":
            near = t.head in ("diff", "differentiable") and path[0] == 0 and sign(t.args[1]) == 2
            args = list(t.args)
            args[path[0]] = go(args[path[0]], path[1:], near)
            return make(t.head, *args, data=t.data)
        need(left, "congruence: a binder without a name")
        x, over = left.pop(0), t.data[1]
        ok = x.sort == over or (positive and (x.sort, over) == ("positive", "real"))
        need(
            x.head == "sym" and ok and x not in term.free and x not in bound,
            "congruence: a name that is not fresh",
        )
        bound.append(x)
        y = x if x.sort == over else unique(over)
        return bind(y, put(go(opened(t, x), path[1:], False), {x: y}))

    new = go(term, path, False)
    need(not left, "congruence: more names than binders")
    return new


def belongs(v: T, sort: Any) -> list[T]:
    """What makes v a value of the sort."""
    if sort[0] == "fun" and v.sort[0] == "fun" and fits(sort[1], v.sort[1]):
        x = unique(sort[1])
        return [every(p, x) for p in belongs(make("app", v, x), sort[2])]
    if sort[0] == "dist" and v.sort == sort:
        z = unique(sort[1])
        return [] if sign(v) == 2 else [every(make("lt", ZERO, explicit(pdf(v, z))), z)]
    if within(v, sort):
        return []
    if sort == "positive" and real(v):
        return [make("lt", ZERO, v)]
    need(sort[0] == "spd" and v.sort == ("mat", sort[1], sort[1]), "a value of another sort")
    return [make("spd", v)]


def instantiate(ts: Theorems, said: T, *, mapping: dict[T, T]) -> Said:
    adds: list[T] = []
    need(mapping and all(s.head == "sym" for s in mapping), "instantiate: only symbols are replaced")
    for s, v in mapping.items():
        adds += belongs(v, in_sort(s.sort, lambda n: put(n, mapping)))
    kept = set()
    for h in ts[0].given:
        if h.head == "def" and h.args[0] in mapping and mapping[h.args[0]].head != "sym":
            need(
                mapping[h.args[0]] is put(h.args[1], mapping),
                "instantiate: a defined name takes no other value",
            )
        else:
            kept.add(put(h, mapping))
    new, met = put(ts[0].statement, mapping), {put(p, mapping) for p in needs(ts[0].statement)}
    return Said(new, [*adds, *(needs(new) - met)], kept, meant=True)


def specialise(ts: Theorems, said: T, *, value: T) -> Said:
    need(ts[0].statement.head == "forall", "specialise: expected a statement for all values of a variable")
    (x, body), new = entered(ts[0].statement.args[0]), opened(ts[0].statement.args[0], value)
    return Said(new, needs(new) - {put(p, {x: value}) for p in needs(body)}, meant=True)


def assume(ts: Theorems, said: T, *, statement: T) -> Said:
    need(statement.sort == "prop" and statement.head != "def", "assume: expected a statement")
    return Said(statement, [statement])


def cut(ts: Theorems, said: T, *, names: tuple[T, ...]) -> Said:
    need(
        all(x.head == "sym" and x not in h.free for x in names for h in ts[1].given),
        "cut: not general in its names",
    )
    goal = every(ts[1].statement, *names)
    need(goal in ts[0].given, "cut: what is proved is none of the hypotheses")
    return Said(ts[0].statement, kept=(ts[0].given - {goal}) | ts[1].given, meant=True)


def define(ts: Theorems, said: T, *, name: T, meaning: T, at: tuple[T, ...]) -> Said:
    left, right = (make("app", f, *at) if at else f for f in (name, meaning))
    need(name not in meaning.free, "define: the name occurs in its meaning")
    return Said(make("eq", left, right), [make("def", name, meaning), *belongs(meaning, name.sort)])


def algebra(ts: Theorems, said: T, *, left: T, right: T) -> Said:
    need(equal(left, right), "algebra: the two sides differ")
    return Said(make("eq", left, right))


def definition(ts: Theorems, said: T, *, term: T) -> Said:
    return Said(make("eq", term, meaning(term)))


def signed(ts: Theorems, said: T, *, term: T) -> Said:
    need(real(term) and sign(term), "signed: the form does not tell the sign")
    return Said(make("lt" if sign(term) == 2 else "le", ZERO, term))


def rearrange(ts: Theorems, said: T, *, statement: T, factors: tuple[T, ...]) -> Said:
    need(
        statement.head in ("eq", "le", "lt") and real(statement.args[0]),
        "rearrange: expected a relation of real numbers",
    )
    need(len(ts) == len(factors), "rearrange: expected a factor for each premise")
    strict, total = False, [ZERO]
    for t, k in zip(ts, factors, strict=True):
        a, b = sides(t, "eq", "le", "lt")
        need(real(a) and real(k), "rearrange: expected real numbers")
        need(
            t.statement.head == "eq" or (statement.head != "eq" and sign(k)),
            "rearrange: a factor of unknown sign",
        )
        strict |= t.statement.head == "lt" and sign(k) == 2
        total.append(mul(k, add(b, neg(a))))
    c, d = statement.args
    need(strict or statement.head != "lt", "rearrange: < needs a strict premise")
    need(equal(add(d, neg(c)), add(*total)), "rearrange: the two sides differ")
    return Said(statement, {p for k in factors for p in needs(k)})


def log_tangent(ts: Theorems, said: T, *, term: T) -> Said:
    return Said(make("le", log(term), add(term, num(-1))))


def log_tangent_equality(ts: Theorems, said: T) -> Said:
    a, b = sides(ts[0], "eq")
    need(a.head == "log" and a.args[0] is not ZERO and b is add(a.args[0], num(-1)), "expected log u = u - 1")
    return Said(make("eq", a.args[0], ONE), [make("lt", ZERO, a.args[0])])


def differentiate(ts: Theorems, said: T, *, term: T) -> Said:
    need(term.head == "diff", "differentiate: expected a derivative")
    f, at = term.args
    x, body = entered(f)
    own = body.head == "app" and len(body.args) == 2 and body.args[1] is x and x not in body.args[0].free
    need(not own, "differentiate: the derivative of any function is left as it is")
    if real(x):
        return Said(make("eq", term, put(slope(body, x), {x: at})))
    need(
        said.head == "eq" and said.args[0] is term and shape(said.args[1]) == shape(x),
        "expected the gradient of this term",
    )
    need(decide(lambda f: is_gradient(f, body, x, at, said.args[1])), "differentiate: the gradient differs")
    return Said(said)


def slope(t: T, x: T) -> T:
    if x not in t.free:
        return ZERO
    match t.head:
        case "sym":
            return ONE
        case "add":
            return add(*(slope(a, x) for a in t.args))
        case "mul":
            ks = [k for k, a in enumerate(t.args) if x in a.free]
            return add(*(make("mul", *t.args[:k], slope(t.args[k], x), *t.args[k + 1 :]) for k in ks))
        case "pow":
            p, q = t.data
            return mul(num(Fraction(p, q)), make("pow", t.args[0], data=(p - q, q)), slope(t.args[0], x))
        case "exp":
            return mul(t, slope(t.args[0], x))
        case "log":
            return mul(pow_(t.args[0], -1), slope(t.args[0], x))
        case "int" if t.args[0].data[1][0] == "fin":
            j, body = entered(t.args[0])
            return make("int", bind(j, slope(body, x)))
        case "app" if len(t.args) == 2 and x not in t.args[0].free and t.args[0].sort[1] == "real":
            u = unique("real")
            return mul(make("diff", bind(u, make("app", t.args[0], u)), t.args[1]), slope(t.args[1], x))
    need(t.head in SPECIAL, f"differentiate: no rule for `{t.head}`")
    return slope(meaning(t), x)


def is_gradient(f: Field, t: T, x: T, at: T, said: T) -> bool:
    """Is `said` the gradient of t by x at a point? By d tr(W X) = tr(W dX), d log det X = tr(X^-1 dX)."""
    n, d = f.value(t)
    need(x not in f.uses((d, f.one)), "differentiate: the matrix stands below")
    ((name, _, _),) = f.letter(x)
    out: list[tuple[Word, Value]] = []
    for k in f.used(n):
        g = f.gens[k]
        if x not in g.uses:
            continue
        rest = n.derivative(k)
        need(x not in f.uses((rest, f.one)) and g.kind in ("tr", "logdet"), "differentiate: no linear trace")
        rest = f.norm(rest, d)
        if g.kind == "logdet":
            need(g.load == name, "differentiate: no rule for this determinant")
            out.append((((name, True, True),), rest))
        for i, (k, turn, inverse) in enumerate(g.load if g.kind == "tr" else ()):
            if k == name:
                w = g.load[i + 1 :] + g.load[:i]
                if inverse:
                    w = (g.load[i], *w, g.load[i])
                out.append((w if turn else f.turned(w), f.scaled(-1 if inverse else 1, rest)))
            else:
                need(x not in f.letters[k].uses, "differentiate: the matrix stands inside a letter")
    there, parts = f.words(at), list[tuple[Word, Value]]()
    for w, c in out:  # put the point for x
        sums: dict[Word, Value] = {(): c}
        for k, turn, inverse in w:
            put_in: dict[Word, Value] = {((k, turn, inverse),): (f.one, f.one)}
            if k == name:
                put_in = {f.turned(v) if turn else v: e for v, e in there.items()}
                if inverse:
                    need(len(put_in) == 1, "differentiate: the inverse of a sum of matrices")
                    ((v, e),) = put_in.items()
                    put_in = {f.inverse(v): f.raised(e, Fraction(-1))}
            sums = f.collect((v + z, f.prod(e, y)) for v, e in sums.items() for z, y in put_in.items())
        parts += sums.items()
    return not f.collect([*parts, *((w, f.scaled(-1, c)) for w, c in f.words(said).items())])


def leibniz(ts: Theorems, said: T, *, term: T) -> Said:
    need(term.head == "diff", "leibniz: expected a derivative")
    t, body = entered(term.args[0])
    ok = body.head in ("E", "int", "intab") and not any(t in a.free for a in body.args[:-1])
    need(ok, "leibniz: expected the derivative of an integral over a fixed domain")
    x, inner = entered(body.args[-1])
    inside = bind(x, make("diff", bind(t, inner), term.args[1]))
    return Said(make("eq", term, make(body.head, *body.args[:-1], inside)), [make("exchange", term)])


def integrate(ts: Theorems, said: T, *, term: T) -> Said:
    need(term.head in ("int", "intab"), "integrate: expected an integral")
    need(said.head == "eq" and said.args[0] is term, "integrate: expected the value of this term")
    confirm(term, said.args[1])
    return Said(said, oracle="sympy.integrate")


def substitution(ts: Theorems, said: T, *, term: T, inner: T, bounds: tuple[T, ...]) -> Said:
    need(
        is_lam(inner, "real") and real(inner.args[0]),
        "substitution: expected a real function of a real variable",
    )
    need(
        (term.head, len(bounds)) in (("int", 0), ("intab", 2)) and is_lam(term.args[-1], "real"),
        "expected a real integral",
    )
    need(
        said.head == "eq" and said.args[1].head == term.head,
        "substitution: expected an integral on the right",
    )
    need(
        said.args[0] is term and said.args[1].args[:-1] == bounds,
        "substitution: expected this term and these bounds",
    )
    for given, b in zip(term.args[:-1], bounds, strict=True):
        need(equal(given, opened(inner, b)), "substitution: a bound is not the image of the other")
    u, g = entered(inner)
    new, right = opened(term.args[-1], g), opened(said.args[1].args[-1], u)
    factors = [x.args if x.head == "mul" else (x,) for x in (new, right)]
    need(
        factors[1][: len(factors[0])] == factors[0],
        "substitution: the right side does not start with f(g(u))",
    )
    rest = factors[1][len(factors[0]) :]
    rate = mul(*rest) if rest else ONE
    need(equal(rate, slope(g, u)), "substitution: the rate is not the derivative")
    need(
        term.head == "intab" or u not in rate.free,
        "substitution: over the whole line expected a linear change",
    )
    return Said(said, [every(p, u) for p in (*smooth(inner, u), make("lt", ZERO, rate))])


def linearity(ts: Theorems, said: T, *, term: T) -> Said:
    need(term.head in ("E", "int", "intab"), "linearity: expected an expectation, an integral or a sum")
    x, body = entered(term.args[-1])
    result = passed(term, body, x)
    need(result is not term, "linearity: no sum and no constant factor")
    return Said(make("eq", term, result))


def passed(b: T, t: T, x: T) -> T:
    part: Callable[[T], T] = lambda f: make(b.head, *b.args[:-1], bind(x, f))
    ks = [k for k, a in enumerate(t.args) if x in a.free]
    if t.head == "add":
        return make("add", *(passed(b, a, x) for a in t.args))
    if t is ZERO:
        return ZERO
    if x not in t.free and shape(t):
        return make("scale", part(ONE), t)
    if t.head == "mul" or (x not in t.free and t is not ONE):
        factors = t.args if t.head == "mul" else (t,)
        inside = [a for a in factors if x in a.free]
        outside = [a for a in factors if x not in a.free and a is not ONE]
        return mul(*outside, part(mul(*inside) if inside else ONE))
    if t.head in ("tr", "scalar", "T", "scale", "matmul") and len(ks) == 1:
        return make(t.head, *t.args[: ks[0]], passed(b, t.args[ks[0]], x), *t.args[ks[0] + 1 :])
    if t.head == "matmul" and (ks[0] > 0 or ks[-1] < len(t.args) - 1):
        return make(
            "matmul",
            *t.args[: ks[0]],
            part(make("matmul", *t.args[ks[0] : ks[-1] + 1])),
            *t.args[ks[-1] + 1 :],
        )
    return part(t)


def independence(ts: Theorems, said: T, *, term: T) -> Said:
    need(
        term.head == "E" and term.args[0].head == "indep",
        "expected an expectation over independent coordinates",
    )
    factors = term.args[0].args[0]
    (z, body), (j, q) = entered(term.args[1]), entered(factors)
    adds = [normalised(j, q)]
    if body is ONE:
        return Said(make("eq", term, ONE), adds)
    if body.head in ("int", "vec") and body.args[0].data[1] == factors.data[1]:
        return Said(make("eq", term, make(body.head, bind(j, coordinate(body.args[0], z, j, q)))), adds)
    need(
        real(make("app", z, j)) and len(ts) == 1 and j not in q.free,
        "independence: no sum over the coordinates",
    )
    v, y = make("vec", bind(j, make("app", z, j))), unique(q.sort[1])
    need(body is make("matmul", v, make("T", v)), "independence: no sum, vector or square of the coordinates")
    mean, square = (make("E", q, bind(y, f)) for f in (y, pow_(y, 2)))
    need(ts[0].statement is make("eq", mean, ZERO), "independence: expected a proof that the mean is zero")
    return Said(make("eq", term, make("diagm", bind(j, square))), [*adds, *needs(mean)])


def normalised(j: T, q: T) -> T:
    y = unique(q.sort[1])
    return every(make("eq", make("int", bind(y, pdf(q, y))), ONE), j)


def coordinate(family: T, z: T, j: T, q: T) -> T:
    """The expectation of a function of coordinate j."""
    y = unique(q.sort[1])
    inner = replaced(opened(family, j), make("app", z, j), y)
    need(z not in inner.free, "independence: several coordinates at once")
    return make("E", q, bind(y, inner))


def replaced(t: T, old: T, new: T) -> T:
    if t is old or not old.free <= t.free:
        return new if t is old else t
    if t.head == "lam":
        x, body = entered(t)
        return bind(x, replaced(body, old, new))
    return make(t.head, *(replaced(a, old, new) for a in t.args), data=t.data)


def whitening(ts: Theorems, said: T, *, term: T) -> Said:
    need(
        term.head == "E" and term.args[0].head == "mvn", "expected an expectation under a multivariate normal"
    )
    (mean, covariance), f = term.args[0].args, term.args[1]
    over = ("fin", mean.sort[1])
    j, z = unique(over), unique(("fun", over, "real"))
    noise = make("matmul", make("chol", covariance), make("vec", bind(j, make("app", z, j))))
    standard = make("indep", bind(j, make("normal", ZERO, ONE)))
    return Said(make("eq", term, make("E", standard, bind(z, opened(f, add(mean, noise))))))


def monotone(ts: Theorems, said: T, *, density: T, variable: T) -> Said:
    (a, b), q = sides(ts[0], "le", "lt"), density
    need(
        variable.head == "sym" and q.sort[0] == "dist" and fits(q.sort[1], variable.sort),
        "monotone: no such variable",
    )
    x = unique(q.sort[1])
    adds = [] if sign(q) else [every(make("le", ZERO, pdf(q, x)), x)]
    left, right = (make("E", q, bind(x, put(s, {variable: x}))) for s in (a, b))
    for_all(ts[0].given, [variable])
    return Said(make("le", left, right), adds, {every(put(h, {variable: x}), x) for h in ts[0].given})


def vanish(ts: Theorems, said: T, *, variable: T) -> Said:
    e, zero = sides(ts[0], "eq")
    ok = e.head == "E" and zero is ZERO and variable.head == "sym" and variable not in e.free and real(e)
    need(ok, "vanish: expected E[f] = 0")
    q, f = e.args
    value = opened(f, variable)
    need(
        ts[1].statement is make("le", ZERO, value) and sign(q),
        "vanish: expected a proof of 0 <= f(x), and q >= 0",
    )
    claim = make("ae", q, bind(variable, make("eq", value, ZERO)))
    return Said(claim, needs(e), for_all(ts[1].given, [variable]) | ts[0].given)


def almost_everywhere(ts: Theorems, said: T, *, variable: T) -> Said:
    q, p = sides(ts[0], "ae")
    need(
        variable.head == "sym" and variable not in ts[0].statement.free,
        "almost_everywhere: no fresh variable",
    )
    premise = opened(p, variable)
    need(premise in ts[1].given, "almost_everywhere: what holds is none of the hypotheses")
    rest = for_all(ts[1].given - {premise}, [variable])
    return Said(make("ae", q, bind(variable, ts[1].statement)), kept=ts[0].given | rest)


def integrable(ts: Theorems, said: T, *, statement: T, factors: tuple[T, ...] = ()) -> Said:
    need(statement.head == "integrable", "integrable: expected that an integral converges")
    f, around = statement.args[-1], statement.args[:-1]
    x, body = entered(f)
    if not ts:
        if around:
            return Said(statement, [every(p, x) for p in smooth(f, x)])
        return Said(statement, () if normal_moment(body, x) or decays(body, x) else by_coordinates(body, x))
    need(
        len(ts) == len(factors) and real(body),
        "integrable: expected a real function and a factor for each premise",
    )
    total = [ZERO]
    for t, c in zip(ts, factors, strict=True):
        s = converging(t.statement)
        ok = s.args[:-1] == around and s.args[-1].data[1] == f.data[1]
        need(ok, "integrable: expected a convergent integral over the same space")
        total.append(mul(c, opened(s.args[-1], x)))
    need(equal(explicit(body), explicit(add(*total))), "integrable: not this combination")
    return Said(statement, {p for k in factors for p in needs(k)})


def converging(s: T) -> T:
    """That an integral converges, from a statement which says that it is not 0, as divergent ones are."""
    for value, other in (s.args, s.args[::-1]) if s.head in ("eq", "lt") else ():
        other_known = (other.head == "num" and other is not ZERO) or sign(other) == 2
        ok = (s.head == "eq" and other_known) or (s.head == "lt" and s.args[0] is ZERO and value is s.args[1])
        if value.head in ("int", "intab") and ok:
            return make("integrable", *value.args)
    need(s.head == "integrable", "integrable: a premise does not say that an integral converges")
    return s


def by_coordinates(t: T, z: T) -> list[T]:
    """What makes c sum_j f_j(z_j) converge under independent coordinates."""
    height, *rest = t.args if t.head == "mul" else (t,)
    ok = (
        height.head == "pdf"
        and height.args[0].head == "indep"
        and height.args[1] is z
        and z not in height.args[0].free
    )
    need(ok, "integrable: not by its form")
    sums = [a for a in rest if z in a.free]
    j, q = entered(height.args[0].args[0])
    ok = not sums or (len(sums) == 1 and sums[0].head == "int" and sums[0].args[0].data[1] == j.sort)
    need(ok, "integrable: no sum over the coordinates")
    return [normalised(j, q), *(every(p, j) for s in sums for p in needs(coordinate(s.args[0], z, j, q)))]


def explicit(t: T) -> T:
    """Densities by their formulas, where they have one."""
    if ("explicit", t) not in _memo:
        if t.head == "lam":
            x, body = entered(t)
            new = bind(x, explicit(body))
        else:
            new = make(t.head, *map(explicit, t.args), data=t.data)
        known = new.head == "pdf" and new.args[0].head not in ("sym", "bv", "app")
        _memo["explicit", t] = explicit(meaning(new)) if known else new
    found: T = _memo["explicit", t]
    return found


def normal_moment(t: T, x: T) -> bool:
    """Is it a polynomial in the entries of x times a normal density of x?"""
    factors = list(t.args) if t.head in ("mul", "scale") else [t]
    for k, p in enumerate(factors):
        if p.head == "pdf" and p.args[1] is x and x not in p.args[0].free:
            base = p.args[0].args[0].args[0] if p.args[0].head == "indep" else p.args[0]
            if base.head in ("normal", "mvn"):
                rest = [explicit(a) for a in factors[:k] + factors[k + 1 :]]
                return bool(decide(lambda f: not any(x in rough(f, a) for a in rest)))
    return False


def rough(f: Field, t: T) -> frozenset[T]:
    """The symbols in which a real number or a matrix is no polynomial."""
    if real(t):
        return f.rough(f.value(t))
    return NONE.union(*(f.about(w)[1] | f.rough(c) for w, c in f.words(t).items()))


def decays(t: T, x: T) -> bool:
    """Is each summand c x^k exp(a x^2 + b x + ...) with a < 0 by its form?"""
    if not real(t):
        return False

    def question(f: Field) -> bool:
        n, d = f.value(explicit(t))
        if n.is_zero() or not real(x):
            return bool(n.is_zero())
        at = f.used(f.value(x)[0])[0]
        with_x = [k for k in f.used(n, d) if x in f.gens[k].uses and k != at]
        below = {(*(e[k] for k in with_x), e[at]) for e in d.monoms()}
        if len(below) > 1 or any(b[-1] for b in below):
            return False
        (low,) = below
        for e in n.monoms():
            total = f.const(0)
            for k, m in zip(with_x, low, strict=False):
                g, order = f.gens[k], 1
                if g.kind == "root" and g.load[0][0] in f.vars:
                    g, order = f.gens[f.used(g.load[0][0])[0]], g.load[1]
                if e[k] != m and g.kind != "exp":
                    return False
                if e[k] != m:
                    total = f.plus(total, f.scaled(Fraction(int(e[k]) - int(m), order), g.load))
            p, q = total
            if p.degrees()[at] != 2 or any(x in f.gens[k].uses for k in f.used(p, q) if k != at):
                return False
            parts: dict[int, Any] = {}
            for m, c in p.terms():
                parts.setdefault(m[at], {})[(*m[:at], 0, *m[at + 1 :])] = -c
            if not all(map(f.positive, f.norm(f.ring.from_dict(parts[2]), q))):
                return False
        return True

    return bool(decide(question))


RULES: dict[str, tuple[Callable[..., Said], int, int, str]] = {
    f.__name__: (f, low, high, params)
    for f, low, high, params in (
        (symmetry, 1, 1, ""), (transitivity, 2, 2, ""), (antisymmetry, 2, 2, ""),
        (log_tangent_equality, 1, 1, ""), (congruence, 1, 1, "term:t path:p names:T"),
        (replace, 2, 2, "path:p names:T"), (specialise, 1, 1, "value:t"), (instantiate, 1, 1, "mapping:m"),
        (assume, 0, 0, "statement:t"), (cut, 2, 2, "names:T"), (define, 0, 0, "name:t meaning:t at:T"),
        (algebra, 0, 0, "left:t right:t"), (definition, 0, 0, "term:t"), (signed, 0, 0, "term:t"),
        (rearrange, 0, 500, "statement:t factors:T"), (log_tangent, 0, 0, "term:t"),
        (leibniz, 0, 0, "term:t"),
        (differentiate, 0, 0, "term:t"), (integrate, 0, 0, "term:t"), (linearity, 0, 0, "term:t"),
        (substitution, 0, 0, "term:t inner:t bounds:T"), (independence, 0, 500, "term:t"),
        (whitening, 0, 0, "term:t"), (monotone, 1, 1, "density:t variable:t"), (vanish, 2, 2, "variable:t"),
        (almost_everywhere, 2, 2, "variable:t"), (integrable, 0, 500, "statement:t factors:T?"),
    )
}  # fmt: skip


def conclude(rule: str, ts: Theorems, params: dict[str, Any], said: T) -> Theorem:
    """What a rule makes of premises: its statement, and all that it rests on."""
    need(rule in RULES, f"unknown rule `{rule}`")
    apply, low, high, spec = RULES[rule]
    kinds = dict(p.split(":") for p in spec.split())
    need(low <= len(ts) <= high, f"{rule}: {len(ts)} premises")
    need(
        {n for n, k in kinds.items() if not k.endswith("?")} <= params.keys() <= kinds.keys(),
        f"{rule}: other parameters",
    )
    for name, v in params.items():
        need(is_kind(v, kinds[name][0]), f"{rule}: `{name}` is not of the kind expected")
    step = apply(ts, said, **params)
    kept = {h for t in ts for h in t.given} if step.kept is None else set(step.kept)
    given = smallest({*kept, *step.adds, *(() if step.meant else needs(step.statement))})
    defined: dict[T, T] = {}
    for f, body in (h.args for h in given if h.head == "def"):
        need(defined.setdefault(f, body) is body, "define: a name with two meanings")
    for f in defined:
        seen, todo = set[T](), {f}
        while todo:
            used = defined[todo.pop()].free & defined.keys()
            need(f not in used, "define: a meaning leads back to its name")
            todo |= used - seen
            seen |= used
    oracles = frozenset({step.oracle} - {""}).union(*(t.oracles for t in ts))
    return Theorem(step.statement, given, oracles)


def smallest(given: Iterable[T]) -> frozenset[T]:
    """Hypotheses without those that are plain, or that one beside them implies."""
    left = {h for h in given if not evident(h)}
    return frozenset(left - {p for h in left for p in implied(h)})


def implied(h: T) -> list[T]:
    if h.head == "forall":
        x, inner = entered(h.args[0])
        return [every(p, x) for p in implied(inner)]
    if h.head == "exchange":
        return [make("differentiable", *h.args[0].args)]
    above = h.head == "lt" and h.args[0] is ZERO
    value = h.args[1] if above else h.args[0]
    known = above or (h.head == "eq" and h.args[1].head == "num" and h.args[1] is not ZERO)
    out = [make("integrable", *value.args)] if known and value.head in ("int", "intab") else []
    return [*out, make("ne", value, ZERO)] if above else out


def is_kind(v: Any, kind: str) -> bool:
    closed: Callable[[Any], bool] = lambda t: isinstance(t, T) and not any(map(loose, t.free))
    if kind == "m":
        return isinstance(v, dict) and all(closed(k) and closed(x) for k, x in v.items())
    if kind == "t":
        return closed(v)
    return isinstance(v, tuple) and all(type(x) is int if kind == "p" else closed(x) for x in v)


# --- certificates ---

BYTES, DIGITS, ROWS, ITEMS, LETTERS, DEPTH, TREE = 4_000_000, 400, 20_000, 500, 400, 160, 200_000
WORDS = "pi exp log sqrt int sum prod tr inv det cholesky diag vec KL Bernoulli Categorical"
SYMBOL = re.compile(rf"(?!({WORDS.replace(' ', '|')})$)[A-Za-z][A-Za-z0-9_]*(#[0-9]{{1,6}})?", re.ASCII)
NAME = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True)
class Report:
    """What became of a certificate; `why` is empty when it is accepted."""

    id: str
    why: str = ""
    steps: int = 0
    theorems: tuple[str, ...] = ()
    oracles: tuple[str, ...] = field(default=())
    seconds: float = 0.0

    @property
    def accepted(self) -> bool:
        return not self.why


def fresh(seconds: float) -> float:
    """Forget what was read before; the time."""
    _table.clear()
    _memo.clear()
    _table.update(BASE)
    _left.update(work=WORK, end=time.monotonic() + seconds)
    return time.monotonic()


def recheck(source: str | Path | dict[str, Any], seconds: float = SECONDS) -> Report:
    """Derive everything that a certificate says again; the source is its file, or what its file holds."""
    begin = fresh(seconds)
    depth, name = sys.getrecursionlimit(), source.get("id") if isinstance(source, dict) else Path(source).stem
    sys.setrecursionlimit(8000)
    try:
        data = source if isinstance(source, dict) else parsed(Path(source))
        need(isinstance(source, dict) or data.get("id") == name, "the file is named for another theorem")
        steps, names, oracles = replayed(data)
        return Report(data["id"], "", steps, names, oracles, time.monotonic() - begin)
    except Refused as e:
        why = str(e)
    except (RecursionError, MemoryError, OverflowError) as e:
        why = f"too large to be checked ({type(e).__name__})"
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, OSError) as e:
        why = f"malformed ({type(e).__name__})"
    finally:
        sys.setrecursionlimit(depth)
    return Report(
        str(name) if NAME.fullmatch(str(name)) else ascii(name)[:60], why, seconds=time.monotonic() - begin
    )


def parsed(path: Path) -> dict[str, Any]:
    need(path.is_file(), "no such file")
    need(path.stat().st_size <= BYTES, "a file larger than any certificate")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        need(len({k for k, _ in pairs}) == len(pairs), "a key stands twice in one object")
        return dict(pairs)

    def whole(digits: str) -> int:
        need(len(digits) <= DIGITS, "a number of too many digits")
        return int(digits)

    def none(text: str) -> None:
        raise Refused("a number that is not whole")

    try:
        content = path.read_bytes().decode()
        data = json.loads(
            content, object_pairs_hook=once, parse_int=whole, parse_float=none, parse_constant=none
        )
    except (json.JSONDecodeError, UnicodeDecodeError) as e:
        raise Refused(f"no JSON: {ascii(str(e))[1:-1][:100]}") from None
    need(type(data) is dict, "no certificate")
    return data  # type: ignore[no-any-return]


def keys(d: Any, names: str) -> None:
    need(type(d) is dict and d.keys() == set(names.split()), f"expected an object of {names}")


def rows(v: Any, limit: int, least: int = 0) -> list[Any]:
    need(type(v) is list and least <= len(v) <= limit, f"expected a list of {least} to {limit}")
    return v  # type: ignore[no-any-return]


def prose(v: Any) -> str:
    need(type(v) is str and len(v) <= LETTERS and v.isprintable(), "expected printable words")
    return v  # type: ignore[no-any-return]


def named(v: Any, pattern: re.Pattern[str] = NAME, letters: int = 64) -> str:
    need(type(v) is str and len(v) <= letters and pattern.fullmatch(v), "expected a name")
    return v  # type: ignore[no-any-return]


def replayed(data: dict[str, Any]) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    """Run a certificate's steps again: how many, the names of its theorems and their oracles."""
    keys(data, "format id title sources terms steps blocks hash")
    need(type(data["format"]) is int and data["format"] == 1, "another format")
    named(data["id"])
    need(prose(data["title"]).strip(), "a title without words")
    for source in rows(data["sources"], ITEMS):
        prose(source)
    body = {k: v for k, v in data.items() if k != "hash"}
    packed = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
    need(data["hash"] == hashlib.sha256(packed).hexdigest(), "edited or damaged: its hash is another")
    table = Terms(rows(data["terms"], ROWS))
    theorems: list[Theorem] = []
    used_steps: set[int] = set()
    for k, s in enumerate(rows(data["steps"], ROWS, 1)):
        keys(s, "rule premises params statement")
        premises = tuple(earlier(theorems, p) for p in rows(s["premises"], ITEMS))
        need(type(s["params"]) is dict, "expected parameters by name")
        params = {n: table.param(v) for n, v in s["params"].items()}
        said = table.get(s["statement"])
        try:
            new = conclude(s["rule"], premises, params, said)
            need(new.statement is said, f"{s['rule']} gives another statement")
        except Refused as e:
            raise Refused(f"step {k}: {e}") from None
        theorems.append(new)
        used_steps.update(s["premises"])
    names: list[str] = []
    for b in rows(data["blocks"], 200, 1):
        keys(b, "name title lines step hypotheses oracles")
        names.append(named(b["name"]))
        prose(b["title"])
        theorem = earlier(theorems, b["step"])
        lines = []
        for line in rows(b["lines"], 2000, 1):
            keys(line, "step reason")
            prose(line["reason"])
            lines.append(earlier(theorems, line["step"]))
        given = [table.get(h) for h in rows(b["hypotheses"], ITEMS)]
        where = f"`{b['name']}`: "
        need(theorem.given == set(given), where + "the hypotheses are others")
        oracles = [prose(o) for o in rows(b["oracles"], ITEMS)]
        need(
            len(set(oracles)) == len(oracles) and theorem.oracles == set(oracles),
            where + "the oracles are others",
        )
        need(all(len(t.statement.args) == 2 for t in lines[1:] and lines), where + "a line is no relation")
        need(
            all(s.statement.args[1] is t.statement.args[0] for s, t in pairwise(lines)),
            where + "the lines are no chain",
        )
        if len(lines) > 1 or lines[0].statement is not theorem.statement:
            heads = {t.statement.head for t in lines}
            need(heads <= {"eq", "le", "lt"}, where + "a line is no equation or inequality")
            head = "lt" if "lt" in heads else "le" if "le" in heads else "eq"
            whole = make(head, lines[0].statement.args[0], lines[-1].statement.args[1])
            need(whole is theorem.statement, where + "the lines do not lead to the theorem")
        for t in lines:
            need(
                smallest(t.given | theorem.given) <= theorem.given,
                where + "a line rests on more than the theorem",
            )
            need(
                t.oracles <= theorem.oracles,
                where + "a line rests on an oracle that the theorem does not name",
            )
        used_steps.update({b["step"], *(line["step"] for line in b["lines"])})
    need(len(set(names)) == len(names), "two blocks of one name")
    need(len(used_steps) == len(theorems) and table.all_used(), "a step or a term that nothing uses")
    return len(theorems), tuple(names), tuple(sorted(frozenset().union(*(t.oracles for t in theorems))))


def earlier(items: list[Any], k: Any) -> Any:
    need(
        type(k) is int and 0 <= k < len(items), f"a reference to what does not stand before: {ascii(k)[:40]}"
    )
    return items[k]


class Terms:
    """The table of a certificate's terms."""

    def __init__(self, table: list[Any]) -> None:
        self.terms: list[T] = []
        self.parts: list[set[int]] = []  # of each row, the rows in it
        self.top: set[int] = set()
        self.now = self.top
        sizes: list[tuple[int, int]] = []
        for k, row in enumerate(table):
            self.now = set()
            try:
                self.terms.append(self.row(*rows(row, 3, 3)))
            except Refused as e:
                raise Refused(f"term {k}: {e}") from None
            inside = [sizes[i] for i in row[2]]
            sizes.append((1 + max((d for d, _ in inside), default=0), 1 + sum(n for _, n in inside)))
            need(sizes[-1][0] <= DEPTH and sizes[-1][1] <= TREE, f"term {k}: too deep or too long")
            self.parts.append(self.now)
        need(len({json.dumps(row) for row in table}) == len(table), "a term is written twice")
        self.now = self.top

    def get(self, k: Any) -> T:
        found = earlier(self.terms, k)
        self.now.add(k)
        return found  # type: ignore[no-any-return]

    def sort(self, v: Any) -> Any:
        need(type(v) is list and v and type(v[0]) is str, "expected a sort")
        parts = tuple(
            self.get(p["term"]) if type(p) is dict and p.keys() == {"term"} else self.sort(p)
            for p in rows(v, 4)[1:]
        )
        need(not parts or not any(isinstance(p, str) and p == "prop" for p in parts), "expected a sort")
        return (v[0], *parts) if parts else v[0]

    def row(self, head: Any, data: Any, args: Any) -> T:
        need(type(head) is str and head in HEADS, f"unknown node type {ascii(head)[:40]}")
        a = tuple(self.get(x) for x in rows(args, ITEMS))
        if head not in ("sym", "bv", "lam"):
            need(head != "pow" or all(type(n) is int and abs(n) <= 256 for n in data), "a power too high")
            return make(head, *a, data=tuple(rows(data, 4)))
        name, sort = rows(data, 2, 2)[0], self.sort(data[1])
        if head == "bv":
            need(type(name) is int and 0 <= name <= DEPTH, "expected the number of a binder")
            return make("sym", *a, data=(name, sort))
        named(name, SYMBOL if head == "sym" or name else re.compile(""), 40)
        if head == "sym":
            return make("sym", *a, data=(name, sort))
        need(len(a) == 1, "an abstraction of one body")
        x, outer = unique(sort), {}
        for s in filter(loose, a[0].free):
            k, over = s.data
            need(k or over == sort, "a bound variable of another sort than its binder")
            outer[s] = make("sym", data=(k - 1, over)) if k else x
        return bind(x, put(a[0], outer))

    def param(self, v: Any) -> Any:
        if type(v) is dict and v.keys() == {"map"}:
            pairs = [rows(p, 2, 2) for p in rows(v["map"], ITEMS)]
            mapping = {self.get(p[0]): self.get(p[1]) for p in pairs}
            need(len(mapping) == len(pairs), "a symbol is mapped twice")
            return mapping
        if type(v) is dict:
            keys(v, "term")
            return self.get(v["term"])
        return tuple(map(self.param, rows(v, ITEMS))) if type(v) is list else v

    def all_used(self) -> bool:
        for k in range(len(self.terms) - 1, -1, -1):
            if k in self.top:
                self.top |= self.parts[k]
        return len(self.top) == len(self.terms)


def main(paths: list[str]) -> int:
    """Recheck files, a line each: 0 when all hold, 1 when one is refused, 2 when none is given."""
    if not paths or paths[0].startswith("-"):
        print("usage: python -m vaemath.recheck FILE...")
        return 2
    worst = 0
    for path in paths:
        r = recheck(path)
        said = f"holds: {len(r.theorems)} theorems, {r.steps} steps" if r.accepted else f"refused: {r.why}"
        print(f"{path}: {said}", flush=True)
        worst = max(worst, int(not r.accepted))
    return worst


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.exit(main(sys.argv[1:]))
