"""Densities, expectations, divergences and entropies in formulas."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from vaemath.core.terms import POINT, Sort, Term, close, make
from vaemath.grade.cursor import Cursor
from vaemath.grade.scope import normal
from vaemath.terms.build import app, mul, pdf, symbol

CLOSING = {"(": ")", "[": "]", "{": "}"}


class Densities(Cursor, ABC):
    """Reads what has to do with densities; what stands inside is read by `sum`."""

    @abstractmethod
    def sum(self) -> Term:
        """A sum of products: the whole of a formula, or of what stands in brackets."""

    def word(self) -> str:
        """The letters in the braces that follow a command such as \\mathrm."""
        texts = [t.text for t in self.words[self.at + 1 : self.at + 14]]
        return "".join(texts[1 : texts.index("}")]) if texts[:1] == ["{"] and "}" in texts else ""

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

    def inside(self, closing: str) -> Term:
        stop, self.stop = self.stop, lambda: False
        found = self.sum()
        self.stop = stop
        self.need(closing)
        return found

    def _expectation(self) -> Term:
        if self.word() != "E":
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
            body = self.inside(CLOSING[opening])
        return make("E", (q, close(var, body, name)))

    def _guess(self, q: Term) -> str:
        """The variable of an expectation that does not name it: z for abstract densities, else x, y or z."""
        if q.sort[1] == POINT:
            return "z"
        depth = 0
        inside: set[str] = set()
        for t in self.words[self.at :]:
            depth += (t.text in CLOSING) - (t.text in CLOSING.values())
            inside.add(t.text)
            if depth == 0:
                break
        return next((v for v in "xyz" if v in inside and v not in self.scope.symbols), "x")

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
        self.need(CLOSING[opening])
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
            self.need(CLOSING[opening])
            return make("CE", (p, q))
        self.need(CLOSING[opening])
        return make("H", (p,))
