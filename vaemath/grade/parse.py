"""Formulas as terms: recursive descent over a closed vocabulary, nothing evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from vaemath.core.terms import NAT, POINT, REAL, Sort, Term, TermError, close, is_matrix, is_real, make
from vaemath.grade.densities import CLOSING, Densities
from vaemath.grade.scope import INDICES, Scope, sort_of
from vaemath.grade.tokens import GradeError, Token
from vaemath.terms.build import (
    add,
    app,
    div,
    eye,
    log,
    mul,
    neg,
    number,
    pdf,
    pi,
    power,
    scalar,
    sqrt,
)
from vaemath.terms.build import exp as exponential

GREEK = {
    r"\mu", r"\sigma", r"\Sigma", r"\theta", r"\phi", r"\epsilon", r"\tau", r"\lambda", r"\alpha", r"\beta",
    r"\rho",     r"\nu", r"\eta", r"\gamma", r"\delta", r"\omega", r"\Lambda", r"\xi", r"\kappa", r"\ell",
}  # fmt: skip
_SPECIAL = {"softplus": "softplus", "sigmoid": "sigmoid"}


def declare(words: Sequence[Token], scope: Scope) -> None:
    """Take in one formula of the running text if it declares something; others are left alone."""
    texts = [t.text for t in words]
    cut = next((k for k, t in enumerate(texts) if t in (r"\in", ">")), None)
    if cut is not None and cut > 0:
        reader = Reader(words[:cut], scope)
        names = [reader.name()]
        while reader.take(","):
            names.append(reader.name())
        sort = sort_of(texts[cut:], scope, words[0])
        for name, index in names:
            scope.declare(name, ("fun", NAT, sort) if index else sort, words[0])
    elif len(texts) > 2 and texts[1] == "=" and texts[2] == r"\mathcal":
        reader = Reader(words[2:], scope)
        scope.densities[texts[0]] = reader.density()
        reader.end()


def parse(words: Sequence[Token], scope: Scope) -> Term:
    """The term of a formula.

    Raises:
        GradeError: something in it is not in the vocabulary, or not declared.
    """
    reader = Reader(words, scope)
    try:
        found = reader.sum()
    except TermError as e:
        raise GradeError(f"line {reader.here.line}: {e}") from None
    reader.end()
    return found


class Reader(Densities):
    """Reads one formula from left to right."""

    # sums and products
    def sum(self) -> Term:
        parts = [neg_(self.product()) if self.take("-") else self.product()]
        while self.next in ("+", "-"):
            minus = self.next == "-"
            self.at += 1
            part = self.product()
            parts.append(neg_(part) if minus else part)
        return parts[0] if len(parts) == 1 else add(*parts)

    def product(self) -> Term:
        factors = [self.factor()]
        inverse = [False]
        while self.next and not self.stop():
            divide = self.take("/")
            if not divide:
                self.take(r"\cdot")
            if not divide and not self._starts():
                break
            minus = self.take("-")
            factors.append(neg_(self.factor()) if minus else self.factor())
            inverse.append(divide)
        return _multiplied(factors, inverse)

    def _starts(self) -> bool:
        t = self.next
        return bool(t) and (
            t[0].isalnum()
            or t in ("(", "[", "{")
            or (t[0] == "\\" and t not in (r"\|", r"\le", r"\ge", r"\\", r"\sim", r"\top", r"\in"))
        )

    # factors
    def factor(self) -> Term:
        base = self.base()
        while self.next == "^":
            self.at += 1
            base = self._raised(base)
        return base

    def _raised(self, base: Term) -> Term:
        if self.next in (r"\top", "T", "'"):
            self.at += 1
            return make("T", (base,))
        if self.next == "{" and self.words[self.at + 1].text in (r"\top", "T"):
            self.at += 2
            self.need("}")
            return make("T", (base,))
        e = self.argument()
        if e.head != "num":
            raise self.wrong("expected a number as exponent (write e^{...} or \\exp for others)")
        if is_matrix(base):
            if e != number(-1):
                raise self.wrong("expected -1 or \\top as the exponent of a matrix")
            return make("inv", (base,))
        return power(base, Fraction(*e.data))

    def argument(self) -> Term:
        """A group in braces, or one letter or number."""
        if self.take("{"):
            inner = self.sum()
            self.need("}")
            return inner
        if self.next.isdigit() and len(self.next) > 1:  # TeX: x^12 is x^1 2, and \frac12 is 1/2
            word = self.words[self.at]
            self.words[self.at : self.at + 1] = [
                Token(word.text[0], word.line),
                Token(word.text[1:], word.line),
            ]
        minus = self.take("-")
        base = self.base()
        return neg_(base) if minus else base

    def base(self) -> Term:
        t = self.next
        if t[:1].isdigit():
            self.at += 1
            return number(Fraction(t))
        if t in CLOSING:
            self.at += 1
            inner = self.inside(CLOSING[t])
            return inner
        if t == r"\frac":
            self.at += 1
            top = self.argument()
            return div(top, self.argument())
        if t == r"\sqrt":
            self.at += 1
            return sqrt(self.argument())
        if t == r"\pi":
            self.at += 1
            return pi
        if t == r"\log":
            self.at += 1
            if self.take(r"\det"):
                return make("logdet", (self._applied(),))
            return log(self._applied())
        if t == r"\exp":
            self.at += 1
            return exponential(self._applied())
        if t == "e" and self.at + 1 < len(self.words) and self.words[self.at + 1].text == "^":
            self.at += 2
            return exponential(self.argument())
        if t in (r"\sum", r"\prod"):
            return self._series(t[1:])
        if t == r"\int":
            return self._integral()
        if t == r"\mathbb":
            return self._expectation()
        if t == "D" or (t == r"\mathrm" and self.word() == "KL"):
            return self._divergence()
        if t == "H" and "H" not in self.scope.symbols:
            return self._entropy()
        if t == r"\mathrm":
            return self._named()
        if t == r"\mathcal":
            return self._normal_pdf()
        return self._symbol()

    def _applied(self) -> Term:
        """What a function without brackets applies to: one factor, or all in the brackets."""
        return self.factor()

    def _named(self) -> Term:
        word = self.word()
        self.at += 3 + len(word)
        if word in ("tr", "Tr"):
            inner = self._applied()
            return make("tr", (inner.args[0] if inner.head == "scalar" else inner,))
        if word in _SPECIAL:
            return make(_SPECIAL[word], (self._applied(),))
        if word == "diag":
            raise self.wrong("diag is not in the vocabulary")
        raise self.wrong(f"`{word}` is not in the vocabulary")

    def _series(self, head: str) -> Term:
        self.at += 1
        self.need("_")
        self.need("{")
        j = self.next
        self.at += 1
        self.need("=")
        lower = self.sum()
        self.need("}")
        self.need("^")
        upper = self.argument()
        with self.variable(j, NAT) as var:
            body = self.product()
        return make(head, (lower, upper, close(var, body, j)))

    def _integral(self) -> Term:
        self.at += 1
        bounds: list[Term] = []
        if self.take("_"):
            if self.words[self.at].text == "{" and self.words[self.at + 2].text == r"\infty":
                self.at += 4
            else:
                bounds.append(self.argument())
            self.need("^")
            if not self.take(r"\infty") and not (
                self.next == "{" and self.words[self.at + 1].text == r"\infty"
            ):
                bounds.append(self.argument())
            elif self.next == "{":
                self.at += 3
        depth, where = 0, None
        for k in range(self.at, len(self.words) - 1):
            depth += (self.words[k].text in CLOSING) - (self.words[k].text in CLOSING.values())
            if depth == 0 and self.words[k].text == "d" and self.words[k + 1].text.lstrip("\\").isalpha():
                where = k
                break
        if where is None:
            raise self.wrong("an integral needs its variable, as in dx")
        name = self.words[where + 1].text.lstrip("\\")
        sort: Sort = POINT if name in ("x", "z") and self._is_abstract(self.at, where) else REAL
        stop, self.stop = self.stop, lambda: self.at >= where
        with self.variable(name, sort) as var:
            body = self.product() if self.at < where else number(1)
        self.stop = stop
        if self.at != where:
            raise self.wrong("expected the end of the integrand (put sums in brackets)")
        self.at += 2
        lam = close(var, body, name)
        return make("intab", (*bounds, lam)) if len(bounds) == 2 else make("int", (lam,))

    def _is_abstract(self, start: int, end: int) -> bool:
        names = {t.text for t in self.words[start:end]}
        return bool(names & {"p", "q"}) and not names & set(self.scope.densities) and r"\mathcal" not in names

    # symbols
    def name(self) -> tuple[str, str]:
        """A letter with its subscripts; an index letter at the end makes it an entry of a family."""
        t = self.next
        if not (t in GREEK or (len(t) == 1 and t.isalpha())):
            raise self.wrong("expected a letter")
        self.at += 1
        base, index = t.lstrip("\\"), ""
        if self.take("_"):
            parts: list[str] = []
            if self.take("{"):
                while self.next and self.next != "}":
                    if self.next != ",":
                        parts.append(self.next.lstrip("\\"))
                    self.at += 1
                self.need("}")
            else:
                parts.append(self.next.lstrip("\\"))
                self.at += 1
            if parts and parts[-1] in (
                *INDICES,
                *(b for b in self.scope.bound if self.scope.bound[b].sort == NAT),
            ):
                index = parts.pop()
            base = "_".join([base, *parts])
        return base, index

    def _symbol(self) -> Term:
        t = self.next
        token = self.here
        if t in self.scope.densities or (t in ("p", "q") and t not in self.scope.symbols):
            return self._at_point()
        if t == "I" and "I" not in self.scope.symbols:
            self.at += 1
            return eye(self.argument() if self.take("_") else self.scope.dimension())
        name, index = self.name()
        found = self.scope.find(name, token)
        return app(found, self.scope.find(index, token)) if index else found

    def _at_point(self) -> Term:
        name = self.next
        if name in self.scope.densities:
            self.at += 1
            self.need("(")
            point = self.sum()
            self.need(")")
            return pdf(self.scope.densities[name], point)
        joint = self._joint()
        if joint is not None:
            return joint
        found = self._abstract()
        if found is None:
            raise self.wrong(
                f"`{name}` is no density that was declared, "
                "and not one of p(z), p(x), p(x,z), p(x|z), p(z|x), q(z|x)"
            )
        return pdf(*found)


def neg_(t: Term) -> Term:
    """Minus a number or a matrix."""
    return make("scale", (number(-1), t)) if is_matrix(t) else neg(t)


def _multiplied(factors: list[Term], inverse: list[bool]) -> Term:
    numbers: list[tuple[Term, bool]] = []
    matrices: list[Term] = []
    for f, down in zip(factors, inverse, strict=True):
        if is_matrix(f):
            matrices.append(f)
        elif is_real(f):
            numbers.append((f, down))
    out: Term | None = None
    for f, down in numbers:
        out = (div(number(1), f) if down else f) if out is None else (div(out, f) if down else mul(out, f))
    if not matrices:
        assert out is not None
        return out
    product = matrices[0] if len(matrices) == 1 else make("matmul", tuple(matrices))
    if product.sort[1:] == (number(1), number(1)):
        product = scalar(product)
    return product if out is None else mul(out, product)
