"""The word algebra of matrices of symbolic size, behind traces and quadratic forms.

A matrix is ``{word: polynomial}``; a word is a tuple of letters (matrix, transposed?, inverted?). Laws
used, and nothing else: products distribute over sums; (AB)' = B'A'; (AB)^-1 = B^-1 A^-1 for square
letters; S S^-1 = I; L L' = S for the Cholesky factor L of S; symmetric letters equal their transposes;
tr is linear, cyclic, and blind to transposition; tr(I_n) = n; the trace of diagonal matrices, and u' D
v, is a sum over coordinates; the entry of a 1 x 1 matrix is its trace; log det of a product of positive
definite letters is the sum, and changes sign under inversion.
"""

from __future__ import annotations

from fractions import Fraction

from vaemath.proof import normal
from vaemath.proof.normal import Poly, canon, constant, key, plus, poly, times
from vaemath.proof.sign import is_spd, sign
from vaemath.terms.build import eye, inv, log, number, one
from vaemath.terms.signature import shape
from vaemath.terms.term import Term, make, rebuild

Letter = tuple[Term, bool, bool]
Word = tuple[Letter, ...]
Words = dict[Word, Poly]


def _letter(t: Term, transposed: bool = False, inverted: bool = False) -> Letter:
    symmetric = t.sort[0] == "spd" or t.head == "diagm"
    return (t, transposed and not symmetric, inverted)


def _flip(w: Word) -> Word:
    return tuple(_letter(t, not tr, i) for t, tr, i in reversed(w))


def _reduce(w: Word) -> Word:
    out: list[Letter] = []
    for x in w:
        if out and out[-1][:2] == x[:2] and out[-1][2] != x[2]:
            out.pop()
        elif out and _factors(out[-1], x):
            out[-1] = _letter(x[0].args[0])
        else:
            out.append(x)
    return tuple(out)


def _factors(a: Letter, b: Letter) -> bool:
    """Is this L L' with L the Cholesky factor of a letter?"""
    t = a[0]
    whole = t.head == "chol" and t.args[0].head in ("sym", "diagm")
    return whole and a == (t, False, False) and b == (t, True, False)


def _combine(*parts: tuple[Word, Poly]) -> Words:
    out: Words = {}
    for w, c in parts:
        out[w] = plus(out.get(w, {}), c)
    return {w: c for w, c in out.items() if c}


def words(m: Term) -> Words:
    """The normal form of a matrix term."""
    if m.head == "eye":
        return {(): constant(1)}
    if m.head == "diagm" and canon(m.args[1].args[0]) == one:
        return {(): constant(1)}
    if m.head == "vec" and canon(m.args[1].args[0]) == number(0):
        return {}
    if m.head == "add":
        return _combine(*(wc for a in m.args for wc in words(a).items()))
    if m.head == "scale":
        return _combine(*((w, times(poly(m.args[0]), c)) for w, c in words(m.args[1]).items()))
    if m.head == "T":
        return _combine(*((_flip(w), c) for w, c in words(m.args[0]).items()))
    if m.head == "matmul":
        out: Words = {(): constant(1)}
        for a in m.args:
            right = words(a)
            out = _combine(*((_reduce(v + w), times(c, d)) for v, c in out.items() for w, d in right.items()))
        return out
    if m.head == "inv":
        inner = words(m.args[0])
        if len(inner) == 1:
            ((w, c),) = inner.items()
            if len(c) == 1 and all(shape(t)[0] == shape(t)[1] for t, _, _ in w):
                inverse = tuple((t, tr, not i) for t, tr, i in reversed(w))
                return {inverse: normal.raised(c, Fraction(-1))}
        return {(_letter(inv(canon(m.args[0]))),): constant(1)}
    return {(_letter(rebuild(m, tuple(canon(a) for a in m.args))),): constant(1)}


def _letter_term(x: Letter) -> Term:
    t, transposed, inverted = x
    t = inv(t) if inverted else t
    return t.T if transposed else t


def word_term(w: Word, n: Term) -> Term:
    """A word as a matrix term; the empty word is the identity of size n."""
    parts = [_letter_term(x) for x in w]
    if not parts:
        return eye(n)
    return parts[0] if len(parts) == 1 else make("matmul", tuple(parts))


def to_matrix(ws: Words, like: Term) -> Term:
    """The canonical term of a matrix normal form; `like` gives the shape when it is zero."""
    parts = []
    for w, c in sorted(ws.items(), key=lambda wc: _word_key(wc[0])):
        m = word_term(w, shape(like)[0])
        parts.append(m if c == constant(1) else make("scale", (normal.to_term(c), m)))
    if not parts:
        m = like
        return make("scale", (number(0), m)) if m.head != "scale" or m.args[0] != number(0) else m
    return parts[0] if len(parts) == 1 else make("add", tuple(parts))


def _word_key(w: Word) -> list[tuple[str, bool, bool]]:
    return [(key(t), tr, i) for t, tr, i in w]


def _columns(x: Letter) -> Term:
    r, c = shape(x[0])
    return r if x[1] else c


def _diagonal(w: Word) -> Poly | None:
    """The trace of a product of diagonal matrices, or u' D v, as a sum over coordinates."""
    if any(t.head not in ("diagm", "vec") for t, _, _ in w):
        return None
    inner = w[1:-1] if w[0][0].head == "vec" else w
    framed = inner == w or (len(w) > 1 and w[-1][0].head == "vec" and (w[0][1], w[-1][1]) == (True, False))
    if not framed or any(t.head == "vec" for t, _, _ in inner):
        return None
    entry = constant(1)
    for t, _, inverted in w:
        entry = times(entry, normal.raised(poly(t.args[1].args[0]), Fraction(-1 if inverted else 1)))
    n, family = w[0][0].args
    body = make("lam", (normal.to_term(entry),), family.data)
    return normal.atom_poly(make("sum", (one, n, body)))


def trace_word(w: Word, n: Term) -> Poly:
    """The trace of one word as a polynomial whose atoms are canonical cyclic words."""
    w = _reduce(w)
    while len(w) > 1 and w[0][:2] == w[-1][:2] and w[0][2] != w[-1][2]:
        n, w = shape(w[0][0])[0], w[1:-1]
    if not w:
        return poly(n)
    cuts = [k for k, x in enumerate(w) if _columns(x) == one]  # after these a 1 x 1 block ends
    if cuts:
        w = w[cuts[0] + 1 :] + w[: cuts[0] + 1]
        cuts = [k for k, x in enumerate(w) if _columns(x) == one]
        blocks = [w[a + 1 : b + 1] for a, b in zip([-1, *cuts], cuts, strict=False)]
        out = constant(1)
        for b in blocks:
            entries = _diagonal(b) or _diagonal(_flip(b))
            if entries is not None:
                out = times(out, entries)
                continue
            best = min((b, _flip(b)), key=_word_key)
            out = times(out, normal.atom_poly(make("scalar", (word_term(best, one),))))
        return out
    entries = _diagonal(w)
    if entries is not None:
        return entries
    turns = [v[k:] + v[:k] for v in (w, _flip(w)) for k in range(len(w))]
    return normal.atom_poly(make("tr", (word_term(min(turns, key=_word_key), n),)))


def _logdet(base: Term) -> Poly:
    if base.head != "diagm":
        return normal.atom_poly(make("logdet", (base,)))
    n, family = base.args
    body = make("lam", (canon(log(family.args[0])),), family.data)
    return normal.atom_poly(make("sum", (one, n, body)))


def scalar_poly(t: Term) -> Poly:
    """The normal form of tr(M), of the entry of a 1 x 1 matrix, and of log det M."""
    (m,) = t.args
    ws, n = words(m), shape(m)[0]
    if t.head != "logdet":
        return plus(*(times(c, trace_word(w, n)) for w, c in ws.items()))
    if len(ws) == 1:
        ((w, c),) = ws.items()
        scalar_ok = len(c) == 1 and sign(normal.to_term(c)) == ">"
        if scalar_ok and all(is_spd(x[0]) for x in w):
            out = times(poly(n), poly(log(normal.to_term(c))))
            for base, _, inverted in w:
                atom = _logdet(base)
                out = plus(out, times(constant(-1 if inverted else 1), atom))
            return out
    return normal.atom_poly(make("logdet", (canon(m),)))
