"""What must hold so that every part of a term is meant, and which statements are plain from their form."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from vaemath.core.heads import HEADS, SPECIAL, nonzero, sign, unfold, zero
from vaemath.core.terms import (
    POSITIVE,
    REAL,
    Term,
    close,
    fresh,
    is_real,
    make,
    open_with,
    opened,
    relation,
    substitute,
)

_MEMO: dict[Term, frozenset[Term]] = {}


def obligations(t: Term) -> frozenset[Term]:
    """Statements under which every part of `t` is meant; those plain from the form are left out."""
    if t not in _MEMO:
        found = set(HEADS[t.head].needs(t))
        if t.head == "diff":
            found |= smooth(*t.args) | obligations(t.args[1])
        if t.head in ("KL", "CE", "H"):
            found |= obligations(unfold(t))  # the logarithms inside, too
        for a in () if t.head == "diff" else t.args:
            found |= everywhere(a) if a.head == "lam" else obligations(a)
        _MEMO[t] = frozenset(p for p in found if not evident(p))
    return _MEMO[t]


def everywhere(lam: Term) -> set[Term]:
    """The obligations of the body of an abstraction, for every value of its variable."""
    x, body = opened(lam)
    return {general(p, [x]) for p in obligations(body)}


def general(p: Term, names: Iterable[Term]) -> Term:
    """`p` for every value of those of `names` that it mentions."""
    for x in names:
        if x in p.free:
            p = make("forall", (close(x, p),))
    return p


def smooth(f: Term, at: Term) -> set[Term]:
    """Statements under which f is differentiable at a point, and its value near the point is that of its
    form.
    """
    x, body = opened(f, at)
    return {substitute(p, {x: at}) for p in _smooth(body, x, sign(at) == ">" if is_real(at) else False)}


def _smooth(t: Term, x: Term, halfline: bool) -> set[Term]:
    """As `smooth`, at x; `halfline` says that x is positive there, so that only positive values are near."""
    parts: Callable[[], set[Term]] = lambda: {p for a in t.args for p in _smooth(a, x, halfline)}
    if x not in t.free:
        return set(obligations(t))
    if t == x or t.head in ("add", "mul", "exp", "matmul", "scale", "T", "tr", "scalar"):
        return parts()
    if t.head == "pow":
        (b,), (p, q) = t.args, t.data
        return parts().union([relation("lt", zero, b)] if q > 1 else nonzero(b) if p < 0 else [])
    if t.head in ("log", "inv", "logdet"):
        return parts().union(HEADS[t.head].needs(t))
    if t.head in SPECIAL:
        return _smooth(unfold(t), x, halfline)
    if t.head in ("prod", "vec", "diagm") or (t.head == "int" and t.args[0].data[1][0] == "fin"):
        j, body = opened(t.args[0], x)
        return {general(p, [j]) for p in _smooth(body, x, halfline)}
    if (
        t.head == "app"
        and len(t.args) == 2
        and x not in t.args[0].free
        and t.args[0].sort[1] == REAL
        and is_real(t)
    ):
        u = fresh("u", REAL, t.free)
        outer = make("differentiable", (close(u, make("app", (t.args[0], u))), t.args[1]))
        return {outer, *_smooth(t.args[1], x, halfline)}
    y = fresh("y", POSITIVE if halfline else x.sort, t.free)
    near = {general(p, [y]) for p in obligations(substitute(t, {x: y}))}
    return {make("differentiable", (close(x, t), x)), *near}


def evident(p: Term) -> bool:
    """Is the statement true by the form of its terms?"""
    a, b = p.args[0], p.args[-1]
    match p.head:
        case "forall":
            return evident(open_with(a, fresh(a.data[0], a.data[1], a.free)))
        case "lt" | "le" if a == zero:
            return sign(b) == ">" or (p.head == "le" and sign(b) != "")
        case "lt" | "le" if a.head == b.head == "num":
            gap = b.data[0] * a.data[1] - a.data[0] * b.data[1]
            return gap > 0 or (gap == 0 and p.head == "le")
        case "le" | "eq" | "def" if a == b:
            return True
        case "ne":
            return a != b if a.head == b.head == "num" else b == zero and sign(a) == ">"
        case "spd":
            return is_definite(a)
        case "invertible":
            return is_definite(a) or (a.head in ("T", "inv") and evident(make("invertible", a.args)))
        case "integrable":
            finite = len(p.args) == 1 and a.data[1][0] in ("fin", "bit")
            return finite or (len(p.args) == 3 and all(map(evident, smooth(b, fresh("x", REAL, b.free)))))
        case "differentiable":
            return p not in (needed := smooth(a, b)) and all(map(evident, needed))
    return False


def is_definite(m: Term) -> bool:
    """Is the matrix symmetric positive definite by its form?"""
    if m.sort[0] == "spd" or (m.head == "diagm" and sign(m.args[0].args[0]) == ">"):
        return True
    return m.head == "scale" and sign(m.args[0]) == ">" and is_definite(m.args[1])


def smallest(found: Iterable[Term]) -> frozenset[Term]:
    """Hypotheses without those plain from their form, or from one that stands beside them.

    That is a != 0 beside 0 < a; that a function is differentiable where an exchange says so; and that an
    integral converges beside the statement that it is positive, or a number other than 0: divergent ones are
    0.
    """
    left = {h.core for h in found if not evident(h)}
    return frozenset(left - {f.core for h in left for f in _implied(h)})


def _implied(h: Term) -> list[Term]:
    if h.head == "forall":
        x, inner = opened(h.args[0])
        return [general(p, [x]) for p in _implied(inner)]
    if h.head == "exchange":
        return [make("differentiable", h.args[0].args)]
    positive_side = h.args[1] if h.head == "lt" and h.args[0] == zero else None
    value = positive_side or (
        h.args[0] if h.head == "eq" and h.args[1].head == "num" and h.args[1] != zero else zero
    )
    converges = [make("integrable", value.args)] if value.head in ("int", "intab") else []
    return converges + ([relation("ne", positive_side, zero)] if positive_side else [])
