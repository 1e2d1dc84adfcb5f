"""Formulas as Typst mathematics."""

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
    Paragraph,
    Piece,
    Root,
    Row,
    Script,
    Sign,
)
from vaemath.pages.names import GREEK

_BIG = {"sum": "sum", "prod": "product", "int": "integral"}
_BUILT_IN = ("log", "exp", "det", "tr")


def typst(p: Piece) -> str:
    """Typst source for use between dollar signs."""
    match p:
        case Letter(name, face):
            if face == "board":
                return f"bb({name})"
            if face == "script":
                return f"cal({name})"
            if name[0] == "'":
                return "prime " * len(name)
            shown = GREEK.get(name, name)
            return (
                f'upright("{shown}")' if len(shown) > 1 or (face == "upright" and shown.isalpha()) else shown
            )
        case Number(digits):
            return digits
        case Function(name):
            return name if name in _BUILT_IN else f'op("{name}")'
        case Sign(mark, kind):
            return _sign(mark, kind)
        case Row(parts):
            return _row(parts)
        case Fraction(top, bottom):
            return f"frac({_argument(top)}, {_argument(bottom)})"
        case Script(base, sub, sup):
            shown = typst(base)
            if isinstance(base, Fence):
                shown = f"lr({shown})"
            if sub is not None:
                shown += f"_({typst(sub)})" if not _needs_no_group(sub) else f"_{typst(sub)}"
            if sup is not None:
                shown += f"^({typst(sup)})" if not _needs_no_group(sup) else f"^{typst(sup)}"
            return shown
        case Root(body):
            return f"sqrt({_argument(body)})"
        case Hat(body):
            return f"hat({typst(body)})"
        case Exponential(body):
            if any(
                isinstance(x, Fence) for x in (body.parts if isinstance(body, Row) else (body,))
            ) or isinstance(body, Fraction):
                return f"exp({typst(body)})"
            return f"e^({typst(body)})"
        case Fence(body, left, right, soft):
            return typst(body) if soft else f"{left}{typst(body)}{right}"
        case Big(kind, lower, upper):
            low = "" if lower is None else f"_({typst(lower)})"
            return f"{_BIG[kind]}{low}" + ("" if upper is None else f"^({typst(upper)})")


def typst_text(paragraph: Paragraph) -> str:
    """A paragraph as Typst markup, its formulas between dollar signs."""
    return "".join(escaped(p) if isinstance(p, str) else f"${typst(p)}$" for p in paragraph)


def escaped(words: str) -> str:
    """Words as Typst markup that means just them."""
    return "".join("\\" + c if c in "\\#$*_`<>@=-+/[]~" else c for c in words)


def _needs_no_group(p: Piece) -> bool:
    return isinstance(p, Letter | Number) and len(typst(p)) == 1


def _argument(p: Piece) -> str:
    """An argument of a Typst function: commas at its own level would end it."""
    return typst(p).replace(";", "\\;")


def _row(parts: tuple[Piece, ...]) -> str:
    out: list[str] = []
    for k, p in enumerate(parts):
        if isinstance(p, Sign) and p.kind == "times":
            before, after = parts[k - 1], parts[k + 1]
            if not isinstance(before, Number | Function) and not isinstance(after, Fence):
                out.append("thin")
        else:
            out.append(typst(p))
    return " ".join(out)


def _sign(mark: str, kind: str) -> str:
    if kind == "thin":
        return "thin"
    if kind in ("open", "close"):
        return f"\\{mark}"
    return {"‖": "thin ‖ thin", "|": "mid(|)", "/": "\\/", ";": "\\;", "≤": "<=", "≠": "!="}.get(mark, mark)
