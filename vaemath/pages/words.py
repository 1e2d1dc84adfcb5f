"""Hypotheses, notation and reasons in words."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from vaemath.core.terms import POINT, Sort, Term, make, open_with
from vaemath.pages.densities import ROLES, Label, role
from vaemath.pages.layout import COMMA, Fence, Letter, Number, Paragraph, Piece, Script, Sign, row
from vaemath.pages.names import indexed, letter, sentence
from vaemath.pages.write import Writer
from vaemath.terms.build import number, pdf
from vaemath.terms.text import as_expectation

ORACLES = {
    "sympy.integrate": "the value of a concrete one-dimensional integral, as SymPy finds it; "
    "the audit encloses it with ball arithmetic",
}
_AND = " and "


def statement(w: Writer, t: Term) -> Paragraph:
    """A statement as a formula, with words around it where it has quantifiers."""
    if t.head == "ae":
        z, body = w.opened(t.args[1], t)
        return (
            *statement(w, body),
            " for almost every ",
            letter(z),
            " under ",
            w.density(t.args[0], letter(z)),
        )
    if t.head == "forall":
        z, body = w.opened(t.args[0], t)
        return (*statement(w, body), " for every ", letter(z))
    if t.head == "integrable":
        expectation = as_expectation(t)
        if expectation is None:
            return (w.write(make("int" if len(t.args) == 1 else "intab", t.args)), " converges absolutely")
        z, body = w.opened(expectation.args[1], t)
        return (w.write(body), " is integrable under ", w.density(expectation.args[0], letter(z)))
    if t.head == "differentiable":
        x, body = w.opened(t.args[0], t)
        function = row(letter(x), Sign("↦", "relation"), w.write(body))
        return (function, " is differentiable at ", w.write(t.args[1]))
    if t.head == "exchange":
        return ("the derivative and the expectation may be exchanged in ", w.write(t.args[0]))
    if t.head in ("spd", "invertible"):
        kind = "symmetric positive definite" if t.head == "spd" else "invertible"
        return (w.write(t.args[0]), f" is {kind}")
    return (w.write(t),)


def hypothesis(w: Writer, t: Term) -> Paragraph:
    """A hypothesis in words."""
    if t.head == "def":
        return _definition(w, *t.args)
    if _is_total(t):
        lam = t.args[0].args[0]
        z, body = w.opened(lam, t)
        named = (w.density(body.args[0], letter(z)), " integrates to one")
        return (*named, ": ", w.write(t)) if role(body.args[0]) else named
    return statement(w, t)


def hypotheses(w: Writer, given: Iterable[Term]) -> list[Paragraph]:
    """Hypotheses in the order a reader needs them: meanings, what integrates to one, the rest.

    Functions that are integrable under one density share a line.
    """
    order = sorted(
        given, key=lambda h: 0 if h.head == "def" else 1 if _is_total(h) else 2 if _under(h) else 3
    )
    out: list[Paragraph] = []
    for q, group in groupby(order, key=_under):
        same = list(group)
        if q is None or len(same) == 1:
            out += [hypothesis(w, h) for h in same]
            continue
        functions = [f for h in same if (e := as_expectation(h)) is not None for f in e.args[1:]]
        parts: list[str | Piece] = []
        for k, f in enumerate(functions):
            _, body = w.opened(f, q)
            if k:
                parts.append(", " if k < len(same) - 1 else _AND)
            parts.append(w.write(body))
        z, _ = w.opened(functions[0], q)
        out.append((*parts, " are integrable under ", w.density(q, letter(z))))
    return out


def _under(h: Term) -> Term | None:
    """The density under which a hypothesis says that a function is integrable."""
    expectation = as_expectation(h)
    return None if expectation is None else expectation.args[0]


def _is_total(t: Term) -> bool:
    return (
        t.head == "eq"
        and t.args[0].head == "int"
        and t.args[0].args[0].args[0].head == "pdf"
        and t.args[1] == number(1)
    )


def _definition(w: Writer, name: Term, meaning: Term) -> Paragraph:
    """A definition written at a point: p(x) is the integral of ..."""
    label = ROLES.get(name.data[0], Label(name.data[0]))
    applied = name
    if meaning.head == "lam":
        given = make("sym", (), (label.given or "x", meaning.data[1]))
        applied, meaning = make("app", (name, given)), open_with(meaning, given)
    if meaning.head == "density":
        point = make("sym", (), (label.variable or "z", POINT))
        applied, meaning = pdf(applied, point), open_with(meaning.args[0], point)
    return (w.write(applied), " stands for ", w.write(meaning))


def meaning_of(w: Writer, density: Term, label: Label) -> Paragraph:
    """A letter and the concrete density it stands for."""
    return (label.alone(), " = ", w.density(density, full=True))


def notation(symbols: Iterable[Term]) -> list[Paragraph]:
    """What kind of thing each symbol is, kinds together, positivity included."""
    kinds: dict[tuple[int, str], list[Piece]] = {}
    notes: list[Paragraph] = []
    for s in sorted(symbols, key=lambda s: str(s.data[0])):
        name, sort = s.data[0], s.data[1]
        shown = letter(name)
        rank, words = _kind(sort)
        if words == "density":
            shown = (role(s) or (Label(name),))[0].alone()
        if words == "family of densities":
            shown = ROLES.get(name, Label(name, variable="z", given="x")).alone()
            words = "density"
        if sort[0] == "fun" and sort[1][0] in ("nat", "fin"):
            shown = indexed(shown, letter("k" if name in ("x", "mean", "l") else "j"))
        kinds.setdefault((rank, words), []).append(shown)
        if name == "logvar":
            notes.append((shown, " is a log-variance: the variance is ", _variance(shown)))
        if name == "mean":
            notes.append((shown, " is the decoder's mean"))
        if name == "l":
            notes.append((shown, " is the decoder's logit"))
    out = [_line(*rank_words, shown) for rank_words, shown in sorted(kinds.items(), key=lambda kv: kv[0])]
    return out + notes


def _variance(v: Piece) -> Piece:
    return Script(Letter("e"), None, v)


def _kind(sort: Sort) -> tuple[int, str]:
    head = sort[0]
    if head == "fun":
        rank, words = _kind(sort[2])
        if sort[1][0] in ("nat", "fin"):
            return rank, words
        if words == "density":
            return 8, "family of densities"
        return 7, "positive function" if words == "positive" else "function"
    return {
        "real": (1, "real"),
        "positive": (2, "positive"),
        "nat": (0, "dimension"),
        "mat": (4, "vector" if len(sort) == 3 and sort[2] == number(1) else "matrix"),
        "spd": (5, "covariance"),
        "point": (6, "point"),
        "bit": (3, "bit"),
        "dist": (8, "density"),
    }.get(str(head), (9, "symbol"))


def _line(rank: int, words: str, shown: list[Piece]) -> Paragraph:
    many = len(shown) > 1
    names: list[Piece] = []
    for s in shown:
        names += [COMMA, s] if names else [s]
    listed = row(*names)
    real = Letter("R", "board")
    n = Letter("n")
    said: dict[str, Paragraph] = {
        "real": (row(listed, Sign("∈", "relation"), real),),
        "positive": (row(listed, Sign(">", "relation"), Number("0")),),
        "dimension": (listed, " integers, at least 1" if many else " an integer, at least 1"),
        "vector": (row(listed, Sign("∈", "relation"), Script(real, None, n)),),
        "matrix": (row(listed, Sign("∈", "relation"), Script(real, None, row(n, Sign("×", "none"), n))),),
        "covariance": (listed, " symmetric positive definite, ", row(n, Sign("×", "none"), n)),
        "bit": (row(listed, Sign("∈", "relation"), Fence(row(Number("0"), COMMA, Number("1")), "{", "}")),),
        "point": (listed, " points" if many else " a point"),
        "function": (listed, " functions" if many else " a function"),
        "positive function": (listed, " positive functions" if many else " a positive function"),
        "density": (
            listed,
            " positive functions, read as densities" if many else " a positive function, read as a density",
        ),
    }
    return said.get(words, (listed,))


def heading(text: str) -> Paragraph:
    """A title, its first word with a capital."""
    first, *rest = sentence(text)
    return (first[:1].upper() + first[1:] if isinstance(first, str) else first, *rest)


def reason(text: str) -> Paragraph:
    """A reason, its symbols as letters."""
    return sentence(text)
