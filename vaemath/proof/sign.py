"""What the form of a term alone says about its sign, and when a term is defined.

`sign` is sound and incomplete: it looks at sorts and heads, never at numbers in floating point.
`obligations` lists what must hold for a term to mean something and is not plain from its form.
"""

from __future__ import annotations

from collections.abc import Iterator

from vaemath.terms.build import le, lt, ne, number, one, zero
from vaemath.terms.signature import is_real
from vaemath.terms.term import NAT, POSITIVE, Term, fits, fresh, make, open_with, substitute

_ALWAYS_POSITIVE = frozenset({"pi", "exp", "sigmoid", "softplus"})


def sign(t: Term) -> str:
    """``">"``, ``">="`` or ``""``: provably positive, provably nonnegative, not known."""
    h = t.head
    if h in _ALWAYS_POSITIVE or fits(t.sort, POSITIVE):
        return ">"
    if h == "num":
        return ">=" if t.data[0] == 0 else ""
    if h == "expm1_minus" or t.sort == ("bit",):
        return ">="
    if h == "pow":
        base, (p, q) = sign(t.args[0]), t.data
        if base == ">":
            return ">"
        return ">=" if p > 0 and (base or (q == 1 and p % 2 == 0)) else ""
    if h == "pdf":
        return density_sign(t.args[0])
    if h in ("sum", "prod"):
        body = sign(t.args[2].args[0])
        nonempty = h == "prod" or (t.args[0] == one and fits(t.args[1].sort, NAT))
        return body if body == "" or nonempty else ">="
    if h == "int":
        return ">=" if sign(t.args[0].args[0]) else ""
    if h == "E":
        real = is_real(t)
        return ">=" if real and density_sign(t.args[0]) and sign(t.args[1].args[0]) else ""
    if h in ("add", "mul"):
        signs = {sign(a) for a in t.args}
        if "" in signs:
            return ""
        strict = ">" in signs if h == "add" else signs == {">"}
        return ">" if strict else ">="
    return ""


def density_sign(q: Term) -> str:
    """The sign of a density's values. A symbol for a density stands for positive ones (see `instantiate`)."""
    if q.head in ("normal", "mvn", "bernoulli"):
        return ">"
    if q.head == "indep":
        return density_sign(q.args[1].args[0])
    if q.head in ("density", "categorical"):
        return sign(q.args[-1].args[0])
    return ">"


def is_spd(m: Term) -> bool:
    """Is the matrix symmetric positive definite by its form?"""
    if m.sort[0] == "spd":
        return True
    if m.head == "diagm":
        return sign(m.args[1].args[0]) == ">"
    return m.head == "scale" and sign(m.args[0]) == ">" and is_spd(m.args[1])


def obligations(t: Term) -> frozenset[Term]:
    """Statements under which every part of `t` is defined; those plain from the form are left out."""
    return frozenset(p for p in _obligations(t) if not evident(p))


_MEMO: dict[Term, frozenset[Term]] = {}


def _obligations(t: Term) -> frozenset[Term]:
    if t not in _MEMO:
        out = set(_own(t))
        if t.head == "diff":  # a derivative needs its function near the point only; domains are open
            f, at = t.args
            x = fresh("x", f.data[1], t.free)
            inside = _obligations(open_with(f, x))
            out |= {substitute(_strict(p), {x: at}) for p in inside} | _obligations(at)
        for a in () if t.head == "diff" else t.args:
            if a.head == "lam":
                for p in _obligations(a.args[0]):
                    uses = p.level > 0
                    out.add(make("forall", (make("lam", (p,), a.data),)) if uses else p)
            else:
                out |= _obligations(a)
        _MEMO[t] = frozenset(p for p in out if not evident(p))
    return _MEMO[t]


def _strict(p: Term) -> Term:
    """The obligation with < for <=: what must hold on both sides of a point, not only at it."""
    if p.head in ("forall", "lam"):
        return make(p.head, tuple(map(_strict, p.args)), p.data)
    return lt(*p.args) if p.head == "le" else p


def _own(t: Term) -> Iterator[Term]:
    if t.head == "pow":
        (b,), (p, q) = t.args, t.data
        if q != 1:
            yield lt(0, b) if p < 0 else le(0, b)
        elif p < 0:
            yield from _nonzero(b)
    elif t.head == "log":
        yield from _positive(t.args[0])
    elif t.head in ("log1p", "log1p_minus"):
        yield lt(0, number(1) + t.args[0])
    elif t.head == "normal":
        yield lt(0, t.args[1])
    elif t.head == "bernoulli":
        yield lt(0, t.args[0])
        yield lt(0, number(1) - t.args[0])
    elif t.head in ("logdet", "chol"):
        yield make("spd", (t.args[0],))
    elif t.head == "mvn":
        yield make("spd", (t.args[1],))
    elif t.head == "inv":
        yield make("invertible", (t.args[0],))


def _positive(b: Term) -> Iterator[Term]:
    """A product is positive when the one factor of unknown sign is; an odd power when its base is."""
    if b.head == "mul":
        unknown = [f for f in b.args if sign(f) != ">"]
        if len(unknown) == 1:
            yield from _positive(unknown[0])
            return
    if b.head == "pow" and b.data[1] == 1 and b.data[0] % 2:
        yield from _positive(b.args[0])
        return
    yield lt(0, b)


def _nonzero(b: Term) -> Iterator[Term]:
    """A product is nonzero when each factor is."""
    if b.head == "mul":
        for f in b.args:
            yield from _nonzero(f)
    elif b.head == "pow":
        yield from _nonzero(b.args[0])
    else:
        yield ne(b, 0)


def evident(p: Term) -> bool:
    """Is the statement plain from the form of its terms?"""
    if p.head == "forall":
        return evident(p.args[0].args[0])
    if p.head == "lt":
        return _difference_sign(p) == ">"
    if p.head == "le":
        return p.args[0] == p.args[1] or _difference_sign(p) != ""
    if p.head == "ne":
        a, b = p.args
        if a.head == b.head == "num":
            return a != b
        return b == zero and sign(a) == ">"
    if p.head in ("eq", "def"):
        return p.args[0] == p.args[1]
    if p.head == "spd":
        return is_spd(p.args[0])
    if p.head == "invertible":
        m = p.args[0]
        return is_spd(m) or (m.head in ("T", "inv") and evident(make("invertible", m.args)))
    return False


def _difference_sign(p: Term) -> str:
    a, b = p.args
    if a == zero:
        return sign(b)
    if a.head == b.head == "num":
        gap = b.data[0] * a.data[1] - a.data[0] * b.data[1]
        return ">" if gap > 0 else ">=" if gap == 0 else ""
    return ""
