"""The one place at which `check` takes terms, normal forms and theorems from the proof core."""

from __future__ import annotations

import re
from functools import cache

from vaemath.core.heads import sign, unfold
from vaemath.core.normal import (
    LARGEST,
    Mono,
    Poly,
    atom_poly,
    constant,
    key,
    plus,
    poly,
    raised,
    residual,
    times,
    to_term,
)
from vaemath.core.terms import NAT, POSITIVE, REAL, Sort, Term, TermError, make, rebuild, substitute
from vaemath.core.theorem import ProofError
from vaemath.library import certificate
from vaemath.proof.stored import read_terms
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
    zero,
)
from vaemath.terms.build import symbol as named

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
    "constant",
    "density",
    "div",
    "exp",
    "key",
    "log",
    "make",
    "mul",
    "name_of",
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
def symbol(name: str, sort: Sort) -> Term:
    """The symbol for any name, such as `out['mu']|0,1`: letters not allowed there are spelt."""
    spelt = re.sub(r"[^A-Za-z0-9]", lambda m: f"_{ord(m.group()):x}z", name)
    return named(f"v{spelt}", sort)


@cache
def name_of(t: Term) -> str:
    """The name that a symbol was made for."""
    return re.sub(r"_([0-9a-f]+)z", lambda m: chr(int(m.group(1), 16)), str(t.data[0])[1:])


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
