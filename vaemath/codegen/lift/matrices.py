"""Matrices of symbolic size as combinations of words.

A word is a product of letters: lower triangular factors with positive diagonals, columns, and matrices of
which nothing is known, each transposed or inverted or not. Laws used, and nothing else: products distribute
over sums; (AB)' = B'A'; L L^-1 = I; a word of untransposed factors is lower triangular, and its diagonal
is the product of theirs; tr is linear, cyclic and blind to transposition, and the sum of a diagonal;
sum_j a_kj b_kj = (A B')_kk; a lower triangular matrix with a positive diagonal is determined by L L'.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import Any, NamedTuple

from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.sums import Ledger, length
from vaemath.codegen.lift.value import NOTHING, Debt, Value, lifted
from vaemath.core.normal import canon
from vaemath.core.terms import REAL, Term, number
from vaemath.terms.build import add, mul, one, power, symbol, zero


class Letter(NamedTuple):
    """One factor of a word; `factor` is true of the triangular ones."""

    name: str
    factor: bool
    inverse: bool = False
    transposed: bool = False


Word = tuple[Letter, ...]
Words = dict[Word, Fraction]
Shape = tuple[str, ...]


def flipped(w: Word) -> Word:
    """The transpose."""
    return tuple(x._replace(transposed=not x.transposed) for x in reversed(w))


def inverted(w: Word) -> Word:
    """The inverse of a word of factors."""
    if not all(x.factor for x in w):
        raise LiftError("a matrix is solved with that is not a product of triangular factors")
    return tuple(x._replace(inverse=not x.inverse) for x in reversed(w))


def reduced(w: Word) -> Word:
    """The word without L L^-1."""
    out: list[Letter] = []
    for x in w:
        if out and x.factor and out[-1] == x._replace(inverse=not x.inverse):
            out.pop()
        else:
            out.append(x)
    return tuple(out)


def lower(w: Word) -> bool:
    """Whether the word is lower triangular by its form."""
    return all(x.factor and not x.transposed for x in w)


def upper(w: Word) -> bool:
    """Whether the word is upper triangular by its form."""
    return lower(flipped(w))


def combined(*parts: tuple[Word, Fraction]) -> Words:
    """The sum of words with coefficients."""
    out: Words = {}
    for w, c in parts:
        w = reduced(w)
        out[w] = out.get(w, Fraction(0)) + c
    return {w: c for w, c in out.items() if c}


@dataclass
class Letters:
    """The letters of a run, and the numbers that stand for their diagonals and traces.

    Attributes:
        axis: of the rows and columns.
        ledger: of sums; the symbols below are its entries.
        diagonals: the symbol for the entries on the diagonal of each factor.
        inner: the symbol for the diagonal of a word that is not triangular, with the word.
        traces: the symbol for the trace of such a word, with the word.
        anything: letters of which nothing is known.
    """

    axis: str
    ledger: Ledger
    diagonals: dict[str, Term] = field(default_factory=dict)
    inner: dict[Term, Word] = field(default_factory=dict)
    traces: dict[Term, Word] = field(default_factory=dict)
    anything: int = 0

    def diagonal(self, w: Word) -> Term:
        """The k-th entry of the diagonal of a word."""
        if lower(w) or upper(w):
            parts = [power(self.diagonals[x.name], -1 if x.inverse else 1) for x in w]
            return reduce(mul, parts, one) if parts else one
        return self._named("diagonal", min(w, flipped(w)), self.inner, entry=True)

    def trace(self, w: Word) -> Term:
        """The trace of a word."""
        if not w:
            return length(self.axis)
        turns = [reduced(v[k:] + v[:k]) for v in (w, flipped(w)) for k in range(len(w))]
        best = min(turns, key=lambda v: (len(v), v))
        if len(best) < len(w):
            return self.trace(best)
        triangular = [v for v in turns if lower(v)]
        if triangular:
            return self.ledger.total(self.axis, self.diagonal(min(triangular)))
        return self._named("trace", best, self.traces, entry=False)

    def _named(self, what: str, w: Word, known: dict[Term, Word], *, entry: bool) -> Term:
        found = next((s for s, v in known.items() if v == w), None)
        if found is None:
            found = symbol(f"{what}_{len(known)}", REAL)
            known[found] = w
            if entry:
                self.ledger.entries.add(found)
        return found

    def gradient(self, w: Word, name: str) -> Words:
        """The derivative of the trace of a word by a letter, all of whose entries are free."""
        parts: list[tuple[Word, Fraction]] = []
        for k, x in enumerate(w):
            if x.name != name:
                continue
            v, at = (flipped(w), len(w) - 1 - k) if x.transposed else (w, k)
            around = v[at + 1 :] + v[:at]
            if x.inverse:
                letter = (v[at],)
                parts.append((flipped(letter + around + letter), Fraction(-1)))
            else:
                parts.append((flipped(around), Fraction(1)))
        return combined(*parts)


@dataclass(frozen=True)
class Matrix:
    """A matrix, or a vector, of symbolic size.

    Attributes:
        letters: of the run.
        words: all of it, but what follows.
        below: words of which only the lower triangle is meant, diagonal included.
        strict: the same without the diagonal.
        diagonal: entries that are added on the diagonal.
        shape: ("n", "n"), ("n", "1"), ("1", "n"), or ("n",).
        owes: as of a `Value`.
    """

    letters: Letters
    words: Words
    shape: Shape
    below: Words = field(default_factory=dict)
    strict: Words = field(default_factory=dict)
    diagonal: Term = zero
    owes: frozenset[Debt] = NOTHING

    def full(self, what: str) -> Words:
        """The words, where no triangle was taken."""
        if self.below or self.strict or self.diagonal != zero:
            raise LiftError(f"{what} of a matrix of which a triangle or the diagonal was taken")
        return self.words

    def like(self, words: Words, shape: Shape | None = None) -> Matrix:
        """A matrix with these words."""
        return Matrix(self.letters, words, shape or self.shape, owes=self.owes)

    def __add__(self, other: Any) -> Matrix:
        if not isinstance(other, Matrix) or other.shape != self.shape:
            raise LiftError("a matrix is added to what is no matrix of its shape")
        return Matrix(
            self.letters,
            combined(*self.words.items(), *other.words.items()),
            self.shape,
            combined(*self.below.items(), *other.below.items()),
            combined(*self.strict.items(), *other.strict.items()),
            _plus(self.diagonal, other.diagonal),
            self.owes | other.owes,
        )

    def __neg__(self) -> Matrix:
        return self._scaled(Fraction(-1))

    def __sub__(self, other: Any) -> Matrix:
        if not isinstance(other, Matrix):
            raise LiftError("what is no matrix is subtracted from a matrix")
        return self + -other

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Matrix):
            return _entrywise(self, other)
        return self._scaled(_rational(other))

    def _scaled(self, factor: Fraction) -> Matrix:
        return Matrix(
            self.letters,
            {w: c * factor for w, c in self.words.items() if factor},
            self.shape,
            {w: c * factor for w, c in self.below.items() if factor},
            {w: c * factor for w, c in self.strict.items() if factor},
            zero if self.diagonal == zero else mul(number(factor), self.diagonal),
            self.owes,
        )

    def __rmul__(self, other: Any) -> Any:
        return self * other

    def __matmul__(self, other: Any) -> Matrix:
        if not isinstance(other, Matrix) or len(self.shape) + len(other.shape) != 4:
            raise LiftError("a matrix is multiplied by what is no matrix")
        if self.shape[1] != other.shape[0]:
            raise LiftError("matrices whose shapes do not fit are multiplied")
        left, right = self.full("a product"), other.full("a product")
        found = combined(*((v + w, c * d) for v, c in left.items() for w, d in right.items()))
        shape = (self.shape[0], other.shape[1])
        return Matrix(self.letters, found, shape, owes=self.owes | other.owes)

    @property
    def mT(self) -> Matrix:
        """The transpose."""
        if len(self.shape) != 2:
            raise LiftError("a vector is transposed")
        words = combined(*((flipped(w), c) for w, c in self.full("the transpose").items()))
        return self.like(words, self.shape[::-1])

    def __getitem__(self, where: Any) -> Matrix:
        if where == (..., None) and self.shape == ("n",):
            return self.like(self.words, ("n", "1"))
        if where == (..., 0) and self.shape == ("n", "1"):
            return self.like(self.full("a column"), ("n",))
        raise LiftError("expected a vector made a column, or a column made a vector")


def _plus(a: Term, b: Term) -> Term:
    return b if a == zero else a if b == zero else add(a, b)


@dataclass(frozen=True)
class Products:
    """What two matrices of one shape give entry by entry: summed over rows or over all.

    Attributes:
        left, right: their words.
        strict: only below the diagonal, where both are lower triangular.
        owes: as of a `Value`.
    """

    letters: Letters
    left: Words
    right: Words
    strict: bool
    owes: frozenset[Debt]

    words = ()  # so that a `Value` leaves operations to this

    def rows(self) -> Value:
        """The sum of each row."""
        parts = []
        for v, c in self.left.items():
            for w, d in self.right.items():
                whole = self.letters.diagonal(reduced(v + flipped(w)))
                less = mul(self.letters.diagonal(v), self.letters.diagonal(w)) if self.strict else zero
                parts.append(mul(number(c * d), add(whole, mul(-1, less))))
        return Value(add(*parts) if parts else zero, self.letters.axis, self.owes)

    def all(self) -> Value:
        """The sum of all entries."""
        if self.strict:
            return self.letters.ledger.sum_of(self.rows())
        return trace(
            self.letters,
            combined(*((flipped(v) + w, c * d) for v, c in self.left.items() for w, d in self.right.items())),
            self.owes,
        )


def trace(letters: Letters, words: Words, owes: frozenset[Debt] = NOTHING) -> Value:
    """The trace of a combination of words."""
    parts = [mul(number(c), letters.trace(w)) for w, c in words.items()]
    return Value(add(*parts) if parts else zero, "", owes)


def _entrywise(a: Matrix, b: Matrix) -> Matrix | Products:
    owes = a.owes | b.owes
    if {a.shape, b.shape} == {("n", "1"), ("1", "n")}:  # broadcast: the outer product
        return a @ b if a.shape == ("n", "1") else b @ a
    if a.shape != b.shape or len(a.shape) != 2:
        raise LiftError("matrices of different shapes are multiplied entry by entry")
    if a.strict and b.strict:
        if a.words or b.words or a.below or b.below or a.diagonal != zero or b.diagonal != zero:
            raise LiftError("a strict triangle is multiplied entry by entry by something else")
        if not all(lower(w) for w in (*a.strict, *b.strict)):
            raise LiftError("the strict triangle of a matrix that is not lower triangular is squared")
        return Products(a.letters, a.strict, b.strict, True, owes)
    return Products(a.letters, a.full("a product"), b.full("a product"), False, owes)


def _rational(x: Any) -> Fraction:
    value = lifted(x)
    found = canon(value.plain())
    if value.axis is not None or value.owes or found.head != "num":
        raise LiftError(f"a matrix is multiplied by {value.term}; expected a number")
    return Fraction(*found.data)


def identity(letters: Letters) -> Matrix:
    """The identity."""
    return Matrix(letters, {(): Fraction(1)}, ("n", "n"))


def identity_like(m: Any) -> Matrix:
    """The identity as large as a square matrix."""
    if not isinstance(m, Matrix) or m.shape != ("n", "n"):
        raise LiftError("expected the identity as large as a square matrix")
    return identity(m.letters)


def letter(letters: Letters, name: str, *, factor: bool, shape: Shape = ("n", "n")) -> Matrix:
    """One letter as a matrix."""
    return Matrix(letters, {(Letter(name, factor),): Fraction(1)}, shape)


def solved(factor: Any, right: Any, *, upper_: bool = False) -> Matrix:
    """factor^-1 right, where the factor is triangular on the side that is said."""
    if not isinstance(factor, Matrix) or not isinstance(right, Matrix):
        raise LiftError("expected a triangular factor and a matrix")
    ((w, c),) = factor.full("a solution").items() if len(factor.words) == 1 else (((), Fraction(0)),)
    if c != 1 or not (upper(w) if upper_ else lower(w)) or right.shape[0] != "n" or len(right.shape) != 2:
        raise LiftError(f"solved with what is not one {'upper' if upper_ else 'lower'} triangular factor")
    inverse = factor.like({inverted(w): Fraction(1)})
    return inverse @ right


def taken_below(m: Any, k: int = 0) -> Matrix:
    """The lower triangle of a square matrix, for k = -1 without the diagonal."""
    if not isinstance(m, Matrix) or m.shape != ("n", "n") or k not in (0, -1):
        raise LiftError("expected the lower triangle of a square matrix, with the diagonal or without")
    below = combined(*m.words.items(), *m.below.items())
    if k == 0:
        return Matrix(m.letters, {}, m.shape, below, m.strict, m.diagonal, m.owes)
    return Matrix(m.letters, {}, m.shape, strict=combined(*below.items(), *m.strict.items()), owes=m.owes)


def diagonal_of(m: Any) -> Value:
    """The diagonal of a square matrix."""
    if not isinstance(m, Matrix) or m.shape != ("n", "n"):
        raise LiftError("expected the diagonal of a square matrix")
    parts = [
        mul(number(c), m.letters.diagonal(w)) for w, c in combined(*m.words.items(), *m.below.items()).items()
    ]
    return Value(add(*parts, m.diagonal), m.letters.axis, m.owes)


def diagonal_matrix(letters: Letters, v: Any) -> Matrix:
    """The matrix with this diagonal."""
    value = lifted(v)
    if value.axis != letters.axis:
        raise LiftError("expected one entry for each row on a diagonal")
    return Matrix(letters, {}, ("n", "n"), diagonal=value.plain(), owes=value.owes)


def cholesky(letters: Letters, candidates: list[Words], m: Any) -> Matrix:
    """The lower triangular factor with a positive diagonal: unique, so a candidate whose square is m."""
    if isinstance(m, Matrix) and m.shape == ("n", "n"):
        wanted = m.full("a factorisation")
        for words in candidates:
            square = combined(*((v + flipped(w), c * d) for v, c in words.items() for w, d in words.items()))
            if square == wanted:
                return Matrix(letters, words, m.shape, owes=m.owes)
    raise LiftError("a matrix is factored that is none of the covariances, nor I + B")


def anything_like(m: Any) -> Matrix:
    """Some matrix of this shape: what is proved must hold whatever it is."""
    if not isinstance(m, Matrix):
        raise LiftError("expected a matrix")
    m.letters.anything += 1
    return letter(m.letters, f"any_{m.letters.anything}", factor=False, shape=m.shape)
