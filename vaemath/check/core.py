"""The one place at which `check` takes terms, normal forms and theorems from the proof core."""

from __future__ import annotations

from functools import cache

from vaemath.library import certificate
from vaemath.proof.normal import (
    LARGEST,
    Mono,
    Poly,
    atom_poly,
    canon,
    constant,
    plus,
    poly,
    raised,
    residual,
    times,
    to_term,
)
from vaemath.proof.sign import sign
from vaemath.proof.stored import read_terms
from vaemath.proof.theorem import ProofError
from vaemath.terms.build import (
    Bernoulli,
    Normal,
    add,
    app,
    div,
    exp,
    log,
    mul,
    neg,
    number,
    one,
    pdf,
    pi,
    power,
    special,
    sub,
    symbol,
    zero,
)
from vaemath.terms.definitions import unfold
from vaemath.terms.term import NAT, POSITIVE, REAL, Term, TermError, make, rebuild, substitute

__all__ = [
    "LARGEST",
    "NAT",
    "POSITIVE",
    "REAL",
    "Mono",
    "Poly",
    "ProofError",
    "Term",
    "TermError",
    "add",
    "app",
    "atom_poly",
    "canon",
    "constant",
    "density",
    "div",
    "exp",
    "log",
    "make",
    "mul",
    "neg",
    "number",
    "one",
    "pi",
    "plus",
    "poly",
    "power",
    "raised",
    "read_terms",
    "rebuild",
    "residual",
    "right_side",
    "sign",
    "special",
    "sub",
    "substitute",
    "symbol",
    "times",
    "to_term",
    "zero",
]


@cache
def right_side(id: str) -> Term:
    """The right side of a theorem of the library, read from its certificate (whose hash is compared)."""
    data = certificate(id)
    place = data["steps"][data["blocks"][0]["step"]]["statement"]
    statement: Term = read_terms(data["terms"])[place]
    return statement.args[1]


def density(family: str, x: Term, *parameters: Term) -> Term:
    """The density at x by its definition; the mass of a Bernoulli is read for every x in [0, 1]."""
    if family == "bernoulli":
        bit = symbol("bit", ("bit",))
        return substitute(unfold(pdf(Bernoulli(*parameters), bit)), {bit: x})
    return unfold(pdf(Normal(*parameters), x))
