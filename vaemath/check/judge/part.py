"""One part of a result: which quantities it is made of, with which weights, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from vaemath.check.core import Mono, Poly, constant, name_of, plus, sign, times
from vaemath.check.judge.algebra import evaluate, normal, symbols_of
from vaemath.check.judge.decompose import Block, Reading, decompose
from vaemath.check.judge.lifting import Lifted, Part
from vaemath.check.judge.match import Match, compare, explain
from vaemath.check.judge.quantities import QUANTITIES, VARIABLES, Quantity, fixed_prior
from vaemath.check.reading import names

__all__ = ["Finding", "Piece", "find"]


@dataclass
class Piece:
    """A quantity in a block: `weight` is its factor, as numbers by the symbols that weigh it."""

    block: Block
    match: Match

    @property
    def quantity(self) -> Quantity:
        return self.match.candidate.quantity

    @property
    def weight(self) -> Poly:
        return self.match.factor

    @property
    def number(self) -> Fraction:
        """The factor itself, where one symbol at most weighs."""
        return next(iter(self.weight.values())) if len(self.weight) == 1 else Fraction(1)

    @property
    def weighed_by(self) -> list[str]:
        """The parameters that weigh it."""
        return sorted({name_of(s).rstrip("~") for s in symbols_of(self.weight)})


@dataclass
class Finding:
    """What a part was found to be."""

    part: Part
    reading: Reading
    pieces: list[Piece] = field(default_factory=list)
    near: list[Piece] = field(default_factory=list)  # nearest to what is left over, best first
    left: list[tuple[Block, Poly]] = field(default_factory=list)
    residue: Poly = field(default_factory=dict)  # of the constant, beyond those of the pieces
    noise: frozenset[str] = frozenset()

    @property
    def known(self) -> bool:
        """Whether every term but constants belongs to a quantity."""
        return bool(self.pieces) and not self.left and not self.reading.mixed and not self.reading.trouble


def find(
    part: Part,
    lifted: Lifted,
    readings: Mapping[str, names.Reading],
    chosen: tuple[Quantity, ...] = QUANTITIES,
) -> Finding:
    """Read a part, and say what it is made of."""
    shapes = dict(lifted.shapes)
    reading = decompose(part.terms, shapes)
    if reading.mixed or reading.trouble:
        spreads = [n for n in shapes if readings[n].role in ("spread", "unknown", "recon")]
        again = decompose(part.terms, shapes, spreads)
        if not again.mixed and not again.trouble:
            reading = again
    noise = frozenset(n.split("|")[0] for n in lifted.draws)
    out = Finding(part, reading, noise=noise)
    for block in list(reading.blocks):
        names_ = {name_of(s) for s in symbols_of(block.formula)}
        if all(
            n.rstrip("~") in readings and readings[n.rstrip("~")].role in ("mask", "weight", "count")
            for n in names_
        ):
            reading.blocks.remove(block)  # a constant, weighed
            reading.constant = plus(reading.constant, times(_unmarked(block.formula), constant(block.count)))
            continue
        here = [n for n, s in shapes.items() if s == block.shape]
        used = {name_of(s).rstrip("~") for s in symbols_of(block.formula)}
        others = [
            n
            for n in shapes
            if n in used and n not in here and readings[n].role in ("spread", "loc", "unknown", "weight")
        ]
        mine = frozenset(n for n in noise if any(u.split("#")[0] == n for u in used))
        exact, left, near = explain(
            _unmarked(block.formula), [*here, *others], readings, mine, _suited(chosen, lifted)
        )
        prior = _fixed(left, near, mine) if left and near else None
        if prior is not None and small(residue_of(reading, [*out.pieces, Piece(block, prior)])):
            exact, left, near = [*exact, prior], {}, []
        out.pieces += [Piece(block, m) for m in exact]
        if left:
            out.left.append((block, left))
            out.near += [Piece(block, m) for m in near]
    out.residue = residue_of(reading, out.pieces)
    return out


def _fixed(left: Poly, near: list[Match], noise: frozenset[str]) -> Match | None:
    """The KL to a normal prior whose mean and variance are written as numbers."""
    for match in near:
        if match.candidate.quantity.id != "kl-standard" or match.candidate.contradicted:
            continue
        ratios = {_head(m): r.get((), Fraction(0)) for m, r in match.ratios.items() if set(r) <= {()}}
        means, widths, logs = (ratios.get(k, Fraction(0)) for k in ("m", "s", "log"))
        linear = [c for m, c in match.extra.items() if _head(m) == "m" and m[0][1] == 1]
        if len(ratios) != 3 or means != widths or means * logs <= 0 or len(match.extra) != len(linear):
            continue
        mean = -sum(linear, Fraction(0)) / means
        quantity = fixed_prior(mean, logs / means)
        found = compare(left, replace(match.candidate, quantity=quantity), noise)
        if found is not None and found.exact:
            return found
    return None


def _head(mono: Mono) -> str:
    if len(mono) != 1:
        return ""
    atom = mono[0][0]
    return "log" if atom.head == "log" else {VARIABLES["loc"]: "m", VARIABLES["scale"]: "s"}.get(atom, "")


def residue_of(reading: Reading, pieces: list[Piece]) -> Poly:
    """The constant of a part, beyond those of its pieces."""
    brought = [times(p.match.brought, constant(p.block.count)) for p in pieces]
    return plus(reading.constant, *brought, *(times(constant(-1), constant_of(p)) for p in pieces))


def _unmarked(formula: Poly) -> Poly:
    """Symbols that are shared along an axis under their plain names."""
    from vaemath.check.core import substitute, symbol, to_term

    t = to_term(formula)
    marked = {s: symbol(name_of(s).rstrip("~"), s.sort) for s in t.free if name_of(s).endswith("~")}
    return normal(substitute(t, marked)) if marked else formula


def _suited(chosen: tuple[Quantity, ...], lifted: Lifted) -> tuple[Quantity, ...]:
    name = str(lifted.reply.get("name", "")).lower().split("_")
    absolute = any(kind == "abs" for kind, _ in lifted.conditions) or bool(lifted.reply.get("whole"))
    return tuple(
        q for q in chosen if (not q.words or set(q.words) & set(name)) and (q.id != "laplace" or absolute)
    )


def constant_of(piece: Piece) -> Poly:
    """The constant that a piece brings to each number of the result: that of its formula."""
    own = normal(piece.quantity.formula())
    fixed = {m: c for m, c in own.items() if not any(a.free for a, _ in m)}
    return times(times(fixed, piece.weight), constant(piece.block.count))


def small(p: Poly) -> bool:
    """Whether a constant is zero up to the rounding of the numbers in it."""
    if not p:
        return True
    if symbols_of(p):
        return False
    sizes = [abs(float(c) * _number(m)) for m, c in p.items()]
    total = sum(float(c) * _number(m) for m, c in p.items())
    return abs(total) <= 1e-6 * max(1.0, *sizes)


def _number(mono: Mono) -> float:
    out = 1.0
    for atom, e in mono:
        out *= float(evaluate(atom, {})) ** float(e)
    return out


def value_of(p: Poly) -> float:
    """The number that a constant is, weights at one."""
    return sum(float(c) * _number(tuple((a, e) for a, e in m if not a.free)) for m, c in p.items())


def negative(piece: Piece) -> bool:
    """Whether the quantity is taken with a minus."""
    weights = piece.weight
    if len(weights) != 1:
        return bool(weights) and all(c < 0 for c in weights.values())
    ((mono, c),) = weights.items()
    return c < 0 and all(sign(a) == ">" or a.head == "sym" for a, _ in mono)
