"""Formulas as MathML Core, which browsers set without any script."""

from __future__ import annotations

from html import escape

from vaemath.pages.layout import (
    Big,
    Exponential,
    Fence,
    Fraction,
    Function,
    Hat,
    Letter,
    Number,
    Paragraph,
    Piece,
    Root,
    Row,
    Script,
    Sign,
    is_tall,
)
from vaemath.pages.names import GREEK

_BIG = {"sum": "∑", "prod": "∏", "int": "∫"}
_BOARD = {"E": "𝔼", "R": "ℝ"}
_SCRIPT = {"N": "𝒩"}


def mathml(p: Piece, *, block: bool = False) -> str:
    """A whole ``math`` element."""
    display = ' display="block"' if block else ""
    return f"<math{display}>{_show(p)}</math>"


def html_text(paragraph: Paragraph) -> str:
    """A paragraph as HTML, its formulas as MathML."""
    return "".join(escape(p, quote=False) if isinstance(p, str) else mathml(p) for p in paragraph)


def _show(p: Piece | None) -> str:
    match p:
        case None:
            return "<mrow></mrow>"
        case Letter(name, face):
            shown = _BOARD.get(name) if face == "board" else _SCRIPT.get(name) if face == "script" else None
            upright = ' mathvariant="normal"' if face == "upright" else ""
            primes = "′" * len(name) if name[0] == "'" else None
            return f"<mi{upright}>{shown or primes or GREEK.get(name, name)}</mi>"
        case Number(digits):
            return f"<mn>{digits}</mn>"
        case Function(name):
            return (
                f"<mi>{name}</mi><mo>&#x2061;</mo>"
                if len(name) > 1
                else f'<mi mathvariant="normal">{name}</mi>'
            )
        case Sign(mark, kind):
            return _sign(mark, kind)
        case Row(parts):
            return f"<mrow>{''.join(map(_show, parts))}</mrow>"
        case Fraction(top, bottom):
            return f"<mfrac>{_one(top)}{_one(bottom)}</mfrac>"
        case Script(base, sub, sup):
            return _script(_one(base), sub, sup)
        case Root(body):
            return f"<msqrt>{_show(body)}</msqrt>"
        case Hat(body):
            return f'<mover accent="true">{_one(body)}<mo>^</mo></mover>'
        case Exponential(body):
            return f"<msup><mi>e</mi>{_one(body)}</msup>"
        case Fence(body, left, right, soft):
            if soft:
                return _show(body)
            stretch = "" if is_tall(body) else ' stretchy="false"'
            a, b = (f'<mo fence="true"{stretch}>{mark}</mo>' for mark in (left, right))
            return f"<mrow>{a}{_show(body)}{b}</mrow>"
        case Big(kind, lower, upper):
            sign = f"<mo>{_BIG[kind]}</mo>"
            if lower is None and upper is None:
                return sign
            tag = "msubsup" if kind == "int" else "munderover"
            return f"<{tag}>{sign}{_one(lower)}{_one(upper)}</{tag}>"


def _one(p: Piece | None) -> str:
    return f"<mrow>{_show(p)}</mrow>"


def _script(base: str, sub: Piece | None, sup: Piece | None) -> str:
    if sub is not None and sup is not None:
        return f"<msubsup>{base}{_one(sub)}{_one(sup)}</msubsup>"
    if sub is not None:
        return f"<msub>{base}{_one(sub)}</msub>"
    return f"<msup>{base}{_one(sup)}</msup>"


def _sign(mark: str, kind: str) -> str:
    if kind == "times":
        return '<mspace width="0.15em"/>'
    if kind == "thin":
        return '<mspace width="0.17em"/>'
    if kind in ("open", "close"):
        return f'<mo fence="true" stretchy="false">{mark}</mo>'
    if kind == "none":
        return f'<mo form="prefix" lspace="0" rspace="0.1em">{mark}</mo>'
    if kind == "comma":
        return f'<mo separator="true" lspace="0" rspace="0.2em">{mark}</mo>'
    if kind == "bar":
        return f'<mo stretchy="false" lspace="0.1em" rspace="0.1em">{mark}</mo>'
    space = "0.28em" if kind == "relation" else "0.22em"
    return f'<mo form="infix" stretchy="false" lspace="{space}" rspace="{space}">{escape(mark)}</mo>'
