"""Products: factors side by side, and how far \\log, \\sum, \\int, \\mathbb{E} and the like reach in them."""

from __future__ import annotations

from collections.abc import Callable

from lark import Token, Tree

from vaemath.core.terms import Term, is_matrix, is_real, make
from vaemath.grade.errors import GradeError
from vaemath.grade.evidence import is_group
from vaemath.grade.names import Named, named
from vaemath.grade.reading import Reader, over, raised, reads, real, short
from vaemath.grade.tex import Shape, text
from vaemath.terms.build import div, exp, mul, number, pi

Pieces = list[Shape | Token]
Taken = tuple[Term, int]
Word = Callable[[Reader, Named, Pieces, int], Taken]
WORDS: dict[str, Word] = {}


def word(*names: str) -> Callable[[Word], Word]:
    """Register what a word, or a letter before brackets, does with the factors behind it."""

    def mark(f: Word) -> Word:
        for n in names:
            WORDS[n] = f
        return f

    return mark


@reads("product")
def _product(r: Reader, s: Shape) -> Term:
    return product(r, list(s.children))


@reads("factor")
def _factor(r: Reader, s: Shape) -> Term:
    return product(r, [s])


@reads("LETTER", "NAME")
def _token(r: Reader, t: Token) -> Term:
    return product(r, [Tree("factor", [t])])


@reads("accent")
def _accent(r: Reader, s: Shape) -> Term:
    return product(r, [Tree("factor", [s])])


def product(r: Reader, pieces: Pieces) -> Term:
    """Factors side by side; a slash divides by the one factor behind it, or, in doubt, by all."""
    parts: list[Term] = []
    down: list[bool] = []
    k = 0
    below = False
    while k < len(pieces):
        p = pieces[k]
        if isinstance(p, Token):
            if p.type == "OVER":
                if not parts or below or k + 1 == len(pieces):
                    raise GradeError("a slash with nothing on one side")
                below = True
                rest = pieces[k + 1 :]
                whole = all(isinstance(x, Tree) for x in rest)
                if whole and _one(r, pieces, k + 1) < len(pieces) and r.doubt("slash"):
                    parts.append(product(r, rest))
                    down.append(True)
                    k, below = len(pieces), False
                    continue
            elif k + 1 == len(pieces) or (k and isinstance(pieces[k - 1], Token)):
                raise GradeError(f"a `{p}` with nothing behind it")
            k += 1
            continue
        value, k = taken(r, pieces, k)
        parts.append(value)
        down.append(below)
        below = False
    return multiplied(parts, down)


def taken(r: Reader, pieces: Pieces, k: int) -> Taken:
    """The value of the factor at k with all that belongs to it, and where the next one begins."""
    piece = pieces[k]
    assert isinstance(piece, Tree)
    n = named(piece)
    if n is not None:
        handler = WORDS.get(n.base) if n.word or _calls(r, n, pieces, k) else None
        if handler is not None:
            return handler(r, n, pieces, k + 1)
        from vaemath.grade.letters import letter

        return letter(r, n, pieces, k)
    head = piece.children[0]
    if isinstance(head, Token):
        from vaemath.grade.binders import TOKENS

        special = TOKENS.get(head.type)
        if special is not None:
            return special(r, piece, pieces, k + 1)
    from vaemath.grade.binders import derivative

    found = derivative(r, piece, pieces, k + 1)
    if found is not None:
        return found
    base = _squared(r, piece)
    if base is not None:
        return base, k + 1
    return scripted(r, r.value(head), list(piece.children[1:])), k + 1


_CALLING = {"E", "D", "H", "N"}


def _calls(r: Reader, n: Named, pieces: Pieces, k: int) -> bool:
    """Is a single letter, such as E or H, here the operator and not a number?"""
    if n.base not in _CALLING or n.base in r.scope.symbols or n.base in r.scope.bound:
        return False
    if n.base == "E":
        return bool(n.subs) or (k + 1 < len(pieces) and is_group(pieces[k + 1]))
    if n.base == "D":
        return "KL" in "".join(n.subs)
    return k + 1 < len(pieces) and is_group(pieces[k + 1])


def scripted(r: Reader, base: Term, scripts: list[Shape | Token]) -> Term:
    """A value with its scripts; only what stands above it has a meaning for a value."""
    for s in scripts:
        assert isinstance(s, Tree)
        mark = s.children[0]
        assert isinstance(mark, Token)
        if mark.type == "PRIME":
            if not is_matrix(base):
                raise GradeError(f"`{mark}` behind `{short(str(base))}`, which is no vector or matrix")
            base = base.T
        elif mark.type == "SUB":
            raise GradeError(f"the subscript `{text(s.children[1])}` behind `{short(str(base))}`")
        else:
            base = raised(r, base, s.children[1])
    return base


def _squared(r: Reader, piece: Shape) -> Term | None:
    """The square of a norm, without its root."""
    from vaemath.grade.reading import squared_norm

    head = piece.children[0]
    if not isinstance(head, Tree) or head.data != "norm":
        return None
    scripts = [text(c) for c in piece.children[1:]]
    squares = ("^ 2", "^ { 2 }")
    plain = [s for s in scripts if s not in squares and s not in ("_ 2", "_ { 2 }")]
    if plain:
        raise GradeError(f"the norm with `{plain[0]}` cannot be read")
    value = squared_norm(r.value(head.children[1]))
    if any(s in squares for s in scripts):
        return value
    from fractions import Fraction

    from vaemath.terms.build import power

    return power(value, Fraction(1, 2))


def argument(r: Reader, pieces: Pieces, k: int, name: str) -> tuple[Term, int, list[Shape | Token]]:
    """What a function such as \\log applies to: brackets, or the factors behind it up to the next function.

    The third part is what stands above the brackets and is about the function's value.
    """
    if k >= len(pieces) or isinstance(pieces[k], Token):
        raise GradeError(f"`{name}` of nothing")
    first = pieces[k]
    assert isinstance(first, Tree)
    if is_group(first):
        if len(first.children) > 1 and r.doubt("power"):
            return r.value(first.children[0]), k + 1, list(first.children[1:])
        value, _ = taken(r, [first], 0)
        return value, k + 1, []
    end = k
    while end < len(pieces) and not _stops(r, pieces, end, k):
        end += 1
    one = _one(r, pieces, k)
    if end > one and r.doubt("reach"):
        end = one
    return product(r, pieces[k:end]), end, []


def _one(r: Reader, pieces: Pieces, k: int) -> int:
    """Where the factor at k ends, with the brackets it is applied to."""
    _, end = taken(Reader(r.scope, r.model, r.flipped), pieces, k)
    return end


def _stops(r: Reader, pieces: Pieces, k: int, start: int) -> bool:
    p = pieces[k]
    if isinstance(p, Token):
        return p.type == "TIMES"
    if k == start:
        return False
    n = named(p)
    head = p.children[0]
    if isinstance(head, Token) and head.type in ("BIG", "NABLA"):
        return True
    if n is None:
        return False
    return (n.word and n.base in WORDS) or _calls(r, n, pieces, k)


def joined_integrals(s: Shape) -> list[tuple[str, Shape]]:
    """The signed products of a sum; an integral over a sum goes on to its differential."""
    out: list[tuple[str, Shape]] = []
    sign = ""
    for c in s.children:
        if isinstance(c, Token):
            sign = str(c)
            continue
        if out and open_integral(out[-1][1]) and any(_closes(x) for x in _following(s, c)):
            before = out.pop()
            out.append((before[0], _inside(before[1], sign, c)))
        else:
            out.append((sign, c))
        sign = ""
    return out


def _following(s: Shape, c: Shape) -> list[Shape]:
    at = next(k for k, x in enumerate(s.children) if x is c)
    return [x for x in s.children[at:] if isinstance(x, Tree)]


def _closes(product_: Shape) -> bool:
    return differential(list(product_.children), 0) is not None and not any(
        _is_integral(x) for x in product_.children
    )


def _is_integral(x: Shape | Token) -> bool:
    return (
        isinstance(x, Tree)
        and isinstance(x.children[0], Token)
        and x.children[0].type == "BIG"
        and x.children[0].endswith("int")
    )


def open_integral(product_: Shape) -> bool:
    """Does a product begin an integral whose differential has not come?"""
    places = [k for k, x in enumerate(product_.children) if _is_integral(x)]
    return (
        bool(places)
        and differential(list(product_.children), places[-1] + 1) is None
        and not any(
            isinstance(c, Tree)
            and c.children
            and str(c.children[0]) == "_"
            and not _bounded(product_.children[places[-1]])
            for c in product_.children[places[-1]].children[1:]  # type: ignore[union-attr]
        )
    )


def _bounded(integral: Shape | Token) -> bool:
    return isinstance(integral, Tree) and len(integral.children) > 2


def _inside(before: Shape, sign: str, more: Shape) -> Shape:
    """An integral with one more summand under it."""
    kids = list(before.children)
    at = max(k for k, x in enumerate(kids) if _is_integral(x))
    body = kids[at + 1 :]
    only = body[0] if len(body) == 1 else None
    inside: list[Shape | Token] = []
    if isinstance(only, Tree) and only.data == "summands":
        inside = list(only.children)
    else:
        inside = [Tree("product", body)]
    d = differential(list(more.children), 0)
    tail: list[Shape | Token] = []
    if d is not None:
        tail = list(more.children[d:])
        more = Tree("product", list(more.children[:d]))
    inside += [Token("SIGN", sign), more]
    return Tree("product", [*kids[: at + 1], Tree("summands", inside), *tail])


@reads("summands")
def _summands(r: Reader, s: Shape) -> Term:
    return r.value(Tree("sum", list(s.children)))


def differential(pieces: Pieces, start: int) -> int | None:
    """Where dx stands among the factors."""
    for k in range(start, len(pieces) - 1):
        p, q = pieces[k], pieces[k + 1]
        if not isinstance(p, Tree) or not isinstance(q, Tree) or len(p.children) > 1:
            continue
        n, v = named(p), named(q)
        if n is not None and n.base == "d" and not n.subs and v is not None and not v.word:
            return k
    return None


def multiplied(parts: list[Term], down: list[bool]) -> Term:
    """The product of numbers and matrices in their order; 1 x 1 matrices are numbers."""
    if len(parts) == 1 and not is_matrix(parts[0]):
        return parts[0]  # a number, or the value of a random variable
    out: Term | None = None
    matrices: list[Term] = []
    for f, below in zip(parts, down, strict=True):
        if is_matrix(f):
            if below:
                raise GradeError("a matrix cannot be divided by; write its inverse")
            matrices.append(f)
        elif is_real(f):
            out = (
                (div(number(1), f) if below else f) if out is None else over(out, f) if below else mul(out, f)
            )
        else:
            raise GradeError(
                f"`{short(str(f))}` is a function or a density, not a number; its argument is missing"
            )
    if not matrices:
        if out is None:
            raise GradeError("a product of nothing")
        return out
    found = matrices[0] if len(matrices) == 1 else make("matmul", tuple(matrices))
    if found.sort[0] == "mat" and found.sort[1:] == (number(1), number(1)):
        found = make("scalar", (found,))
    return found if out is None else mul(out, found)


__all__ = ["WORDS", "argument", "differential", "exp", "pi", "product", "real", "taken", "word"]
