"""The word algebra of matrices of symbolic size, behind traces and quadratic forms.

A matrix is ``{word: polynomial}``; a word is a tuple of letters (matrix, transposed?, inverted?). Laws used,
and nothing else: products distribute over sums; (AB)' = B'A'; (AB)^-1 = B^-1 A^-1 for square letters; S S^-1
= I; L L' = S for the Cholesky factor L of S; symmetric letters equal their transposes; tr is linear, cyclic,
and blind to transposition; tr(I_n) = n; the trace of diagonal matrices, and u' D v, is a sum over
coordinates; the entry of a 1 x 1 matrix is its trace; log det of a product of positive definite letters is
the sum, and changes sign under inversion.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from vaemath.core import normal
from vaemath.core.heads import log, one, sign
from vaemath.core.normal import Poly, canon, constant, key, plus, poly, times
from vaemath.core.obligations import is_definite
from vaemath.core.terms import Term, add, make, number, rebuild, shape

Letter = tuple[Term, bool, bool]
Word = tuple[Letter, ...]
Words = dict[Word, Poly]


def _letter(t: Term, transposed: bool = False, inverted: bool = False) -> Letter:
    return (t, transposed and t.sort[0] != "spd" and t.head != "diagm", inverted)


def flipped(w: Word) -> Word:
    """The word of the transpose."""
    return tuple(_letter(t, not transposed, i) for t, transposed, i in reversed(w))


def _reduced(w: Word) -> Word:
    out: list[Letter] = []
    for x in w:
        if out and out[-1][:2] == x[:2] and out[-1][2] != x[2]:
            out.pop()
        elif (
            out
            and out[-1] == _letter(x[0])
            and x == (x[0], True, False)
            and x[0].head == "chol"
            and _whole(x[0])
        ):
            out[-1] = _letter(x[0].args[0])
        else:
            out.append(x)
    return tuple(out)


def _whole(factor: Term) -> bool:
    return factor.args[0].head in ("sym", "diagm")


def _combined(*parts: tuple[Word, Poly]) -> Words:
    out: Words = {}
    for w, c in parts:
        out[w] = plus(out.get(w, {}), c)
    return {w: c for w, c in out.items() if c}


def words(m: Term) -> Words:
    """The normal form of a matrix term."""
    entry = canon(m.args[0].args[0]) if m.head in ("diagm", "vec") else None
    if m.head == "eye" or (m.head == "diagm" and entry == one):
        return {(): constant(1)}
    if m.head == "vec" and entry == number(0):
        return {}
    if m.head == "add":
        return _combined(*(wc for a in m.args for wc in words(a).items()))
    if m.head == "scale":
        return _combined(*((w, times(poly(m.args[0]), c)) for w, c in words(m.args[1]).items()))
    if m.head == "T":
        return _combined(*((flipped(w), c) for w, c in words(m.args[0]).items()))
    if m.head == "matmul":
        out: Words = {(): constant(1)}
        for right in map(words, m.args):
            out = _combined(
                *((_reduced(v + w), times(c, d)) for v, c in out.items() for w, d in right.items())
            )
        return out
    if m.head == "inv" and len(inner := words(m.args[0])) == 1:
        ((w, c),) = inner.items()
        if len(c) == 1 and all(shape(t)[0] == shape(t)[1] for t, _, _ in w):
            return {tuple((t, tr, not i) for t, tr, i in reversed(w)): normal.raised(c, Fraction(-1))}
    return {(_letter(rebuild(m, tuple(map(canon, m.args)))),): constant(1)}


def word_term(w: Word, n: Term) -> Term:
    """A word as a matrix term; the empty word is the identity of size n."""
    parts = []
    for t, transposed, inverted in w:
        t = make("inv", (t,)) if inverted else t
        parts.append(make("T", (t,)) if transposed else t)
    return (parts[0] if len(parts) == 1 else make("matmul", tuple(parts))) if parts else make("eye", (n,))


def to_matrix(ws: Words, like: Term) -> Term:
    """The canonical term of a matrix normal form; `like` gives the shape when it is zero."""
    parts = []
    for w, c in sorted(ws.items(), key=lambda wc: _word_key(wc[0])):
        m = word_term(w, shape(like)[0])
        parts.append(m if c == constant(1) else make("scale", (normal.to_term(c), m)))
    if not parts:
        return (
            like if like.head == "scale" and like.args[0] == number(0) else make("scale", (number(0), like))
        )
    return add(*parts)


def _word_key(w: Word) -> list[tuple[str, bool, bool]]:
    return [(key(t), transposed, i) for t, transposed, i in w]


def _diagonal(w: Word) -> Poly | None:
    """The trace of a product of diagonal matrices, or u' D v, as a sum over coordinates."""
    framed = len(w) > 1 and (w[0][0].head, w[0][1], w[-1][0].head, w[-1][1]) == ("vec", True, "vec", False)
    if any(t.head != "diagm" for t, _, _ in (w[1:-1] if framed else w)):
        return None
    entry = times(*(normal.raised(poly(t.args[0].args[0]), Fraction(-1 if i else 1)) for t, _, i in w))
    return poly(make("int", (make("lam", (normal.to_term(entry),), w[0][0].args[0].data),)))


def _trace(w: Word, n: Term) -> Poly:
    """The trace of one word as a polynomial whose atoms are canonical cyclic words."""
    w = _reduced(w)
    while len(w) > 1 and w[0][:2] == w[-1][:2] and w[0][2] != w[-1][2]:
        n, w = shape(w[0][0])[0], w[1:-1]
    if not w:
        return poly(n)
    columns = [shape(t)[0 if transposed else 1] for t, transposed, _ in w]
    if one in columns:  # 1 x 1 blocks end there, and the trace is the product of their entries
        k = columns.index(one) + 1
        w, columns = w[k:] + w[:k], columns[k:] + columns[:k]
        cuts = [0, *(i + 1 for i, c in enumerate(columns) if c == one)]
        return times(*(_block(w[a:b]) for a, b in pairwise(cuts)))
    turns = [v[k:] + v[:k] for v in (w, flipped(w)) for k in range(len(w))]
    return _diagonal(w) or normal.atom_poly(make("tr", (word_term(min(turns, key=_word_key), n),)))


def _block(b: Word) -> Poly:
    entries = _diagonal(b) or _diagonal(flipped(b))
    return entries or normal.atom_poly(make("scalar", (word_term(min(b, flipped(b), key=_word_key), one),)))


def _logdet(base: Term) -> Poly:
    if base.head != "diagm":
        return normal.atom_poly(make("logdet", (base,)))
    return poly(make("int", (make("lam", (canon(log(base.args[0].args[0])),), base.args[0].data),)))


def scalar_poly(t: Term) -> Poly:
    """The normal form of tr(M), of the entry of a 1 x 1 matrix, and of log det M."""
    (m,) = t.args
    ws, n = words(m), shape(m)[0]
    if t.head != "logdet":
        return plus(*(times(c, _trace(w, n)) for w, c in ws.items()))
    if len(ws) == 1:
        ((w, c),) = ws.items()
        if len(c) == 1 and sign(scale := normal.to_term(c)) == ">" and all(is_definite(x[0]) for x in w):
            parts = [times(constant(-1 if inverted else 1), _logdet(base)) for base, _, inverted in w]
            return plus(times(poly(n), poly(log(scale))), *parts)
    return normal.atom_poly(make("logdet", (canon(m),)))
