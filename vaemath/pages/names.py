"""How the names of symbols are written."""

from __future__ import annotations

import re

from vaemath.pages.layout import COMMA, Hat, Letter, Number, Piece, Script, row

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eps": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "pi": "π", "ell": "ℓ", "partial": "∂", "nabla": "∇", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ",
    "Lambda": "Λ", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip

# Names that the scripts write out, and the letters that the notes use for them.
_WRITTEN = {"logvar": "v", "joint": "p", "l": "ell", "e": "eps", "eps": "eps"}


def letter(name: str) -> Piece:
    """The letter of a symbol, with what follows an underscore as its subscript."""
    base, _, sub = name.split("#")[0].partition("_")
    primes = len(base) - len(base.rstrip("'"))
    base = base.rstrip("'")
    if base == "mean":
        shown: Piece = Hat(Letter("x"))
    else:
        known = _WRITTEN.get(base, base)
        plain = len(known) == 1 or known in GREEK
        shown = Letter(known) if plain else Letter(known, "upright")
    sup = Letter("'" * primes, "upright") if primes else None
    return Script(shown, _index(sub) if sub else None, sup) if sub or sup else shown


def _index(sub: str) -> Piece:
    parts: list[Piece] = []
    for word in sub.split("_"):
        if parts:
            parts.append(COMMA)
        parts.append(Number(word) if word.isdigit() else letter(word))
    return row(*parts)


def indexed(symbol: Piece, *indices: Piece) -> Piece:
    """A symbol with indices, after those it has."""
    base, before = (symbol.base, symbol.sub) if isinstance(symbol, Script) else (symbol, None)
    parts: list[Piece] = [before] if before is not None else []
    for i in indices:
        if parts:
            parts.append(COMMA)
        parts.append(i)
    return Script(base, row(*parts))


_TOKEN = re.compile(
    r"(?<![\w'-])(?:(?P<word>[A-Za-z]+)(?P<sub>(?:_[0-9a-z]+)*)(?P<sup>\^-?\w+)?(?P<mark>'?))(?![\w-])|(?P<sign><=|>=)"
)


def sentence(reason: str) -> tuple[str | Piece, ...]:
    """A reason as words and letters: ``2 log sigma = log sigma^2`` has its sigma as a letter."""
    out: list[str | Piece] = []
    at = 0
    for m in _TOKEN.finditer(reason):
        piece = _token(m)
        if piece is not None:
            out += [_plain(reason[at : m.start()]), piece]
            at = m.end()
    out.append(_plain(reason[at:]))
    return tuple(p for p in out if p != "")


def _plain(words: str) -> str:
    """Signs that a keyboard lacks."""
    return words.replace(" - ", " − ").replace("||", "‖").replace(")'", ")ᵀ")


def _token(m: re.Match[str]) -> Piece | None:
    if m["sign"]:
        return Letter("≤" if m["sign"] == "<=" else "≥", "upright")
    word = m["word"]
    single = len(word) == 1 and (word != "a" or m["sub"] or m["sup"])
    if not single and not (word in GREEK and word != "partial"):
        return None
    if m["mark"]:
        return None if not single else Script(letter(word + m["sub"]), None, Letter("T", "upright"))
    if word == "e":
        base: Piece = Letter("e", "upright")
    else:
        base = letter(word + m["sub"]) if word != "l" else Letter("l")
    if not m["sup"]:
        return base
    power = m["sup"][1:]
    sup: Piece = Number(power.replace("-", "−")) if power.lstrip("-").isdigit() else letter(power)
    return Script(base.base, base.sub, sup) if isinstance(base, Script) else Script(base, None, sup)
