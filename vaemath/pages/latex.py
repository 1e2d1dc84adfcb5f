"""Formulas as LaTeX, for MathJax and for TeX."""

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
    is_tall,
)
from vaemath.pages.names import GREEK

_SIGNS = {
    "−": "-", "·": r"\cdot", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "‖": r"\,\|\,", "|": r"\mid",
    "∼": r"\sim",     "↦": r"\mapsto", "": "", "∈": r"\in", "×": r"\times",
}  # fmt: skip
_FACES = {"script": r"\mathcal", "board": r"\mathbb", "bold": r"\mathbf"}
_BUILT_IN = ("log", "exp", "det")


def latex(p: Piece) -> str:
    """LaTeX for use in math mode."""
    match p:
        case Letter(name, face):
            return _letter(name, face)
        case Number(digits):
            return digits.replace("−", "-")
        case Function(name):
            return f"\\{name}" if name in _BUILT_IN else rf"\operatorname{{{name}}}"
        case Sign(mark, kind):
            return _sign(mark, kind)
        case Row(parts):
            return _row(parts)
        case Fraction(top, bottom):
            return rf"\frac{{{latex(top)}}}{{{latex(bottom)}}}"
        case Script(base, sub, sup):
            shown = latex(base)
            shown = shown if isinstance(base, Letter | Fence | Function | Number) else f"{{{shown}}}"
            if sub is not None:
                shown += f"_{{{latex(sub)}}}"
            if sup is not None:
                shown += (
                    "'" * len(sup.name)
                    if isinstance(sup, Letter) and sup.name[0] == "'"
                    else f"^{{{latex(sup)}}}"
                )
            return shown
        case Root(body):
            return rf"\sqrt{{{latex(body)}}}"
        case Hat(body):
            return rf"\hat{{{latex(body)}}}"
        case Exponential(body):
            if any(map(_deep, body.parts if isinstance(body, Row) else ())) or _deep(body):
                return rf"\exp\left({latex(body)}\right)"
            return f"e^{{{latex(body)}}}"
        case Fence(body, left, right, soft):
            if soft:
                return latex(body)
            inside = latex(body)
            return rf"\left{left}{inside}\right{right}" if is_tall(body) else f"{left}{inside}{right}"
        case Big(kind, lower, upper):
            low = "" if lower is None else f"_{{{latex(lower)}}}"
            return f"\\{kind}{low}" + ("" if upper is None else f"^{{{latex(upper)}}}")


def _deep(p: Piece) -> bool:
    match p:
        case Fence():
            return True
        case Fraction(top, bottom):
            return any(not isinstance(x, Letter | Number | Script) for x in (top, bottom))
    return False


def _letter(name: str, face: str) -> str:
    if face in _FACES:
        return f"{_FACES[face]}{{{name}}}"
    if name in ("≤", "≥"):
        return _SIGNS[name]
    if name == "eps":
        return r"\varepsilon"
    if name == "phi":
        return r"\phi"
    if name in GREEK:
        return f"\\{name}"
    if face == "upright":
        return r"\top" if name == "T" else rf"\mathrm{{{name}}}"
    return name


def _sign(mark: str, kind: str) -> str:
    if kind == "thin":
        return r"\,"
    if kind in ("open", "close"):
        return rf"\big{'l' if kind == 'open' else 'r'}{mark}"
    return _SIGNS.get(mark, mark)


def _row(parts: tuple[Piece, ...]) -> str:
    out: list[str] = []
    for k, p in enumerate(parts):
        if isinstance(p, Sign) and p.kind == "times":
            before, after = parts[k - 1], parts[k + 1]
            roomy = not isinstance(before, Number | Function) and not isinstance(after, Fence)
            if roomy and not (
                isinstance(before, Letter | Script) and isinstance(after, Letter | Script | Number)
            ):
                out.append(r"\,")
        else:
            out.append(latex(p))
    return " ".join(out)


_TEXT = {
    "−": "$-$",
    "‖": r"$\|$",
    "ᵀ": r"$^{\top}$",
    "≤": r"$\le$",
    "×": r"$\times$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "^": r"\^{}",
}


def mixed(paragraph: Paragraph) -> str:
    """A paragraph for TeX's text mode: words, with formulas between dollar signs."""
    words = (
        "".join(_TEXT.get(c, c) for c in p) if isinstance(p, str) else f"${latex(p)}$" for p in paragraph
    )
    return "".join(words).replace("$$", "")
