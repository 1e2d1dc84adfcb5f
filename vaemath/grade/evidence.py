"""What the use of letters says about them, where they were not declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lark import Token, Tree

from vaemath.grade.names import INDICES, PARAMETERS, Named, base_of, letters, named, words_of
from vaemath.grade.tex import Shape, text

DENSITY_LETTERS = ("p", "q", "P", "Q", "r")
_TRANSPOSED = ("T", r"\top", r"\intercal", "'", r"{ T }", r"{ \top }")


@dataclass(frozen=True)
class Occurrence:
    """A density as it is applied: p(x|z) is `p`, of x, given z; parameters are left out."""

    name: str
    of: tuple[str, ...]
    given: tuple[str, ...]


@dataclass
class Evidence:
    """For each name how it is used, and all densities as they are applied.

    The uses: "arith" in sums and products, "point" in a density, "vector" under a transpose, "matrix" in a
    determinant, a trace or an inverse, "index i" with that index, "coordinates" with an index above, "count"
    as the end of a sum, "over" as the variable of an integral, a sum or an expectation.
    """

    uses: dict[str, set[str]] = field(default_factory=dict)
    densities: list[Occurrence] = field(default_factory=list)

    def has(self, name: str, use: str) -> bool:
        """Is the name used that way?"""
        return use in self.uses.get(name, ())

    def add(self, name: str, use: str) -> None:
        """Note a use."""
        self.uses.setdefault(name, set()).add(use)

    def indexed(self, name: str) -> bool:
        """Does the name carry an index somewhere?"""
        return any(u.startswith("index") for u in self.uses.get(name, ()))


def gather(shapes: Sequence[Shape]) -> Evidence:
    """The evidence in some sides."""
    out = Evidence()
    for s in shapes:
        _scan(s, out)
    _coordinates(out)
    return out


def split_entries(group: Shape) -> list[tuple[str, Shape]]:
    """The entries of brackets, each with the separator before it."""
    items = next((c for c in group.children if isinstance(c, Tree) and c.data == "items"), None)
    if items is None:
        return []
    out: list[tuple[str, Shape]] = []
    sep = ""
    for c in items.children:
        if isinstance(c, Token):
            sep = c.type
        else:
            out.append((sep, c))
            sep = ""
    return out


def arguments(group: Shape) -> tuple[list[Shape], list[Shape]]:
    """What stands before and after the bar (or semicolon) in brackets."""
    of: list[Shape] = []
    given: list[Shape] = []
    now = of
    for sep, entry in split_entries(group):
        if sep in ("MID", "SEMI", "DBAR"):
            now = given
        now.append(entry)
    return of, given


def variable_of(entry: Shape) -> str:
    """The variable that an argument of a density is about: x, x_i, or Y in Y = k; "" if it is no letter."""
    t = entry
    while isinstance(t, Tree):
        if t.data in ("entry", "sum", "product") and len(t.children) >= 1:
            first = t.children[0]
            if t.data == "product" and len(t.children) == 2 and is_group(t.children[1]):
                t = first  # type: ignore[assignment]
                continue
            if len(t.children) > 1 and t.data != "entry":
                return ""
            t = first  # type: ignore[assignment]
            continue
        if t.data == "factor":
            n = named(t)
            return n.base if n and not n.powers else ""
        return ""
    return ""


def is_parameter(entry: Shape) -> bool:
    """Is the argument made of parameters alone, such as theta or \\phi_i?"""
    found = [base_of(t) for t in letters(entry)]
    return bool(found) and all(b in PARAMETERS or b in INDICES for b in found) and found[0] in PARAMETERS


def is_greek(name: str) -> bool:
    """Is a condition a Greek letter, and so a parameter and not the value of a random variable?"""
    return len(name.rstrip("'*")) > 1 and name not in ("epsilon", "zeta", "xi", "eta")


def _scan(s: Shape | Token, out: Evidence) -> None:
    if isinstance(s, Token):
        return
    if s.data == "product":
        _product(s, out)
    elif s.data == "bars":
        for n in _names(s):
            if n.base[:1].isupper():
                out.add(n.name, "matrix")
        for c in s.children:
            _scan(c, out)
    else:
        for c in s.children:
            _scan(c, out)


def _product(s: Shape, out: Evidence) -> None:
    pieces = s.children
    k = 0
    while k < len(pieces):
        piece = pieces[k]
        following = pieces[k + 1] if k + 1 < len(pieces) else None
        if isinstance(piece, Token):
            k += 1
            continue
        assert isinstance(piece, Tree)
        n = named(piece)
        if n is not None and is_group(following) and _density(n, following, out):  # type: ignore[arg-type]
            k += 2
            continue
        if n is not None and n.base == "d" and not n.subs and isinstance(following, Tree):
            v = named(following)
            if v is not None:
                out.add(v.base, "over")
                k += 2
                continue
        if n is not None and n.base in ("H", "KL", "D") and is_group(following):
            _factor(piece, n, out)
            for _, e in split_entries(following.children[0]):  # type: ignore[union-attr, arg-type]
                if len(letters(e)) > 1:
                    _scan(e, out)
            k += 2
            continue
        if n is not None and (n.base in ("tr", "Tr", "trace", "det")) and isinstance(following, Tree):
            for inner in _names(following):
                if inner.base[:1].isupper():
                    out.add(inner.name, "matrix")
        _factor(piece, n, out)
        k += 1


def is_group(s: object) -> bool:
    """Is it a factor that is brackets and nothing else?"""
    return (
        isinstance(s, Tree)
        and s.data == "factor"
        and isinstance(s.children[0], Tree)
        and s.children[0].data == "group"
    )


def _density(n: Named, group: Shape, out: Evidence) -> bool:
    if n.base in ("N", "Normal"):
        _normal([e for _, e in split_entries(group.children[0])], out)  # type: ignore[arg-type]
    if n.base not in DENSITY_LETTERS or n.powers or any(s in INDICES for s in n.subs):
        return False
    of, given = arguments(group.children[0])  # type: ignore[arg-type]
    of = [e for e in of if not is_parameter(e)]
    given = [e for e in given if not is_parameter(e) and not is_greek(variable_of(e))]
    names = [variable_of(e) for e in of], [variable_of(e) for e in given]
    if of and all(names[0]) and all(names[1]):
        out.densities.append(Occurrence(n.name, tuple(map(lowered, names[0])), tuple(map(lowered, names[1]))))
        for e in (*of, *given):
            out.add(lowered(variable_of(e)), "point")
            if len(e.children) == 3:  # Y = k: k is a point as well
                for letter in letters(e.children[2])[:1]:
                    out.add(lowered(base_of(letter)), "point")
            for t in _factors(e):
                inner = named(t)
                if inner and any(x in INDICES for x in inner.subs):
                    out.add(lowered(inner.base), f"index {inner.subs[-1]}")
    else:
        for e in (*of, *given):
            _scan(e, out)
    return True


def _normal(entries: list[Shape], out: Evidence) -> None:
    """Letters in N(x; m, s), and whether one is over coordinates: N(m, s) beside N(0, I)."""
    spread = variable_of(entries[-1]) if entries else ""
    if len(entries) == 3:
        out.add("#points", lowered(variable_of(entries[0])))
    if spread == "I":
        out.add("#identity", "I")
    elif spread in ("sigma", "s") and len(entries) > 1:
        out.add("#spreads", f"{variable_of(entries[-2])} {spread}")


def _coordinates(out: Evidence) -> None:
    if "#identity" in out.uses and "#spreads" in out.uses:
        for pair in out.uses["#spreads"]:
            mean, spread = pair.split(" ")
            if mean:
                out.add(mean, "index *")
            out.add(spread, "index *")
        for v in out.uses.get("#points", ()):
            out.add(v, "coordinates")


def lowered(name: str) -> str:
    """Random variables are capital or small letters for one and the same thing."""
    return name.lower() if len(name.rstrip("'*")) == 1 else name


def _factor(piece: Shape, n: Named | None, out: Evidence) -> None:
    head = piece.children[0]
    if isinstance(head, Token) and head.type == "BIG":
        for script in piece.children[1:]:
            assert isinstance(script, Tree)
            mark = script.children[0]
            words = words_of(script)
            if mark == "^":
                for w in words:
                    out.add(w, "count")
            elif words:
                out.add(words[0], "over")
        return
    _exponents(piece, out)
    transposed = any(
        isinstance(c, Tree) and (c.children[0].type == "PRIME" or text(c.children[-1]) in _TRANSPOSED)  # type: ignore[union-attr]
        for c in piece.children[1:]
    )
    inverted = any(isinstance(c, Tree) and text(c.children[-1]) == "{ - 1 }" for c in piece.children[1:])
    if n is not None and not n.word:
        out.add(n.name, "arith")
        if n.subs and n.subs[-1] in INDICES:
            out.add("_".join([n.base, *n.subs[:-1]]), f"index {n.subs[-1]}")
        if n.subs and len(n.powers) == 1 and text(n.powers[0]) in INDICES:
            out.add(lowered(n.base), "coordinates")
        if transposed:
            out.add(n.name, "transposed" if n.base[:1].isupper() else "vector")
        if inverted and n.base[:1].isupper():
            out.add(n.name, "matrix")
    elif transposed and n is None:
        for inner in _names(piece):
            if not inner.base[:1].isupper() or inner.base == "X":
                out.add(inner.name, "vector")
    for c in piece.children:
        below = isinstance(c, Tree) and c.data == "script" and c.children[0] == "_"
        if below and n is not None:
            if n.base == "E":
                _below(c, out)  # type: ignore[arg-type]
        elif isinstance(c, Tree):
            _scan(c, out)


def _exponents(piece: Shape, out: Evidence) -> None:
    """A letter alone above something is a number: (2 pi)^K."""
    for s in piece.children[1:]:
        assert isinstance(s, Tree)
        arg = s.children[-1]
        only = arg.children[0] if isinstance(arg, Tree) and len(arg.children) == 1 else arg
        if str(s.children[0]) == "^" and isinstance(only, Token) and only.type == "LETTER" and only != "T":
            out.add(base_of(only), "arith")


def _below(script: Shape, out: Evidence) -> None:
    """The densities below an expectation; a letter alone there says nothing."""
    found = Evidence()
    for c in script.children:
        _scan(c, found)
    out.densities += found.densities
    for name, uses in found.uses.items():
        for use in uses & {"point"}:
            out.add(name, use)


def _names(s: Shape) -> Iterator[Named]:
    for f in _factors(s):
        n = named(f)
        if n is not None and not n.word:
            yield n


def _factors(s: Shape) -> Iterator[Shape]:
    if s.data == "factor":
        yield s
    for c in s.children:
        if isinstance(c, Tree):
            yield from _factors(c)
