"""The reader: from shapes to terms. Sums and scripts are here; products.py says how far a factor reaches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from lark import Token, Tree

from vaemath.core.terms import NAT, Term, TermError, fits, is_matrix, is_real, make
from vaemath.grade.errors import GradeError
from vaemath.grade.model import Model
from vaemath.grade.scope import Scope
from vaemath.grade.tex import Shape, text
from vaemath.terms.build import add, exp, inv, log, mul, neg, number, power

_TRANSPOSE = (r"\top", r"\intercal", "T", "{ T }", r"{ \top }", r"{ \intercal }", r"\prime", r"{ \prime }")


@dataclass(frozen=True)
class Extremum:
    """argmax or argmin of a function, or its greatest or least value.

    Attributes:
        kind: argmax, argmin, max or min.
        over: the letter that varies.
        objective: the function of it.
        varying: the symbols that depend on the letter.
    """

    kind: str
    over: str
    objective: Term
    varying: frozenset[Term]


@dataclass
class Reader:
    """Reads one side.

    Attributes:
        scope: what letters stand for.
        model: the abstract densities.
        flipped: the doubts that are decided the other way.
        doubts: where the text can be read in two ways: what the usual way is, in words.
        notes: what was taken for granted, in words.
        reasons: why a counterexample would not count, in words.
    """

    scope: Scope
    model: Model
    flipped: frozenset[str] = frozenset()
    doubts: dict[str, None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    reasons: dict[str, None] = field(default_factory=dict)

    def doubt(self, about: str) -> bool:
        """Can be read in two ways: is it to be read in the less usual one?"""
        self.doubts[about] = None
        return about in self.flipped

    def unsure(self, why: str) -> None:
        """Say why a counterexample to this reading would not count."""
        self.reasons[why] = None

    def note(self, what: str) -> None:
        """Say what was taken for granted."""
        self.notes[what] = None

    def value(self, s: Shape | Token) -> Term:
        """A shape as a term.

        Raises:
            GradeError: it cannot be read; the message says where and why.
        """
        if isinstance(s, Tree) and s.data in ("side", "arg", "entry"):
            if len(s.children) != 1:
                raise GradeError(f"`{text(s)}` is no number, vector or density here")
            return self.value(s.children[0])
        kind = s.type if isinstance(s, Token) else s.data
        handler = SHAPES.get(str(kind))
        if handler is None:
            raise GradeError(f"`{text(s)}` cannot be read here")
        try:
            return handler(self, s)
        except TermError as e:
            raise GradeError(f"`{short(text(s))}` does not fit together: {e}") from None


SHAPES: dict[str, Callable[[Reader, Shape | Token], Term]] = {}


def reads(*kinds: str) -> Callable[[Callable[..., Term]], Callable[..., Term]]:
    """Register the reader of shapes of some kinds."""

    def mark(f: Callable[..., Term]) -> Callable[..., Term]:
        for k in kinds:
            SHAPES[k] = f
        return f

    return mark


def short(words: str, most: int = 60) -> str:
    """The beginning of a long text."""
    return words if len(words) <= most else words[: most - 4] + " ..."


@reads("sum")
def _sum(r: Reader, s: Shape) -> Term:
    from vaemath.grade.products import joined_integrals

    parts: list[Term] = []
    for sign, product in joined_integrals(s):
        if sign in (r"\pm", r"\mp"):
            raise GradeError(f"`{sign}` says two things at once; write two lines")
        value = r.value(product)
        parts.append(negative(value) if sign not in ("", "+") else value)
    if len(parts) == 1:
        return parts[0]
    if any(is_matrix(p) for p in parts):
        return make("add", tuple(parts))
    return add(*parts)


@reads("group", "brace")
def _group(r: Reader, s: Shape) -> Term:
    inner = [c for c in s.children if isinstance(c, Tree)]
    if len(inner) != 1 or len(inner[0].children) != 1:
        raise GradeError(f"`{short(text(s))}` holds more than one thing")
    return r.value(inner[0].children[0])


@reads("items")
def _items(r: Reader, s: Shape) -> Term:
    if len(s.children) != 1:
        raise GradeError(f"`{short(text(s))}` holds more than one thing")
    return r.value(s.children[0])


@reads("under")
def _under(r: Reader, s: Shape) -> Term:
    if str(s.children[0]) == r"\cancel":
        raise GradeError("what is crossed out cannot be read")
    if len(s.children) > 2:
        label = text(s.children[-1]).strip("{} ")
        r.note(f"the label `{short(label)}` is a remark")
    return r.value(s.children[1])


@reads("frac")
def _fraction(r: Reader, s: Shape) -> Term:
    return over(r.value(s.children[1]), r.value(s.children[2]))


@reads("sqrt")
def _root(r: Reader, s: Shape) -> Term:
    arg = s.children[1]
    if text(arg).startswith("["):
        raise GradeError("only square roots can be read")
    return power(real(r.value(arg)), Fraction(1, 2))


@reads("bars")
def _bars(r: Reader, s: Shape) -> Term:
    inner = r.value(s.children[1])
    if is_matrix(inner):
        return determinant(inner)
    return power(power(inner, 2), Fraction(1, 2))


@reads("norm")
def _norm(r: Reader, s: Shape) -> Term:
    return power(squared_norm(r.value(s.children[1])), Fraction(1, 2))


@reads("NUMBER")
def _number(r: Reader, t: Token) -> Term:
    if len(t) > 40:
        raise GradeError(f"a number of {len(t)} digits")
    return number(Fraction(str(t)))


@reads("DOTS")
def _dots(r: Reader, t: Token) -> Term:
    raise GradeError("dots stand for something that is not written; write a sum with its bounds")


@reads("INFTY")
def _infinity(r: Reader, t: Token) -> Term:
    raise GradeError("infinity is no number")


def squared_norm(v: Term) -> Term:
    """v'v, or x^2 for a number."""
    return make("scalar", (make("matmul", (v.T, v)),)) if is_matrix(v) else power(v, 2)


def determinant(m: Term) -> Term:
    """The determinant of a positive definite matrix."""
    return exp(make("logdet", (m,)))


def real(t: Term) -> Term:
    """The term, if it is a number.

    Raises:
        GradeError: it is none.
    """
    if not is_real(t):
        raise GradeError(f"`{t}` is no number")
    return t


def negative(t: Term) -> Term:
    """Minus a number or a matrix."""
    return make("scale", (number(-1), t)) if is_matrix(t) else neg(real(t))


def over(top: Term, bottom: Term) -> Term:
    """A quotient, or a matrix divided by a number."""
    from vaemath.terms.build import div

    if is_matrix(bottom):
        raise GradeError("a matrix cannot be divided by; write its inverse")
    return mul(div(1, bottom), top) if is_matrix(top) else div(top, bottom)


def raised(r: Reader, base: Term, script: Shape | Token) -> Term:
    """A base with what stands above it."""
    words = text(script)
    if is_matrix(base):
        if words in _TRANSPOSE:
            return base.T
        if words == "{ - 1 }":
            return inv(base)
        if words in (r"{ - T }", r"{ - \top }"):
            return inv(base).T
        exponent = r.value(script)
        if exponent.head == "num" and exponent.data[1] == 1 and 1 <= exponent.data[0] <= 8:
            k = exponent.data[0]
            return base if k == 1 else make("matmul", (base,) * k)
        raise GradeError(f"a matrix to the power `{words}`")
    if words in _TRANSPOSE and words != "T":
        return base  # the transpose of a number
    if words in ("T", "{ T }") and "T" not in r.scope.symbols:
        return base
    if r.scope.evidence and base.sort[0] == "fun":
        index = r.value(script)
        if fits(index.sort, NAT):
            return make("app", (base, index))
    exponent = real(r.value(script))
    if exponent.head == "num":
        q = Fraction(*exponent.data)
        if abs(q.numerator) > 64 or q.denominator > 64:
            raise GradeError(f"the exponent {q} is too large to be read")
        return power(real(base), q)
    rational = _rational(exponent)
    if rational is not None:
        return power(real(base), rational)
    return exp(mul(exponent, log(real(base))))


def _rational(t: Term) -> Fraction | None:
    """The value of a term of numbers, such as -1/2 or 3 - 1."""
    if t.head == "num":
        return Fraction(*t.data)
    if t.head in ("add", "mul", "pow"):
        parts = [_rational(a) for a in t.args]
        if any(p is None for p in parts):
            return None
        known = [p for p in parts if p is not None]
        if t.head == "add":
            return sum(known, Fraction(0))
        if t.head == "pow":
            p, q = t.data
            return known[0] ** p if q == 1 and abs(p) < 9 and (known[0] or p > 0) else None
        out = Fraction(1)
        for p in known:
            out *= p
        return out
    return None
