"""What the letters of a file stand for: what is declared, what is defined on the way, what use suggests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from vaemath.core.terms import NAT, POINT, POSITIVE, REAL, Sort, Term
from vaemath.grade.errors import GradeError
from vaemath.grade.evidence import Evidence, lowered
from vaemath.grade.names import INDICES
from vaemath.terms.build import one, symbol

_POSITIVE = ("sigma", "tau")
DIMENSIONS = ("d", "k", "K", "n", "D", "N", "m")
_COVARIANCES = ("Sigma", "S", "Lambda", "V", "Omega", "Gamma", "C")
_NEVER = {"e", "E", "d", "N", "H", "I", "T"}  # letters that mean something else before they mean a number
_SAID = {
    REAL: "a real number",
    POSITIVE: "a positive number",
    NAT: "a whole number, at least 1",
    POINT: "a point of any space",
}


@dataclass
class Scope:
    """Symbols, densities and names.

    Attributes:
        symbols: letters, declared or guessed, by name.
        densities: concrete densities by name, such as p, or by name and variables, such as q|z|x.
        laws: the density of a random variable.
        names: what stands for something written out before, such as \\mathcal{L}.
        named_of: the arguments with which a name was defined, parameters left out.
        bound: variables of sums, integrals and expectations.
        evidence: how letters are used in the lines at hand.
        whole: how they are used in the whole file.
        assumed: what letters were taken for that were not declared, in words.
        given: conditions on letters that were declared, such as x <= 1.
        carries: the parameters that abstract densities are written with.
    """

    symbols: dict[str, Term] = field(default_factory=dict)
    densities: dict[str, Term] = field(default_factory=dict)
    laws: dict[str, Term] = field(default_factory=dict)
    names: dict[str, Term] = field(default_factory=dict)
    named_of: dict[str, str] = field(default_factory=dict)
    bound: dict[str, Term] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=Evidence)
    assumed: dict[str, str] = field(default_factory=dict)
    whole: Evidence = field(default_factory=Evidence)
    given: list[Term] = field(default_factory=list)
    carries: dict[Term, set[str]] = field(default_factory=dict)

    def declare(self, name: str, sort: Sort) -> Term:
        """Say what a letter is.

        Raises:
            GradeError: it is something else already.
        """
        new = symbol(plain(name), sort)
        old = self.symbols.get(name)
        if old is not None and old != new and name not in self.assumed:
            raise GradeError(f"`{name}` is declared twice, as different things")
        self.assumed.pop(name, None)
        self.symbols[name] = new
        return new

    def within(self, evidence: Evidence) -> Scope:
        """A scope for some lines: what is declared stays, what is guessed is guessed anew."""
        declared = {
            n: s
            for n, s in self.symbols.items()
            if n not in self.assumed and not _used_otherwise(n, s, evidence)
        }
        return Scope(
            declared,
            {},
            {},
            self.names,
            self.named_of,
            {},
            evidence,
            {},
            self.whole,
            self.given,
            self.carries,
        )

    @contextmanager
    def binding(self, name: str, sort: Sort) -> Iterator[Term]:
        """A variable under a binder; inside, the letter means it."""
        var = symbol(f"{plain(name)}#g{len(self.bound)}", sort)
        before = dict(self.bound)
        self.bound[name] = var
        try:
            yield var
        finally:
            self.bound = before

    def find(self, base: str, name: str) -> Term | None:
        """The term of a letter: a variable around it, a declared symbol, a name; None if it is none."""
        for key in (name, lowered(name)):
            if key in self.bound:
                return self.bound[key]
        if name in self.symbols:
            return self.symbols[name]
        return self.names.get(name)

    def guess(self, base: str, name: str) -> Term:
        """A symbol for a letter that was not declared, of the sort that its use suggests.

        Raises:
            GradeError: nothing can be guessed.
        """
        used = self.evidence.has(name, "count") or name == self.dimension_name()
        if base in _NEVER and name == base and not used:
            raise GradeError(
                f"`{name}` was not declared; say above what it is, such as ${name} \\in \\mathbb{{R}}$"
            )
        made = symbol(plain(name), self.sort_of(base, name))
        self.symbols[name] = made
        self.assumed[name] = said(made.sort)
        return made

    def sort_of(self, base: str, name: str) -> Sort:
        """What the use of a letter suggests."""
        uses = self.evidence
        family = uses.indexed(name) or (lowered(name) != name and uses.indexed(lowered(name)))
        if family:
            inner: Sort = POSITIVE if base in _POSITIVE or base in ("p", "q") else REAL
            if uses.has(lowered(base), "point"):
                inner = self.space(lowered(base))
            return ("fun", NAT, inner)
        if uses.has(lowered(name), "point") and not uses.has(name, "matrix"):
            return self.space(lowered(name))
        if name == self.dimension_name():
            return NAT
        if uses.has(name, "matrix") or base == "Sigma":
            n = self.dimension()
            return ("spd", n) if base in _COVARIANCES else ("mat", n, n)
        if uses.has(name, "vector"):
            return ("mat", self.dimension(), one)
        if uses.has(name, "count") and (base in DIMENSIONS or base in "MVLJ"):
            return NAT
        return POSITIVE if base in _POSITIVE else REAL

    def space(self, variable: str) -> Sort:
        """The space over which a density of that variable is."""
        for key, density in self.densities.items():
            if key.split("|")[1:2] == [variable]:
                return density.sort[1]
        for o in self.evidence.densities:
            if o.of == (variable,) and o.name in self.densities:
                return self.densities[o.name].sort[1]
        known = self.symbols.get(variable)
        if known is not None and variable not in self.assumed and known.sort[0] != "fun":
            return REAL if known.sort in (POSITIVE, NAT) else known.sort
        names = (variable, variable.upper())
        if self.evidence.has(variable, "coordinates"):
            d = self.symbols.get("d") or (self.guess("d", "d") if self.evidence.has("d", "count") else None)
            return ("fun", ("fin", d or self.dimension()), REAL)
        if any(self.evidence.has(v, "vector") for v in names):
            return ("mat", self.dimension(), one)
        if any(self.evidence.has(v, "arith") for v in names):
            return REAL
        return POINT

    def dimension_name(self) -> str:
        """The letter of the dimension, where vectors are used and one is not declared."""
        declared = [n for n, s in self.symbols.items() if s.sort == NAT and n not in INDICES]
        if declared:
            return declared[0] if len(declared) == 1 else ""
        if not any(u & {"vector", "matrix"} for u in self.evidence.uses.values()):
            return ""
        plain = [n for n in DIMENSIONS if self.evidence.has(n, "arith") or self.evidence.has(n, "count")]
        return plain[0] if plain else ""

    def dimension(self) -> Term:
        """The dimension of vectors and matrices that do not say theirs.

        Raises:
            GradeError: several are declared.
        """
        declared = [s for n, s in self.symbols.items() if s.sort == NAT and n not in INDICES]
        if len(declared) == 1:
            return declared[0]
        if declared:
            raise GradeError("several dimensions are declared; say which this one is, as in I_n")
        name = self.dimension_name() or "n"
        made = symbol(name, NAT)
        self.symbols[name] = made
        self.assumed[name] = "the dimension"
        return made


def _used_otherwise(name: str, symbol_: Term, evidence: Evidence) -> bool:
    """Is a letter used as something that its declaration is an instance of?

    A vector whose entries carry an index is a family; a random variable that stands in densities only is a
    point of any space.
    """
    sort = symbol_.sort
    if sort[0] == "mat" and sort[-1] == one and evidence.indexed(name):
        return True
    inner = sort[2] if sort[0] == "fun" else sort
    only = evidence.has(lowered(name), "point") and not any(
        evidence.has(name, u) for u in ("arith", "vector", "coordinates", "matrix")
    )
    return only and (inner == REAL or inner[0] == "mat")


def is_meant(key: str, density: Term, evidence: Evidence) -> bool:
    """Do some lines speak of a density that was declared with its variables, or of any in its place?

    Of the declared one, where the variable or one of its parameters is used as a number.
    """
    variable = key.split("|")[1]
    numbers = {s.data[0] for s in density.free if s.sort != NAT} | {variable}
    used = {n for n, u in evidence.uses.items() if "arith" in u or any(x.startswith("index") for x in u)}
    return bool(numbers & {lowered(u) if lowered(u) == variable else u for u in used})


def plain(name: str) -> str:
    """A name of letters, digits and underscores."""
    return re.sub(r"[^A-Za-z0-9_]", "_", name.replace("'", "_prime").replace("*", "_star"))


def said(sort: Sort) -> str:
    """A sort in words."""
    if sort in _SAID:
        return _SAID[sort]
    if sort[0] == "spd":
        return f"a symmetric positive definite {sort[1]} x {sort[1]} matrix"
    if sort[0] == "mat":
        return f"a vector of {sort[1]} entries" if sort[2] == one else f"a {sort[1]} x {sort[2]} matrix"
    if sort[0] == "fun":
        inner = said(sort[2]).removeprefix("a ")
        return f"a family of them, each {said(sort[2])}" if sort[1] == NAT else f"a function to {inner}"
    return "a density"
