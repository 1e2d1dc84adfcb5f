"""Broken laws of the normal form, and of what is plain from the form of a term."""

from __future__ import annotations

from typing import Any

from tests.proof.faults.registry import law
from vaemath.core import heads, normal, obligations, words
from vaemath.core.terms import Term, make

POSITIVE = lambda t: ">"

law("algebra", "logarithms and roots split whatever the signs", (normal, "sign", POSITIVE))
law(
    "algebra",
    "a trace is blind to the order of its letters",
    (words, "_trace", lambda w, n: _any_order(w, n)),
)
law(
    "algebra",
    "every matrix is symmetric",
    (words, "_letter", lambda t, transposed=False, inverted=False: (t, False, inverted)),
)
law("algebra", "every L L' is its matrix", (words, "_reduced", lambda w: _reduced_wrong(w)))
law("algebra", "(A B)' = A' B'", (words, "flipped", lambda w: tuple((t, not tr, i) for t, tr, i in w)))
law("algebra", "u' D v is the trace of D", (words, "_diagonal", lambda w: _trace_of_diagonals(w)))
law("signed", "a weak part makes a sum positive", (heads, "sign", POSITIVE))
law(
    "assume", "whatever is at most is evident", (obligations, "evident", lambda p: p.head in ("le", "forall"))
)
law("assume", "every matrix is definite by its form", (obligations, "is_definite", lambda m: True))
law("log_tangent", "logarithms need nothing", (obligations, "evident", lambda p: p.head == "lt"))
law("linearity", "every integral converges", (obligations, "evident", lambda p: p.head == "integrable"))
law(
    "differentiate",
    "every function is differentiable",
    (obligations, "evident", lambda p: p.head == "differentiable"),
)
law("algebra", "nothing is zero", (obligations, "evident", lambda p: p.head == "ne"))
law("algebra", "every matrix is invertible", (obligations, "evident", lambda p: p.head == "invertible"))


def _any_order(w: Any, n: Term) -> Any:
    letters = tuple(sorted(w, key=lambda x: normal.key(x[0])))
    return normal.atom_poly(make("tr", (words.word_term(letters, n),)))


def _reduced_wrong(w: Any) -> Any:
    out: list[Any] = []
    for x in w:
        if out and out[-1][0] == x[0] and x[0].head == "chol":
            out[-1] = (x[0].args[0], False, False)
        elif out and out[-1][:2] == x[:2] and out[-1][2] != x[2]:
            out.pop()
        else:
            out.append(x)
    return tuple(out)


_RIGHT = words._diagonal


def _trace_of_diagonals(w: Any) -> Any:
    inner = tuple(x for x in w if x[0].head == "diagm")
    return _RIGHT(inner) if inner else _RIGHT(w)
