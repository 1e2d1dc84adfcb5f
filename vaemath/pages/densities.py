"""How densities are named: p(x), q(z|x) for abstract ones, single letters for concrete ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vaemath.core.terms import Term
from vaemath.pages.layout import BAR, Fence, Letter, Piece, Script, row
from vaemath.pages.names import letter

CONCRETE = ("normal", "indep", "mvn", "bernoulli", "categorical")


@dataclass(frozen=True)
class Label:
    """A name for a density: `p`, or with its variable and what it is given, `q_phi(z|x)`."""

    name: str
    sub: str = ""
    variable: str = ""  # shown when the density stands alone
    given: str = ""

    @property
    def letter(self) -> Piece:
        shown = letter(self.name)
        return Script(shown, Letter(self.sub)) if self.sub else shown

    def at(self, point: Piece, given: Piece | None = None) -> Piece:
        """The density at a point."""
        if given is None and self.given:
            given = Letter(self.given)
        inside = point if given is None else row(point, BAR, given)
        return row(self.letter, Fence(inside))

    def alone(self, variable: Piece | None = None, given: Piece | None = None) -> Piece:
        """The density itself."""
        if not self.variable:
            return self.letter
        return self.at(variable or Letter(self.variable), given)


# The abstract densities of the derivations: the symbol's name, and how the notes write it.
ROLES = {
    "prior": Label("p", variable="z"),
    "evidence": Label("p", variable="x"),
    "likelihood": Label("p", "theta", variable="x", given="z"),
    "posterior": Label("p", variable="z", given="x"),
    "q": Label("q", "phi", variable="z", given="x"),
}

_DECODER = (Label("p", "theta", "x", "z"), Label("q", "phi", "z", "x"), Label("p", "", "z"))
_PREFERRED = {
    "normal-entropy": (Label("q"),),
    "normal-cross-entropy": (Label("q"), Label("p")),
    "loss-gaussian": _DECODER,
    "loss-bernoulli": _DECODER,
    "kl-normal-diag-standard": (Label("q"), Label("p")),
}
_USUAL = tuple(map(Label, "pqrw"))


def walk(t: Term) -> Iterator[Term]:
    """Every subterm, outermost first."""
    yield t
    for a in t.args:
        yield from walk(a)


def role(t: Term) -> tuple[Label, Term | None] | None:
    """The label of an abstract density, and what it is given."""
    if t.head == "sym":
        name = t.data[0].split("#")[0]
        if name == "q" or name not in ROLES:
            return Label(name), None
        return ROLES[name], None
    if t.head == "app" and len(t.args) == 2 and t.args[0].head == "sym":
        name = t.args[0].data[0].split("#")[0]
        return ROLES.get(name, Label(name, variable="z", given="x")), t.args[1]
    return None


def legend(id: str, terms: Iterable[Term]) -> dict[Term, Label]:
    """Letters for the concrete densities of some lines, where formulas are shorter with them."""
    order: dict[Term, int] = {}
    needed: set[Term] = set()
    for line in terms:
        for t in walk(line):
            if t.head in ("KL", "CE", "H", "E"):
                for d in t.args:
                    if d.head in CONCRETE and d.level == 0:
                        order[d] = order.get(d, 0) + 1
            if t.head == "pdf" and t.args[0].head in CONCRETE and t.args[0].level == 0:
                d = t.args[0]
                order.setdefault(d, 0)
                if d.head != "normal":
                    needed.add(d)
            if t.head == "log" and t.args[0].head == "pdf" and t.args[0].args[0] in order:
                needed.add(t.args[0].args[0])
    everything = id in _PREFERRED
    chosen = [d for d, n in order.items() if everything or d in needed or (n >= 3 and d.head == "mvn")]
    names = _PREFERRED.get(id, _USUAL)
    return dict(zip(chosen, (*names, *(u for u in _USUAL if u not in names)), strict=False))
