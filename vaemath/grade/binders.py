"""Sums, products, integrals and derivatives."""

from __future__ import annotations

from collections.abc import Callable

from lark import Token, Tree

from vaemath.core.heads import sign
from vaemath.core.terms import NAT, REAL, Term, close, fits, is_real, make, open_with, substitute
from vaemath.grade.errors import GradeError
from vaemath.grade.evidence import DENSITY_LETTERS, arguments, is_group, lowered, split_entries, variable_of
from vaemath.grade.names import named, words_of
from vaemath.grade.products import Pieces, Taken, differential, product
from vaemath.grade.reading import Reader, short
from vaemath.grade.tex import Shape, text
from vaemath.terms.build import add, app, div, mul, number, one, sub

Special = Callable[[Reader, Shape, Pieces, int], Taken]
LONGEST_SUM = 40  # terms of a sum between numbers that are written out


def _scripts(piece: Shape) -> tuple[Shape | Token | None, Shape | Token | None]:
    low = high = None
    for s in piece.children[1:]:
        assert isinstance(s, Tree)
        if str(s.children[0]) == "_":
            low = s.children[1]
        elif str(s.children[0]) == "^":
            high = s.children[1]
    return low, high


def big(r: Reader, piece: Shape, pieces: Pieces, k: int) -> Taken:
    """A sum, a product or an integral over all factors behind it."""
    sign = str(piece.children[0])
    if sign.endswith("int"):
        return _integral(r, piece, pieces, k)
    return _series(r, "sum" if sign == r"\sum" else "prod", piece, pieces, k)


def _series(r: Reader, head: str, piece: Shape, pieces: Pieces, k: int) -> Taken:
    low, high = _scripts(piece)
    if k >= len(pieces):
        raise GradeError(f"a {head} of nothing")
    if low is None:
        variable = _summed(r, pieces[k:]) if head == "sum" and high is None else ""
        if not variable:
            raise GradeError(f"a {head} without its index; write \\{head}_{{i=1}}^n")
        return _over_space(r, head, variable, pieces[k:]), len(pieces)
    name, lower = _index(r, low)
    end_at = len(pieces)
    if head == "prod":  # a product ends with the last factor that has its index in it
        using = [j for j in range(k, len(pieces)) if name in words_of(pieces[j])]
        end_at = using[-1] + 1 if using else len(pieces)
    rest = pieces[k:end_at]
    over_points = high is None and r.scope.evidence.has(lowered(name), "point")
    if over_points or (high is None and "_" in name and lower is None):
        return _over_space(r, head, name, rest), len(pieces)
    start = number(1) if lower is None else r.value(lower)
    end = _count(r, name) if high is None else r.value(high)
    if not is_real(end):
        raise GradeError(f"the upper bound `{end}` is no number")
    if start.head == "num" and end.head == "num":
        return _written_out(r, head, name, start.data[0], end, rest), end_at
    if start == number(2) and fits(end.sort, NAT):
        whole, first = _from_one(r, head, name, end, rest)
        if head == "sum":
            return sub(whole, first), end_at
        if sign(first) == ">":
            return div(whole, first), end_at
    if start != one or not fits(end.sort, NAT):
        raise GradeError(f"a {head} from `{start}` to `{end}`: one from 1 to a dimension can be read")
    with r.scope.binding(name, ("fin", end)) as var:
        body = product(r, rest)
    if not is_real(body):
        raise GradeError(f"a {head} of matrices")
    everywhere = _enumerated(body, var) if head == "sum" else None
    if everywhere is not None:
        point, inner = everywhere
        r.note(f"the sum over {name} runs through all values of {point.data[0].split('#')[0]}")
        return make("int", (close(point, inner),)), len(pieces)
    return make("int" if head == "sum" else "prod", (close(var, body, name),)), end_at


def _summed(r: Reader, rest: Pieces) -> str:
    """The variable of a sum that names none: the one of the density that stands first in it."""
    n = named(rest[0]) if rest and isinstance(rest[0], Tree) else None
    if n is None or len(rest) < 2 or not is_group(rest[1]) or n.base not in DENSITY_LETTERS:
        return ""
    of, _ = arguments(rest[1].children[0])  # type: ignore[union-attr, arg-type]
    return variable_of(of[0]) if len(of) == 1 else ""


def _from_one(r: Reader, head: str, name: str, end: Term, rest: Pieces) -> tuple[Term, Term]:
    """The sum or product from 1 on, and its first member: what begins with 2 is without that."""
    with r.scope.binding(name, ("fin", end)) as var:
        body = product(r, rest)
    with r.scope.binding(name, NAT):
        r.scope.bound[name] = one
        first = product(r, rest)
    if not is_real(body):
        raise GradeError(f"a {head} of matrices")
    return make("int" if head == "sum" else "prod", (close(var, body, name),)), first


def _index(r: Reader, low: Shape | Token) -> tuple[str, Shape | Token | None]:
    """The index of a sum and where it starts: i=1, i, or x."""
    inner: Shape | Token = low
    while isinstance(inner, Tree) and inner.data in ("arg", "brace", "items") and inner.children:
        kids = [c for c in inner.children if not (isinstance(c, Token) and c.type in ("LBRACE", "RBRACE"))]
        if len(kids) != 1:
            break
        inner = kids[0]
    if isinstance(inner, Tree) and inner.data == "entry":
        words = words_of(inner.children[0])
        if not words:
            raise GradeError(f"the index `{text(low)}`")
        name = "_".join(words)
        if len(inner.children) == 1:
            return name, None
        if len(inner.children) == 3 and str(inner.children[1]) == "=":
            return name, inner.children[2]
        if len(inner.children) == 3 and str(inner.children[1]) == r"\in":
            return name, None
        raise GradeError(f"the index `{text(low)}`")
    words = words_of(inner)
    if len(words) != 1:
        raise GradeError(f"the index `{text(low)}`")
    return words[0], None


def _count(r: Reader, index: str) -> Term:
    from vaemath.grade.densities import count

    return count(r, index)


def _over_space(r: Reader, head: str, name: str, rest: Pieces) -> Term:
    if head != "sum":
        raise GradeError("a product over all values of a variable")
    base = lowered(name.split("_")[0])
    r.note(f"the sum over {name} runs through all values of {base}")
    with r.scope.binding(name if "_" in name else base, r.scope.space(base)) as var:
        body = product(r, rest)
    return make("int", (close(var, body, base),))


def _written_out(r: Reader, head: str, name: str, start: int, end: Term, rest: Pieces) -> Term:
    """A sum between numbers, term by term; over all values of a variable if it is one."""
    if end.data[1] != 1 or end.data[0] - start >= LONGEST_SUM or end.data[0] < start:
        raise GradeError(f"a {head} from {start} to {end}")
    if start >= 1:
        with r.scope.binding(name, NAT) as var:
            body = product(r, rest)
        everywhere = _enumerated(body, var) if head == "sum" and start == 1 else None
        if everywhere is not None:
            point, inner = everywhere
            r.note(f"the sum over {name} runs through all values of {point.data[0].split('#')[0]}")
            return make("int", (close(point, inner),))
        lam = close(var, body, name)
    else:
        with r.scope.binding(name, REAL) as var:
            body = product(r, rest)
        lam = close(var, body, name)
    parts = [open_with(lam, number(j)) for j in range(start, end.data[0] + 1)]
    if head == "sum":
        return add(*parts)
    out = parts[0]
    for p in parts[1:]:
        out = mul(out, p)
    return out


def _enumerated(body: Term, var: Term) -> tuple[Term, Term] | None:
    """The sum over i of p(x_i) ...: over all values of x, where x_i occurs in no other way."""
    factors = body.args if body.head == "mul" else (body,)
    for f in factors:
        if f.head != "pdf" or var in f.args[0].free:
            continue
        at = f.args[1]
        if at.head == "app" and at.args[0].head == "sym" and at.args[1:] == (var,):
            family = at.args[0]
            point = make("sym", (), (f"{family.data[0]}#v0", family.sort[2]))
            inner = _swapped(body, at, point)
            if var not in inner.free and family not in inner.free:
                return point, inner
    return None


def _swapped(t: Term, old: Term, new: Term) -> Term:
    from vaemath.core.terms import rebuild

    if t == old:
        return new
    if not t.args or not (old.free <= t.free):
        return t
    return rebuild(t, tuple(_swapped(a, old, new) for a in t.args))


def _integral(r: Reader, piece: Shape, pieces: Pieces, k: int) -> Taken:
    low, high = _scripts(piece)
    if k >= len(pieces):
        raise GradeError("an integral of nothing")
    at = differential(pieces, k)
    if at is not None:
        n = named(pieces[at + 1])  # type: ignore[arg-type]
        assert n is not None
        name = n.name
        if n.powers:  # a coordinate, dz^1
            name = f"{n.name}^{text(n.powers[0])}"
            if not n.subs or len(n.powers) > 1 or not name[-1].isalnum():
                raise GradeError(f"the variable `{text(pieces[at + 1])}` of an integral")
        if at == k:
            body, end = pieces[k + 2 :], len(pieces)
        else:
            body, end = pieces[k:at], at + 2
            if any(
                isinstance(x, Tree)
                and isinstance(x.children[0], Token)
                and x.children[0].type == "BIG"
                and x.children[0].endswith("int")
                for x in pieces[k:at]
            ):
                return _nested(r, piece, pieces, k)
    elif low is not None and high is None and len(words_of(low)) >= 1:
        name, body, end = "_".join(words_of(low)), pieces[k:], len(pieces)
    else:
        raise GradeError("an integral needs its variable, as in dx")
    base = lowered(name.split("_")[0])
    uses = r.scope.evidence
    spaced = any(uses.has(base, u) for u in ("point", "vector", "coordinates"))
    sort = r.scope.space(base) if spaced and "^" not in name else REAL
    limits = _limits(r, low, high)
    with r.scope.binding(name if "_" in name else base, sort) as var:
        inner = product(r, body) if body else number(1)
    if not is_real(inner):
        raise GradeError("an integral of matrices")
    lam = close(var, inner, base)
    if limits is None:
        return make("int", (lam,)), end
    if sort != REAL:
        raise GradeError("an integral between bounds over a space that is not the line")
    return make("intab", (*limits, lam)), end


def _nested(r: Reader, piece: Shape, pieces: Pieces, k: int) -> Taken:
    """Two integral signs in front: the inner one takes the first differential, the outer one the second."""
    first = pieces[k]
    if not (
        isinstance(first, Tree) and isinstance(first.children[0], Token) and first.children[0].type == "BIG"
    ):
        raise GradeError("two integrals in one product; put the inner one in brackets")
    inner_at = differential(pieces, k + 1)
    assert inner_at is not None
    outer_at = differential(pieces, inner_at + 2)
    if outer_at != inner_at + 2:
        raise GradeError("two integrals in one product; put the inner one in brackets")
    inner = Tree("product", list(pieces[k : inner_at + 2]))
    return big(r, piece, [Tree("factor", [inner]), *pieces[outer_at:]], 0)[0], len(
        pieces
    ) if outer_at + 2 >= len(pieces) else outer_at + 2


def _limits(r: Reader, low: Shape | Token | None, high: Shape | Token | None) -> tuple[Term, Term] | None:
    if low is None and high is None:
        return None
    if high is None:
        return None  # a space below the sign
    if low is None:
        raise GradeError("an integral with an upper bound only")
    ends = [text(x).strip("{} ").replace(" ", "") for x in (low, high)]
    infinite = [e.endswith(r"\infty") for e in ends]
    if all(infinite):
        if not ends[0].startswith("-") or ends[1].startswith("-"):
            raise GradeError(f"an integral from {ends[0]} to {ends[1]}")
        return None
    if any(infinite):
        raise GradeError("an integral over a half-line")
    return r.value(low), r.value(high)


def derivative(r: Reader, piece: Shape, pieces: Pieces, k: int) -> Taken | None:
    """\\frac{\\partial}{\\partial x} before factors, \\frac{\\partial f}{\\partial x}, or (d/dx)."""
    head = piece.children[0]
    if not isinstance(head, Tree) or len(piece.children) > 1:
        return None
    found = _quotient(head)
    if found is None:
        return None
    top, bottom = found
    variable = _by(bottom)
    if variable is None or not _is_d(top):
        return None
    body = top[1:]
    if body:
        end = k
        content = body
    else:
        end = len(pieces)
        content = pieces[k:]
        if not content:
            raise GradeError("a derivative of nothing")
    n = named(variable)
    assert n is not None
    if n.powers:
        raise GradeError("only first derivatives can be read")
    from vaemath.grade.letters import symbol_of

    at = symbol_of(r, n)
    if at.head != "sym" or not is_real(at):
        raise GradeError(f"a derivative by `{n.name}`, which is no number")
    f = product(r, content)
    if not is_real(f):
        raise GradeError("a derivative of a vector")
    var = make("sym", (), (f"{n.name}#d0", REAL))
    return make("diff", (close(var, substitute(f, {at: var}), n.name), at)), end


def _quotient(head: Shape) -> tuple[Pieces, Pieces] | None:
    if head.data == "frac":
        return _flat(head.children[1]), _flat(head.children[2])
    if head.data == "group":
        entries = split_entries(head)
        pieces = _flat(entries[0][1]) if len(entries) == 1 else []
        slashes = [j for j, p in enumerate(pieces) if isinstance(p, Token) and p.type == "OVER"]
        if len(slashes) == 1:
            return pieces[: slashes[0]], pieces[slashes[0] + 1 :]
    return None


def _flat(s: Shape | Token) -> Pieces:
    """The factors in a shape that is one product."""
    while isinstance(s, Tree) and s.data in ("arg", "brace", "items", "entry", "sum"):
        kids = [c for c in s.children if not (isinstance(c, Token) and c.type in ("LBRACE", "RBRACE"))]
        if len(kids) != 1:
            return []
        s = kids[0]
    if isinstance(s, Token):
        return [Tree("factor", [s])]
    return list(s.children) if s.data == "product" else [s]


def _is_d(pieces: Pieces) -> bool:
    first = pieces[0] if pieces else None
    if not isinstance(first, Tree) or len(first.children) > 1:
        return False
    return text(first) in ("d", r"\partial", r"\mathrm{d}")


def _by(pieces: Pieces) -> Shape | None:
    if len(pieces) == 2 and _is_d(pieces) and isinstance(pieces[1], Tree) and named(pieces[1]) is not None:
        return pieces[1]
    return None


def nabla(r: Reader, piece: Shape, pieces: Pieces, k: int) -> Taken:
    """A gradient by one number is its derivative."""
    low, _ = _scripts(piece)
    if low is None:
        raise GradeError("a gradient without its variable; write \\nabla_\\theta")
    words = words_of(low)
    if len(words) != 1 or words[0] not in r.scope.symbols or r.scope.symbols[words[0]].sort != REAL:
        raise GradeError(f"a gradient by {', '.join(words)}: one by a number that was declared can be read")
    at = r.scope.symbols[words[0]]
    f = product(r, pieces[k:])
    var = make("sym", (), (f"{words[0]}#d0", REAL))
    return make("diff", (close(var, substitute(f, {at: var}), words[0]), at)), len(pieces)


TOKENS: dict[str, Special] = {"BIG": big, "NABLA": nabla}
__all__ = ["TOKENS", "app", "big", "derivative", "short"]
