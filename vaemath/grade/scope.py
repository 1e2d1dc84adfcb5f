"""What the letters of a file stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from vaemath.core.terms import NAT, POINT, POSITIVE, REAL, Sort, Term, is_matrix, make
from vaemath.grade.tokens import GradeError, Token
from vaemath.terms.build import Normal, exp, eye, mul, number, one, sqrt, symbol, vec

# The abstract densities of the VAE: name, variable, what it is given; and the symbol in the theorems.
ABSTRACT = {
    ("p", "z", ""): "prior",
    ("p", "x", ""): "evidence",
    ("p", "x", "z"): "likelihood",
    ("p", "z", "x"): "posterior",
    ("q", "z", "x"): "q",
}
INDICES = "ijk"


@dataclass
class Scope:
    """Symbols and densities by name; `bound` are variables of sums, integrals and expectations."""

    symbols: dict[str, Term] = field(default_factory=dict)
    densities: dict[str, Term] = field(default_factory=dict)
    bound: dict[str, Term] = field(default_factory=dict)

    def declare(self, name: str, sort: Sort, token: Token) -> None:
        new = symbol(name, sort)
        if self.symbols.setdefault(name, new) != new:
            raise GradeError(f"line {token.line}: `{name}` is declared twice, as different things")

    def find(self, name: str, token: Token) -> Term:
        """The term of a name.

        Raises:
            GradeError: it was not declared.
        """
        found = self.bound.get(name) or self.symbols.get(name)
        if found is None:
            raise GradeError(
                f"line {token.line}: `{name}` was not declared; say above what it is, such as "
                f"${_written(name)} \\in \\mathbb{{R}}$ or ${_written(name)} > 0$"
            )
        return found

    def dimension(self) -> Term:
        """The only declared dimension, for an identity matrix without a size."""
        found = [s for s in self.symbols.values() if s.sort == NAT]
        if len(found) != 1:
            raise GradeError("I needs its size, as in I_n, when not exactly one dimension is declared")
        return found[0]

    def abstract(self, name: str, variable: str, given: str) -> Term | None:
        """The symbol of p(z), p(x), p(x|z), p(z|x) or q(z|x)."""
        known = ABSTRACT.get((name, variable, given))
        if known is None:
            return None
        over: Sort = ("dist", POINT)
        return symbol(known, ("fun", POINT, over) if given else over)


def _written(name: str) -> str:
    base, _, sub = name.partition("_")
    return ("\\" if len(base) > 1 else "") + base + (f"_{{{sub}}}" if sub else "")


def normal(mean: Term, spread: Term, scope: Scope) -> Term:
    """The density N(mean, spread): a variance for numbers, a covariance for vectors."""
    if is_matrix(spread):
        if not is_matrix(mean):
            n = spread.sort[1]
            mean = vec(n, lambda j: number(0))
        return make("mvn", (mean, spread))
    return Normal(mean, _root(spread))


def _root(variance: Term) -> Term:
    if variance.head == "pow" and variance.data == (2, 1):
        return variance.args[0]
    if variance.head == "num":
        root = {1: 1, 4: 2, 9: 3}.get(variance.data[0]) if variance.data[1] == 1 else None
        return number(root) if root else sqrt(variance)
    if variance.head == "exp":
        return exp(mul(variance.args[0], number(Fraction(1, 2))))
    return sqrt(variance)


def sort_of(words: Sequence[str], scope: Scope, token: Token) -> Sort:
    """The sort that stands after the sign of membership or of order."""
    said = "".join(words)
    if said == ">0":
        return POSITIVE
    if said.startswith(r"\in\mathbb{R}") or said.startswith(r"\in\mathbb{S}"):
        spd, tail = (
            "S}" in said[:13],
            said[len(r"\in\mathbb{R}") :].replace("_{++}", "").lstrip("^").strip("{}"),
        )
        if not tail and not spd:
            return REAL
        rows, _, columns = tail.partition(r"\cdot")
        n = scope.find(rows, token)
        if spd:
            return ("spd", n)
        return ("mat", n, scope.find(columns, token) if columns else one)
    if said in (r"\in\mathbb{N}", r"\in\mathbb{Z}_{>0}"):
        return NAT
    raise GradeError(
        f"line {token.line}: cannot read the declaration `{said}`; expected "
        r"\in \mathbb{R}, > 0, \in \mathbb{N}, "
        r"\in \mathbb{R}^n, \in \mathbb{R}^{n \times n} or \in \mathbb{S}_{++}^n"
    )


__all__ = ["ABSTRACT", "INDICES", "Scope", "eye", "normal", "sort_of"]
