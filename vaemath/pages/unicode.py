"""Formulas as one line of Unicode text."""

from __future__ import annotations

from vaemath.pages.layout import (
    Big,
    Exponential,
    Fence,
    Fraction,
    Function,
    Hat,
    Letter,
    Number,
    Piece,
    Root,
    Row,
    Script,
    Sign,
)
from vaemath.pages.names import GREEK

_UP = dict(zip("0123456789+−=()nijkdmDKLMNVT'x", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱʲᵏᵈᵐᴰᴷᴸᴹᴺⱽᵀ′ˣ", strict=True))
_DOWN = dict(zip("0123456789+−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_BIG = {"sum": "∑", "prod": "∏", "int": "∫"}
_PARTIAL = Letter("partial")
_HALF = (Number("1"), Number("2"))
_BOARD = {"E": "𝔼", "R": "ℝ"}


def unicode(p: Piece) -> str:
    """One line of text."""
    match p:
        case Letter(name, face):
            if face == "board":
                return _BOARD[name]
            return GREEK.get(name, name) if name != "'" else "′"
        case Number(digits):
            return digits
        case Function(name):
            return name
        case Sign(mark, kind):
            return {
                "binary": f" {mark} ",
                "relation": f" {mark} ",
                "comma": f"{mark} ",
                "thin": " ",
                "times": " ",
            }.get(kind, mark)
        case Row(parts):
            return _row(parts)
        case Fraction(top, bottom):
            if (top, bottom) == _HALF:
                return "½"
            return f"{_tight(top)}/{_tight(bottom, below=True)}"
        case Script(base, sub, sup):
            return unicode(base) + _scripted(sub, _DOWN, "_") + _scripted(sup, _UP, "^")
        case Root(body):
            return f"√({unicode(body)})" if isinstance(body, Row) else f"√{unicode(body)}"
        case Hat(body):
            return unicode(body) + "\u0302"
        case Exponential(body):
            short = isinstance(body, Letter | Number | Script)
            return f"e^{unicode(body)}" if short else f"exp({unicode(body)})"
        case Fence(body, left, right):
            return f"{left}{unicode(body)}{right}"
        case Big(kind, lower, upper):
            return _BIG[kind] + _scripted(lower, _DOWN, "_") + _scripted(upper, _UP, "^")


def _row(parts: tuple[Piece, ...]) -> str:
    out = ""
    for k, p in enumerate(parts):
        if isinstance(p, Sign) and p.kind == "times":
            before, after = parts[k - 1], parts[k + 1]
            close = isinstance(before, Number) and isinstance(after, Letter | Script | Root | Fence)
            ratio = (
                isinstance(before, Fraction)
                and (before.top, before.bottom) != _HALF
                and before.top != _PARTIAL
            )
            out += (
                " · "
                if ratio
                else ""
                if close or (isinstance(before, Function) and isinstance(after, Fence))
                else " "
            )
        else:
            out += unicode(p)
            if isinstance(p, Big) and k + 1 < len(parts):
                out += " "
    return out


def _tight(p: Piece, below: bool = False) -> str:
    """What stands above or below a fraction's bar: in brackets unless it is one thing."""
    shown = unicode(p)
    if isinstance(p, Row):
        if p.parts[0] == _PARTIAL:
            return shown
        call = len(p.parts) == 2 and isinstance(p.parts[1], Fence) and not isinstance(p.parts[0], Number)
        plain = all(
            isinstance(x, Letter | Script | Number | Fence | Root) or x == Sign("", "times") for x in p.parts
        )
        if call or (plain and not below):
            return shown
        return f"({shown})"
    return f"({shown})" if isinstance(p, Fraction) else shown


def _scripted(p: Piece | None, table: dict[str, str], mark: str) -> str:
    if p is None:
        return ""
    shown = unicode(p).replace(" ", "")
    if set(shown) == {"′"}:
        return shown
    squeezed = shown.replace(",", "") if mark == "_" and all(c in table or c == "," for c in shown) else shown
    if squeezed and all(c in table for c in squeezed):
        return "".join(table[c] for c in squeezed)
    return f"{mark}{shown}" if len(shown) == 1 or shown == "KL" else f"{mark}{{{unicode(p)}}}"
