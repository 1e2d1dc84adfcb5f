"""Terms: the inert, immutable language in which every statement is written.

A term is a head from the closed list in :mod:`vaemath.core.heads`, arguments, and plain data (a name, a
number, a sort). Nothing evaluates by itself: ``a + b - b`` stays three summands. Only the rules relate one
term to another.

Bound variables are de Bruijn indices: substitution cannot capture. An abstraction remembers the name that its
author gave the variable, for printing only: `core` is the term without such names, and two terms are equal
when they have one core. Terms are interned, so equality and hashing cost nothing. One thing is computed where
a term is made: an abstraction that is applied is replaced by its body (beta), which is what application
means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from math import gcd
from typing import Any

from vaemath.core.operators import Operators
from vaemath.errors import VaemathError

Sort = Any  # a nested tuple of strings and (for dimensions) terms
REAL, POSITIVE, NAT, BIT, POINT, PROP = (
    (name,) for name in ("real", "positive", "nat", "bit", "point", "prop")
)
_NAME = re.compile(
    r"[A-Za-z][A-Za-z0-9_]*(#[a-z]?[0-9]+)?"
)  # what follows # is made by `fresh`, so that names differ
WORDS = frozenset(
    [
        "pi",
        "exp",
        "log",
        "sqrt",
        "int",
        "sum",
        "prod",
        "tr",
        "inv",
        "det",
        "cholesky",
        "diag",
        "vec",
        "KL",
        "Bernoulli",
        "Categorical",
    ]
)


class TermError(VaemathError):
    """A term was put together in a way that the language does not allow."""


class Term(Operators):
    """One node. Made only by :func:`make`, which interns it and checks its sort."""

    __slots__ = ("args", "core", "dangling", "data", "free", "head", "level", "sort")
    head: str
    args: tuple[Term, ...]
    data: tuple[Any, ...]
    sort: Sort
    free: frozenset[Term]  # free symbols
    level: int  # 1 + greatest dangling de Bruijn index, 0 when closed
    dangling: frozenset[tuple[int, Sort]]  # the indices that no binder in the term takes, with their sorts
    core: Term  # the same term without the names of bound variables

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Term) and self.core is other.core)

    def __hash__(self) -> int:
        return id(self.core)

    def __setattr__(self, name: str, value: object) -> None:
        raise TermError(f"terms are immutable; tried to set `{name}`")

    def __reduce__(self) -> Any:
        return make, (self.head, self.args, self.data)


_INTERNED: dict[tuple[Any, ...], Term] = {}


def make(head: str, args: tuple[Term, ...] = (), data: tuple[Any, ...] = ()) -> Term:
    """The one maker of terms.

    Raises:
        TermError: the head is unknown, or arguments or data are not what it takes.
    """
    key = (head, tuple(map(id, args)), data)
    found = _INTERNED.get(key)
    if found is not None:
        return found
    if head == "app" and len(args) > 1 and args[0].head == "lam":
        reduced = open_with(*args[:2])
        return reduced if len(args) == 2 else make("app", (reduced, *args[2:]))
    if head in ("sym", "lam") and not (data and isinstance(data[0], str) and _named(head, data[0])):
        raise TermError(
            f"a name is a letter followed by letters, digits and _, and no word of ours; got {data[:1]!r}"
        )
    from vaemath.core.heads import sort_of

    term = object.__new__(Term)
    dangling: frozenset[tuple[int, Sort]] = frozenset().union(*(a.dangling for a in args))
    free: frozenset[Term] = frozenset().union(*(a.free for a in args))
    if head == "lam":
        if any(k == 0 and sort != data[1] for k, sort in dangling):
            raise TermError(f"a bound variable of another sort than its binder's {data[1]}")
        dangling = frozenset((k - 1, sort) for k, sort in dangling if k)
    elif head == "bv":
        dangling = frozenset({data})
    free = free.union(*(d.free for d in dimensions(data)))
    bare = term
    if (head == "lam" and data[0]) or any(a.core is not a for a in args):
        bare = make(head, tuple(a.core for a in args), ("", *data[1:]) if head == "lam" else data)
    level = 1 + max((k for k, _ in dangling), default=-1)
    set_ = object.__setattr__
    names = ("head", "args", "data", "core", "level", "dangling")
    for name, value in zip(names, (head, args, data, bare, level, dangling), strict=True):
        set_(term, name, value)
    set_(term, "free", free | {term} if head == "sym" else free)
    set_(term, "sort", sort_of(term))
    _INTERNED[key] = term
    return term


def _named(head: str, name: str) -> bool:
    return bool(_NAME.fullmatch(name) and name not in WORDS) or (head == "lam" and not name)


def dimensions(data: Any) -> Iterator[Term]:
    """The dimension terms inside the sorts that a node carries as data."""
    for d in data:
        if isinstance(d, Term):
            yield d
        elif isinstance(d, tuple):
            yield from dimensions(d)


def rebuild(term: Term, args: tuple[Term, ...], data: tuple[Any, ...] | None = None) -> Term:
    """The same head over other arguments."""
    data = term.data if data is None else data
    same = data == term.data and all(a is b for a, b in zip(args, term.args, strict=True))
    return term if same else make(term.head, args, data)


def _replace(term: Term, leaf: Callable[[Term, int], Term | None], stop: Callable[[Term, int], bool]) -> Term:
    """Rebuild `term` with leaves replaced; `depth` counts the binders passed on the way down."""
    memo: dict[tuple[int, int], Term] = {}

    def go(t: Term, depth: int) -> Term:
        if stop(t, depth):
            return t
        key = (id(t), depth)
        if key not in memo:
            new = leaf(t, depth)
            if new is None:
                inner = depth + (t.head == "lam")
                new = rebuild(
                    t, tuple(go(a, inner) for a in t.args), tuple(in_sort(d, depth) for d in t.data)
                )
            memo[key] = new
        return memo[key]

    def in_sort(d: Any, depth: int) -> Any:
        if isinstance(d, Term):
            return go(d, depth)
        return tuple(in_sort(x, depth) for x in d) if isinstance(d, tuple) else d

    return go(term, 0)


def _shift(term: Term, by: int) -> Term:
    """Raise the dangling indices of `term`, which moves below `by` more binders."""

    def leaf(t: Term, depth: int) -> Term | None:
        return make("bv", (), (t.data[0] + by, t.data[1])) if t.head == "bv" and t.data[0] >= depth else None

    return _replace(term, leaf, lambda t, depth: t.level <= depth) if by else term


def open_with(lam: Term, value: Term) -> Term:
    """The body of ``lam`` with its bound variable replaced by `value`.

    Raises:
        TermError: `lam` is no abstraction, or `value` is not of the sort of its variable.
    """
    if lam.head != "lam":
        raise TermError(f"expected an abstraction, got `{lam.head}`")
    if not belongs(value, lam.data[1]):
        raise TermError(f"`{value}` is of sort {value.sort}, expected {lam.data[1]}")

    def leaf(t: Term, depth: int) -> Term | None:
        if t.head != "bv":
            return None
        k = t.data[0]
        return _shift(value, depth) if k == depth else make("bv", (), (k - 1, t.data[1])) if k > depth else t

    return _replace(lam.args[0], leaf, lambda t, depth: t.level <= depth)


def close(symbol: Term, body: Term, hint: str | None = None) -> Term:
    """``lambda symbol. body``: abstract a free symbol; the name survives only as a hint for print."""
    if symbol.head != "sym":
        raise TermError(f"expected a symbol to bind, got `{symbol.head}`")

    def leaf(t: Term, depth: int) -> Term | None:
        if t == symbol:
            return make("bv", (), (depth, symbol.sort))
        return make("bv", (), (t.data[0] + 1, t.data[1])) if t.head == "bv" and t.data[0] >= depth else None

    closed = _replace(body, leaf, lambda t, depth: symbol not in t.free and t.level <= depth)
    return make("lam", (closed,), (symbol.data[0].split("#")[0] if hint is None else hint, symbol.sort))


def substitute(term: Term, mapping: Mapping[Term, Term]) -> Term:
    """Replace free symbols, everywhere at once, in dimensions too. Nothing can be captured."""

    def leaf(t: Term, depth: int) -> Term | None:
        return _shift(mapping[t], depth) if t in mapping else None

    return _replace(term, leaf, lambda t, depth: not (t.free & mapping.keys()))


def fresh(hint: str, sort: Sort, avoid: frozenset[Term]) -> Term:
    """A symbol of that sort whose name occurs in none of `avoid`."""
    names = {t.data[0] for t in avoid}
    base, k = hint.split("#")[0] or "x", 0
    while f"{base}#{k}" in names:
        k += 1
    return make("sym", (), (f"{base}#{k}", sort))


def opened(lam: Term, *avoid: Term) -> tuple[Term, Term]:
    """A fresh symbol for the variable of an abstraction, and its body with that symbol."""
    var = fresh(lam.data[0], lam.data[1], lam.free.union(*(a.free for a in avoid)))
    return var, open_with(lam, var)


def fits(sort: Sort, wanted: Sort) -> bool:
    """Is every value of `sort` also one of `wanted`? A function on nat is one on fin(n) too."""
    if (
        sort == wanted
        or (sort in (POSITIVE, NAT, BIT) and wanted == REAL)
        or (sort, wanted) == (NAT, POSITIVE)
    ):
        return True
    if sort[0] == "fin":
        return wanted in (NAT, POSITIVE, REAL)
    if sort[0] == "spd":
        return bool(wanted == ("mat", sort[1], sort[1]))
    if sort[0] == wanted[0] == "fun":
        return fits(wanted[1], sort[1]) and fits(sort[2], wanted[2])
    return False


def belongs(t: Term, sort: Sort) -> bool:
    """Is every value of the term one of `sort`? A number is one of fin(n) when it is at most n."""
    if sort[0] == "fin" and t.head == "num" and sort[1].head == "num":
        return t.sort == NAT and bool(t.data[0] <= sort[1].data[0])
    return fits(t.sort, sort)


def check_sort(sort: Sort) -> None:
    """Refuse what is no sort.

    Dimensions are closed terms of sort nat: no binder takes a dimension. Nothing is a function of densities:
    a term for a density may have values that are not positive, and then is none that a variable for densities
    stands for.
    """
    match sort:
        case ("real" | "positive" | "nat" | "bit" | "point",):
            return
        case ("fin" | "spd", n) if _is_dimension(n):
            return
        case ("mat", r, c) if _is_dimension(r) and _is_dimension(c):
            return
        case ("fun", a, b) if not _of_densities(a):
            check_sort(a)
            return check_sort(b)
        case ("dist", a) if is_space(a):
            return
    raise TermError(f"expected a sort with dimensions that no binder takes, got {sort!r}")


def _of_densities(sort: Sort) -> bool:
    return isinstance(sort, tuple) and (sort[:1] == ("dist",) or any(map(_of_densities, sort)))


def is_space(sort: Sort) -> bool:
    """Is there a measure to integrate by over this sort?"""
    check_sort(sort)
    if sort[0] == "fun":
        return bool(sort[1][0] == "fin") and is_space(sort[2])
    return sort[0] in ("real", "positive", "nat", "bit", "point", "fin", "mat")


def _is_dimension(n: Any) -> bool:
    return isinstance(n, Term) and fits(n.sort, NAT) and n.level == 0


def is_real(t: Term) -> bool:
    return fits(t.sort, REAL)


def is_matrix(t: Term) -> bool:
    return t.sort[0] in ("mat", "spd")


def shape(t: Term) -> tuple[Term, Term]:
    """Rows and columns of a matrix term."""
    return (t.sort[1], t.sort[1]) if t.sort[0] == "spd" else (t.sort[1], t.sort[2])


def number(value: int | Fraction) -> Term:
    """A rational number."""
    q = Fraction(value)
    return make("num", (), (q.numerator, q.denominator))


def is_fraction(p: Any, q: Any) -> bool:
    """In lowest terms, with a positive denominator?"""
    return type(p) is int and type(q) is int and q > 0 and gcd(p, q) == 1


def flat(head: str, *parts: Term) -> Term:
    """A sum or product, one level deep; of one part, that part."""
    out = [x for p in parts for x in (p.args if p.head == head else (p,))]
    return out[0] if len(out) == 1 else make(head, tuple(out))


def add(*parts: Term) -> Term:
    return flat("add", *parts)


def mul(*parts: Term) -> Term:
    return flat("mul", *parts)


def power(a: Term, e: int | Fraction) -> Term:
    return make("pow", (a,), (Fraction(e).numerator, Fraction(e).denominator))


def neg(a: Term) -> Term:
    return number(-Fraction(*a.data)) if a.head == "num" else mul(number(-1), a)


def relation(head: str, a: Term, b: Term) -> Term:
    return make(head, (a, b))
