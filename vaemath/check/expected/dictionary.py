"""The terms that a KL divergence or a loss may be made of, right ones and wrong ones, with their
texts.

Each term is a function of one element's numbers; a formula is recovered as a combination of their
sums.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaemath.check.expected.design import Point
from vaemath.check.reading.plan import Plan
from vaemath.testing.conventions import SPREADS

__all__ = ["Term", "terms_for"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Term:
    """A term: its text with {m}, {s}, {m2}, {s2}, {x}, {r} for the parameters, and its value per
    element.
    """

    text: str
    value: Callable[[Point], Array]
    part: str = "kl"  # kl, recon or constant


def terms_for(plan: Plan, *, wide: bool) -> list[Term]:
    """The terms of a family; `wide` adds unlikely ones."""
    positive = plan.matrix or all(SPREADS[c[0]].positive for c in plan.conventions.values())
    kl = _pair(positive, wide) if "spread_q" in plan.roles else _standard(positive, wide)
    return [*kl, *_recon(plan.decoder), Term("1", lambda p: np.ones_like(p["loc"]), "constant")]


def _s(p: Point, role: str = "spread") -> Array:
    raw = p[role]
    return np.diagonal(raw, axis1=-2, axis2=-1) if raw.ndim == 3 else raw


def _power(role: str, n: float) -> Callable[[Point], Array]:
    return lambda p: _s(p, role) ** n


def _exp(role: str, n: float) -> Callable[[Point], Array]:
    return lambda p: np.exp(n * _s(p, role))


def _times(f: Callable[[Point], Array], g: Callable[[Point], Array]) -> Callable[[Point], Array]:
    return lambda p: f(p) * g(p)


def _scales(positive: bool, mark: str, role: str, wide: bool) -> list[Term]:
    """Functions of one spread."""
    s = "{s" + mark + "}"
    if positive:
        powers = [(2.0, f"{s}^2"), (1.0, s), (-2.0, f"1/{s}^2"), (-1.0, f"1/{s}")]
        powers += [(4.0, f"{s}^4"), (0.5, f"sqrt({s})")] if wide else []
        return [
            Term(f"log({s})", lambda p: np.log(_s(p, role))),
            *(Term(text, _power(role, n)) for n, text in powers),
        ]
    rates = [(1.0, f"exp({s})"), (2.0, f"exp(2 {s})"), (0.5, f"exp({s}/2)"), (-1.0, f"exp(-{s})")]
    rates += [(-2.0, f"exp(-2 {s})"), (-0.5, f"exp(-{s}/2)"), (4.0, f"exp(4 {s})")] if wide else []
    powers = [(1.0, s), (2.0, f"{s}^2")]
    return [
        *(Term(text, _exp(role, n)) for n, text in rates),
        *(Term(text, _power(role, n)) for n, text in powers),
    ]


def _standard(positive: bool, wide: bool) -> list[Term]:
    scales = _scales(positive, "", "spread", wide)
    locs = [
        Term("{m}^2", lambda p: p["loc"] ** 2),
        Term("{m}", lambda p: p["loc"]),
        Term("|{m}|", lambda p: np.abs(p["loc"])),
    ]
    products = [
        Term(f"{{m}}^2 {t.text}", _times(locs[0].value, t.value))
        for t in scales
        if t.text in ("exp(-{s})", "exp({s})", "exp(-2 {s})", "1/{s}", "1/{s}^2", "{s}", "{s}^2")
    ]
    if wide:
        products += [Term(f"{{m}} {t.text}", _times(locs[1].value, t.value)) for t in scales[:4]]
        locs.append(Term("{m}^4", lambda p: p["loc"] ** 4))
    return [*locs, *scales, *products]


def _pair(positive: bool, wide: bool) -> list[Term]:
    def difference(p: Point) -> Array:
        return p["loc"] - p["loc_q"]

    squares: list[tuple[str, Callable[[Point], Array]]] = [
        ("({m} - {m2})^2", lambda p: difference(p) ** 2),
        ("({m} - {m2})", difference),
        ("|{m} - {m2}|", lambda p: np.abs(difference(p))),
        ("({m} + {m2})^2", lambda p: (p["loc"] + p["loc_q"]) ** 2),
        ("{m}^2", lambda p: p["loc"] ** 2),
    ]
    if positive:
        weights = [(r, n) for r in ("spread", "spread_q") for n in (-2.0, -1.0, 2.0, 1.0)]
        of = {(r, n): (_text_power("{s}" if r == "spread" else "{s2}", n), _power(r, n)) for r, n in weights}
        ratios = [(1.0, -1.0), (2.0, -2.0), (-1.0, 1.0), (-2.0, 2.0), (0.5, -0.5), (1.0, -2.0)]
        ratios += [(2.0, -1.0), (4.0, -4.0), (1.0, 1.0), (2.0, 2.0)] if wide else []
        mixed = [
            Term(_text_product(a, b), _times(_power("spread", a), _power("spread_q", b))) for a, b in ratios
        ]
    else:
        weights = [(r, n) for r in ("spread_q", "spread") for n in (-1.0, -2.0, -0.5, 1.0, 2.0)]
        of = {(r, n): (_text_exp("{s}" if r == "spread" else "{s2}", n), _exp(r, n)) for r, n in weights}
        ratios = [(1.0, -1.0), (2.0, -2.0), (0.5, -0.5), (-1.0, 1.0), (-2.0, 2.0), (-0.5, 0.5)]
        ratios += [(1.0, 1.0), (2.0, -1.0), (1.0, -2.0)] if wide else []
        mixed = [Term(_text_ratio(a, b), _times(_exp("spread", a), _exp("spread_q", b))) for a, b in ratios]
    out = [
        *_scales(positive, "", "spread", False),
        *_scales(positive, "2", "spread_q", False),
        *mixed,
    ]
    chosen = squares if wide else squares[:1]
    for text, value in chosen:
        out.append(Term(text, value))
        out += [Term(f"{text} {t}".replace(" /", "/"), _times(value, f)) for t, f in of.values()]
    return out


def _text_power(symbol: str, n: float) -> str:
    if n == 1:
        return symbol
    return f"{symbol}^{n:g}" if n > 0 else f"/{symbol}" if n == -1 else f"/{symbol}^{-n:g}"


def _text_product(a: float, b: float) -> str:
    factors = sorted([("{s}", a), ("{s2}", b)], key=lambda f: f[1] < 0)
    return " ".join(_text_power(symbol, n) for symbol, n in factors).replace(" /", "/")


def _text_exp(symbol: str, n: float) -> str:
    inside = symbol if abs(n) == 1 else f"{symbol}/2" if abs(n) == 0.5 else f"{abs(n):g} {symbol}"
    return f"exp({'-' if n < 0 else ''}{inside})"


def _text_ratio(a: float, b: float) -> str:
    if a == -b:
        inside = "{s} - {s2}" if a > 0 else "{s2} - {s}"
        size = abs(a)
        if size == 1:
            return f"exp({inside})"
        return f"exp(({inside})/2)" if size == 0.5 else f"exp({size:g} ({inside}))"
    return f"exp({a:g} {{s}} + {b:g} {{s2}})"


def _recon(decoder: str) -> list[Term]:
    def pair(f: Callable[[Array, Array], Array]) -> Callable[[Point], Array]:
        return lambda p: f(p["x"], p["recon"])

    if decoder == "mean":
        texts: list[tuple[str, Callable[[Array, Array], Array]]] = [
            ("({x} - {r})^2", lambda x, r: (x - r) ** 2),
            ("|{x} - {r}|", lambda x, r: np.abs(x - r)),
            ("({x} - {r})", lambda x, r: x - r),
            ("({x} + {r})^2", lambda x, r: (x + r) ** 2),
        ]
    elif decoder == "probs":
        texts = [
            ("{x} log({r})", lambda x, r: x * np.log(r)),
            ("(1 - {x}) log(1 - {r})", lambda x, r: (1 - x) * np.log1p(-r)),
            ("log({r})", lambda x, r: np.log(r)),
            ("log(1 - {r})", lambda x, r: np.log1p(-r)),
            ("{r} log({x})", lambda x, r: r * np.log(x)),
            ("(1 - {r}) log(1 - {x})", lambda x, r: (1 - r) * np.log1p(-x)),
            ("log(1 + exp({r}))", lambda x, r: np.log1p(np.exp(r))),
            ("{x} {r}", lambda x, r: x * r),
            ("({x} - {r})^2", lambda x, r: (x - r) ** 2),
        ]
    elif decoder == "logits":
        texts = [
            ("log(1 + exp({r}))", lambda x, r: np.log1p(np.exp(r))),
            ("{x} {r}", lambda x, r: x * r),
            ("{r}", lambda x, r: r),
            ("({x} - {r})^2", lambda x, r: (x - r) ** 2),
            ("{x} log(1 + exp({r}))", lambda x, r: x * np.log1p(np.exp(r))),
        ]
    else:
        return []
    return [Term(text, pair(f), "recon") for text, f in texts]
