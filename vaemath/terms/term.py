"""Terms: the inert, immutable language in which every statement of the toolkit is written.

A term is a head from the closed list in :mod:`vaemath.terms.signature`, arguments, and plain data
(a name, a number, a sort). Nothing evaluates by itself: ``a + b - b`` stays three summands, an
expectation stays an expectation. Only the rules of :mod:`vaemath.proof` relate one term to another.

Bound variables are de Bruijn indices: substitution cannot capture. An abstraction remembers the name
that its author gave the variable, for printing only: `core` is the term without such names, and two
terms are equal when they have one core. Terms are interned, so equality and hashing cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from vaemath.errors import VaemathError

Sort = Any  # a nested tuple of strings and (for dimensions) terms; see the constants below

REAL: Sort = ("real",)
POSITIVE: Sort = ("positive",)  # a real number > 0
NAT: Sort = ("nat",)  # an integer >= 1: dimensions and indices
POINT: Sort = ("point",)  # an element of an abstract measure space
BIT: Sort = ("bit",)  # 0 or 1
PROP: Sort = ("prop",)


class TermError(VaemathError):
    """A term was put together in a way that the signature does not allow."""


class Term:
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

    def __repr__(self) -> str:
        from vaemath.terms.text import text

        return text(self)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Term) and self.core is other.core)

    def __hash__(self) -> int:
        return id(self.core)

    def __setattr__(self, name: str, value: object) -> None:
        raise TermError(f"terms are immutable; tried to set `{name}`")

    def __reduce__(self) -> Any:
        return make, (self.head, self.args, self.data)

    # The operators build terms and nothing else; vaemath.terms.build holds their meaning.
    def __add__(self, other: Any) -> Term:
        return _built("add", self, other)

    def __radd__(self, other: Any) -> Term:
        return _built("add", other, self)

    def __sub__(self, other: Any) -> Term:
        return _built("sub", self, other)

    def __rsub__(self, other: Any) -> Term:
        return _built("sub", other, self)

    def __mul__(self, other: Any) -> Term:
        return _built("mul", self, other)

    def __rmul__(self, other: Any) -> Term:
        return _built("mul", other, self)

    def __truediv__(self, other: Any) -> Term:
        return _built("div", self, other)

    def __rtruediv__(self, other: Any) -> Term:
        return _built("div", other, self)

    def __pow__(self, other: Any) -> Term:
        return _built("power", self, other)

    def __neg__(self) -> Term:
        return _built("neg", self)

    def __matmul__(self, other: Any) -> Term:
        return _built("matmul", self, other)

    def __getitem__(self, index: Any) -> Term:
        return _built("app", self, index)

    def __call__(self, *args: Any) -> Term:
        return _built("app", self, *args)

    @property
    def T(self) -> Term:
        """The transpose of a matrix term."""
        return make("T", (self,))


def _built(name: str, *args: Any) -> Term:
    from vaemath.terms import build

    made: Term = getattr(build, name)(*args)
    return made


_INTERNED: dict[tuple[Any, ...], Term] = {}


def make(head: str, args: tuple[Term, ...] = (), data: tuple[Any, ...] = ()) -> Term:
    """The one maker of terms.

    Raises:
        TermError: the head is unknown, or the arguments are not of the sorts it takes.
    """
    key = (head, tuple(map(id, args)), data)
    found = _INTERNED.get(key)
    if found is not None:
        return found
    from vaemath.terms.signature import sort_of

    if head == "app" and args and args[0].head == "lam":  # beta: (lambda x. b)(a, ...) is b[x := a]
        reduced = open_with(args[0], args[1])
        return reduced if len(args) == 2 else make("app", (reduced, *args[2:]))
    term = object.__new__(Term)
    set_ = object.__setattr__
    named = head == "lam" and data[0] != ""
    if named or any(a.core is not a for a in args):
        bare = make(head, tuple(a.core for a in args), ("", *data[1:]) if head == "lam" else data)
        set_(term, "core", bare)
    else:
        set_(term, "core", term)
    free: frozenset[Term] = frozenset().union(*(a.free for a in args)) if args else frozenset()
    dangling: frozenset[tuple[int, Sort]] = (
        frozenset().union(*(a.dangling for a in args)) if args else frozenset()
    )
    if head == "lam":
        if any(k == 0 and sort != data[1] for k, sort in dangling):
            raise TermError(f"a bound variable of another sort than its binder's {data[1]}")
        dangling = frozenset((k - 1, sort) for k, sort in dangling if k)
    elif head == "bv":
        dangling = frozenset({(data[0], data[1])})
    for d in sort_dimensions(data):
        free |= d.free
        dangling |= d.dangling
    level = 1 + max((k for k, _ in dangling), default=-1)
    if head == "sym":
        free |= {term}
    set_(term, "head", head)
    set_(term, "args", args)
    set_(term, "data", data)
    set_(term, "free", free)
    set_(term, "level", level)
    set_(term, "dangling", dangling)
    set_(term, "sort", sort_of(term))
    _INTERNED[key] = term
    return term


def sort_dimensions(data: Any) -> Iterator[Term]:
    """The dimension terms inside the sorts that a node carries as data."""
    for d in data:
        if isinstance(d, Term):
            yield d
        elif isinstance(d, tuple):
            yield from sort_dimensions(d)


def rebuild(term: Term, args: tuple[Term, ...], data: tuple[Any, ...] | None = None) -> Term:
    """The same head over other arguments."""
    data = term.data if data is None else data
    if data == term.data and all(a is b for a, b in zip(args, term.args, strict=True)):
        return term
    return make(term.head, args, data)


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
                data = tuple(go_sort(d, depth) for d in t.data)
                new = rebuild(t, tuple(go(a, inner) for a in t.args), data)
            memo[key] = new
        return memo[key]

    def go_sort(d: Any, depth: int) -> Any:
        if isinstance(d, Term):
            return go(d, depth)
        return tuple(go_sort(x, depth) for x in d) if isinstance(d, tuple) else d

    return go(term, 0)


def _shift(term: Term, by: int) -> Term:
    """Raise the dangling indices of `term`, which moves below `by` more binders."""
    if by == 0 or term.level == 0:
        return term

    def leaf(t: Term, depth: int) -> Term | None:
        if t.head == "bv" and t.data[0] >= depth:
            return make("bv", (), (t.data[0] + by, *t.data[1:]))
        return None

    return _replace(term, leaf, lambda t, depth: t.level <= depth)


def open_with(lam: Term, value: Term) -> Term:
    """The body of ``lam`` with its bound variable replaced by `value`.

    Raises:
        TermError: `lam` is no abstraction, or `value` is not of the sort of its variable.
    """
    if lam.head != "lam":
        raise TermError(f"expected an abstraction, got `{lam.head}`")
    if not fits(value.sort, lam.data[1]):
        raise TermError(f"`{value}` is of sort {value.sort}, expected {lam.data[1]}")

    def leaf(t: Term, depth: int) -> Term | None:
        if t.head != "bv":
            return None
        k = t.data[0]
        if k == depth:
            return _shift(value, depth)
        return make("bv", (), (k - 1, *t.data[1:])) if k > depth else t

    return _replace(lam.args[0], leaf, lambda t, depth: t.level <= depth)


def close(symbol: Term, body: Term, hint: str | None = None) -> Term:
    """``lambda symbol. body``: abstract a free symbol; the name survives only as a hint for print."""
    if symbol.head != "sym":
        raise TermError(f"expected a symbol to bind, got `{symbol.head}`")
    sort = symbol.data[1]

    def leaf(t: Term, depth: int) -> Term | None:
        if t == symbol:
            return make("bv", (), (depth, sort))
        if t.head == "bv" and t.data[0] >= depth:
            return make("bv", (), (t.data[0] + 1, *t.data[1:]))
        return None

    closed = _replace(body, leaf, lambda t, depth: symbol not in t.free and t.level <= depth)
    return make("lam", (closed,), (symbol.data[0].split("#")[0] if hint is None else hint, sort))


def substitute(term: Term, mapping: Mapping[Term, Term]) -> Term:
    """Replace free symbols, everywhere at once. Nothing can be captured."""
    keys = frozenset(mapping)

    def leaf(t: Term, depth: int) -> Term | None:
        return _shift(mapping[t], depth) if t in mapping else None

    return _replace(term, leaf, lambda t, depth: not (t.free & keys))


def fresh(hint: str, sort: Sort, avoid: frozenset[Term]) -> Term:
    """A symbol of that sort whose name occurs in none of `avoid`."""
    names = {t.data[0] for t in avoid}
    base = hint.split("#")[0] or "x"
    k = 0
    while (name := f"{base}#{k}") in names:
        k += 1
    return make("sym", (), (name, sort))


def fits(sort: Sort, wanted: Sort) -> bool:
    """Is every value of `sort` also one of `wanted`?"""
    if sort == wanted:
        return True
    if wanted == REAL:
        return bool(sort in (POSITIVE, NAT, BIT))
    if wanted == POSITIVE:
        return bool(sort == NAT)
    if sort[0] == "spd":
        return bool(wanted == ("mat", sort[1], sort[1]))
    if sort[0] == wanted[0] == "fun":
        return bool(sort[1] == wanted[1] and fits(sort[2], wanted[2]))
    return False


def subterm(term: Term, path: tuple[int, ...]) -> Term:
    """The part of a term at `path`, with the binders on the way left closed."""
    for k in path:
        if not 0 <= k < len(term.args):
            raise TermError(f"no argument {k} in `{term}`")
        term = term.args[k]
    return term


def number(value: int | Fraction) -> Term:
    """A rational number."""
    q = Fraction(value)
    return make("num", (), (q.numerator, q.denominator))
