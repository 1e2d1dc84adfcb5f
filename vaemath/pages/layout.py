"""Formulas as they stand on a page, before any format: letters, fractions, scripts, brackets.

A term is laid out once (:mod:`vaemath.pages.write`); each format only prints the pieces below.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """A variable or constant: `name` is a Latin letter or the name of a Greek one."""

    name: str
    face: str = "italic"  # italic, upright, script (N), board (E, R), bold


@dataclass(frozen=True)
class Number:
    digits: str


@dataclass(frozen=True)
class Function:
    """An upright name such as log or tr."""

    name: str


@dataclass(frozen=True)
class Sign:
    """An operator or relation; `kind` says how much room it takes: binary, relation, none, comma or thin.

    The kind "times" is a product written by standing side by side.
    """

    mark: str
    kind: str = "binary"


@dataclass(frozen=True)
class Row:
    parts: tuple[Piece, ...]


@dataclass(frozen=True)
class Fraction:
    top: Piece
    bottom: Piece


@dataclass(frozen=True)
class Script:
    base: Piece
    sub: Piece | None = None
    sup: Piece | None = None


@dataclass(frozen=True)
class Root:
    body: Piece


@dataclass(frozen=True)
class Hat:
    body: Piece


@dataclass(frozen=True)
class Exponential:
    body: Piece


@dataclass(frozen=True)
class Fence:
    """Brackets around a piece; soft ones are only written where a format runs on one line."""

    body: Piece
    left: str = "("
    right: str = ")"
    soft: bool = False


@dataclass(frozen=True)
class Big:
    """A sum, product or integral sign with its limits."""

    kind: str  # sum, prod, int
    lower: Piece | None = None
    upper: Piece | None = None


Piece = Letter | Number | Function | Sign | Row | Fraction | Script | Root | Hat | Exponential | Fence | Big
Paragraph = tuple["str | Piece", ...]

_RELATIONS = ("=", "≤", "<")
TIMES = Sign("", "times")
DOT = Sign("·")
PLUS, MINUS, NEGATIVE = Sign("+"), Sign("−"), Sign("−", "none")
COMMA = Sign(",", "comma")
BAR = Sign("|", "bar")
DOUBLE_BAR = Sign("‖", "relation")
FOLLOWS = Sign("∼", "relation")


def row(*parts: Piece) -> Piece:
    """Pieces side by side, flat."""
    flat: list[Piece] = []
    for p in parts:
        flat.extend(p.parts if isinstance(p, Row) else (p,))
    return flat[0] if len(flat) == 1 else Row(tuple(flat))


def is_tall(p: Piece | None) -> bool:
    """Does the piece need brackets taller than a line?"""
    match p:
        case None | Letter() | Number() | Function() | Sign():
            return False
        case Row(parts):
            return any(map(is_tall, parts))
        case Fraction() | Big():
            return True
        case Script(base, _, _):
            return is_tall(base)
        case Root(body) | Hat(body) | Exponential(body) | Fence(body):
            return is_tall(body)


def width(p: Piece | None) -> float:
    """About how many letters wide the piece is when typeset."""
    match p:
        case None:
            return 0
        case Letter() | Big(_, None, None):
            return 1
        case Number(digits):
            return len(digits)
        case Function(name):
            return len(name) + 0.5
        case Sign(_, kind):
            return {
                "binary": 2.5,
                "relation": 2.5,
                "none": 1.2,
                "bar": 1,
                "comma": 1,
                "thin": 0.5,
                "times": 0.4,
            }[kind]
        case Row(parts):
            return sum(map(width, parts))
        case Fraction(top, bottom):
            return max(width(top), width(bottom)) + 0.5
        case Script(base, sub, sup):
            return width(base) + 0.7 * max(width(sub), width(sup))
        case Root(body) | Exponential(body):
            return width(body) + 1.5
        case Hat(body):
            return width(body)
        case Fence(body, soft=soft):
            return width(body) + (0 if soft else 1.5)
        case Big(_, lower, upper):
            return max(1.5, 0.7 * max(width(lower), width(upper)))


def _opened(p: Piece, limit: float, depth: int) -> list[Piece]:
    """The pieces of a row, with brackets that are too wide taken apart into signs."""
    parts = p.parts if isinstance(p, Row) else (p,)
    out: list[Piece] = []
    for part in parts:
        if isinstance(part, Fence) and not part.soft and depth and width(part) > limit / 2:
            out.append(Sign(part.left, "open"))
            out.extend(_opened(part.body, limit, depth - 1))
            out.append(Sign(part.right, "close"))
        else:
            out.append(part)
    return out


def broken(p: Piece, limit: float) -> tuple[Piece, ...]:
    """The piece in rows of at most about `limit` letters, broken before +, - and relations."""
    if width(p) <= limit:
        return (p,)
    rows: list[list[Piece]] = [[]]
    chunk: list[Piece] = []

    def flush() -> None:
        if rows[-1] and sum(map(_wide, rows[-1])) + sum(map(_wide, chunk)) > limit:
            rows.append([])
        rows[-1].extend(chunk)
        chunk.clear()

    for part in _opened(p, limit, 2):
        if part in (PLUS, MINUS) or (isinstance(part, Sign) and part.mark in _RELATIONS):
            flush()
        chunk.append(part)
    flush()
    return tuple(Row(tuple(r)) for r in rows)


def _wide(p: Piece) -> float:
    return 1.0 if isinstance(p, Sign) and p.kind in ("open", "close") else width(p)
