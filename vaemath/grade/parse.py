"""Formulas as terms: recursive descent over a closed vocabulary, nothing evaluated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction

from vaemath.grade.cursor import Cursor
from vaemath.grade.scope import INDICES, Scope, normal, sort_of
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
    symbol,
)
from vaemath.terms.build import exp as exponential
from vaemath.terms.signature import is_matrix, is_real
from vaemath.terms.term import NAT, POINT, REAL, Sort, Term, TermError, close, make

GREEK = {
    r"\mu", r"\sigma", r"\Sigma", r"\theta", r"\phi", r"\epsilon", r"\tau", r"\lambda", r"\alpha", r"\beta",
    r"\rho",     r"\nu", r"\eta", r"\gamma", r"\delta", r"\omega", r"\Lambda", r"\xi", r"\kappa", r"\ell",
}  # fmt: skip
_CLOSING = {"(": ")", "[": "]", "{": "}"}
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


class Reader(Cursor):
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
        if t in _CLOSING:
            self.at += 1
            inner = self.inside(_CLOSING[t])
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
        if t == "D" or (t == r"\mathrm" and self._word() == "KL"):
            return self._divergence()
        if t == "H" and "H" not in self.scope.symbols:
            return self._entropy()
        if t == r"\mathrm":
            return self._named()
        if t == r"\mathcal":
            return self._normal_pdf()
        return self._symbol()

    def inside(self, closing: str) -> Term:
        stop, self.stop = self.stop, lambda: False
        found = self.sum()
        self.stop = stop
        self.need(closing)
        return found

    def _applied(self) -> Term:
        """What a function without brackets applies to: one factor, or all in the brackets."""
        return self.factor()

    def _word(self) -> str:
        texts = [t.text for t in self.words[self.at + 1 : self.at + 14]]
        return "".join(texts[1 : texts.index("}")]) if texts[:1] == ["{"] and "}" in texts else ""

    def _named(self) -> Term:
        word = self._word()
        self.at += 3 + len(word)
        if word in ("tr", "Tr"):
            inner = self._applied()
            return make("tr", (inner.args[0] if inner.head == "scalar" else inner,))
        if word in _SPECIAL:
            return make(_SPECIAL[word], (self._applied(),))
        if word == "diag":
            raise self.wrong("diag is not in the vocabulary")
        raise self.wrong(f"`{word}` is not in the vocabulary")

    # binders
    @contextmanager
    def variable(self, name: str, sort: Sort) -> Iterator[Term]:
        var = symbol(f"{name}#g", sort)
        before = self.scope.bound.get(name)
        self.scope.bound[name] = var
        try:
            yield var
        finally:
            if before is None:
                del self.scope.bound[name]
            else:
                self.scope.bound[name] = before

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
            depth += (self.words[k].text in _CLOSING) - (self.words[k].text in _CLOSING.values())
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

    def _expectation(self) -> Term:
        if self._word() != "E":
            raise self.wrong("expected \\mathbb{E}")
        self.at += 4
        self.need("_")
        braced = self.take("{")
        named = ""
        if self.at + 1 < len(self.words) and self.words[self.at + 1].text == r"\sim":
            named = self.next.lstrip("\\")
            self.at += 2
        with self.variable(named or "z", POINT):
            q = self.density()
        if braced:
            self.need("}")
        opening = self.next
        if opening not in ("[", "("):
            raise self.wrong("expected [ after the expectation")
        name = named or self._guess(q)
        self.at += 1
        with self.variable(name, q.sort[1]) as var:
            body = self.inside(_CLOSING[opening])
        return make("E", (q, close(var, body, name)))

    def _guess(self, q: Term) -> str:
        """The variable of an expectation that does not name it: z for abstract densities, else x, y or z."""
        if q.sort[1] == POINT:
            return "z"
        depth = 0
        inside: set[str] = set()
        for t in self.words[self.at :]:
            depth += (t.text in _CLOSING) - (t.text in _CLOSING.values())
            inside.add(t.text)
            if depth == 0:
                break
        return next((v for v in "xyz" if v in inside and v not in self.scope.symbols), "x")

    # densities
    def density(self) -> Term:
        if self.next == r"\mathcal":
            self._script_n()
            self.need("(")
            mean = self.sum()
            self.need(",")
            spread = self.sum()
            self.need(")")
            return normal(mean, spread, self.scope)
        name = self.next
        if name in self.scope.densities:
            self.at += 1
            if self.next == "(":  # p(x) where the density itself is meant
                self.at += 3
            return self.scope.densities[name]
        found = self._abstract()
        if found is None:
            raise self.wrong(
                f"`{name}` is no density that was declared; write $p = \\mathcal{{N}}(\\mu, \\sigma^2)$ above"
            )
        return found[0]

    def _abstract(self) -> tuple[Term, Term] | None:
        """p(z), p(x), p(x|z), p(z|x) or q(z|x): the density and the point."""
        start = self.at
        name = self.next
        self.at += 1
        if self.take("_"):
            braced = self.take("{")
            if not (self.take(r"\theta") or self.take(r"\phi")) or (braced and not self.take("}")):
                self.at = start
                return None
        if name not in ("p", "q") or not self.take("("):
            self.at = start
            return None
        variable = self.next
        self.at += 1
        given = ""
        if self.take("|"):
            given = self.next
            self.at += 1
        known = self.scope.abstract(name, variable, given)
        if known is None or not self.take(")"):
            self.at = start
            return None
        point = self._point(variable)
        return (app(known, self._point(given)) if given else known), point

    def _joint(self) -> Term | None:
        """p(x, z) or p(z, x): the likelihood times the prior."""
        start = self.at
        self.at += 1
        if self.take("_"):
            braced = self.take("{")
            self.take(r"\theta")
            if braced:
                self.take("}")
        ahead = [t.text for t in self.words[self.at : self.at + 5]]
        if self.words[start].text != "p" or ahead not in (list("(x,z)"), list("(z,x)")):
            self.at = start
            return None
        self.at += 5
        x, z = self._point("x"), self._point("z")
        likelihood, prior = self.scope.abstract("p", "x", "z"), self.scope.abstract("p", "z", "")
        assert likelihood is not None
        assert prior is not None
        return mul(pdf(app(likelihood, z), x), pdf(prior, z))

    def _point(self, name: str) -> Term:
        return self.scope.bound.get(name) or symbol(name, POINT)

    def _script_n(self) -> None:
        self.at += 1
        braced = self.take("{")
        self.need("N")
        if braced:
            self.need("}")

    def _normal_pdf(self) -> Term:
        self._script_n()
        self.need("(")
        point = self.sum()
        if not (self.take(";") or self.take("|")):
            raise self.wrong("expected ; after the point, as in \\mathcal{N}(x; \\mu, \\sigma^2)")
        mean = self.sum()
        self.need(",")
        spread = self.sum()
        self.need(")")
        return pdf(normal(mean, spread, self.scope), point)

    def _divergence(self) -> Term:
        if self.next == "D":
            self.at += 1
            self.need("_")
            if self.take("{"):
                depth = 1
                while depth and self.next:
                    depth += (self.next == "{") - (self.next == "}")
                    self.at += 1
            elif self.next == r"\mathrm":
                self.at += 5
        else:
            self.at += 5
        opening = self.next
        if opening not in ("(", "["):
            raise self.wrong("expected ( after KL")
        self.at += 1
        p = self.density()
        if not (self.take(r"\|") or (self.take("|") and self.take("|"))):
            raise self.wrong("expected \\| between the densities")
        q = self.density()
        self.need(_CLOSING[opening])
        return make("KL", (p, q))

    def _entropy(self) -> Term:
        self.at += 1
        opening = self.next
        if opening not in ("(", "["):
            raise self.wrong("expected ( after H")
        self.at += 1
        p = self.density()
        if self.take(","):
            q = self.density()
            self.need(_CLOSING[opening])
            return make("CE", (p, q))
        self.need(_CLOSING[opening])
        return make("H", (p,))

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
