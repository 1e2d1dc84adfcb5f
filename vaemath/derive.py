"""Everything that a derivation script needs: ``from vaemath.derive import *``.

The words are those of the notes: densities (`Normal`, `MvNormal`, `Indep`, `Density`, `Bernoulli`),
`E`, `KL`, `H`, `CE`, `pdf`, `D` for derivatives, `tr`, `logdet`, `inv` for matrices; then the reasons
that a line may give (`definition`, `linearity`, `algebra`, ...), and `theorem` to build on others.
"""

from __future__ import annotations

from typing import Any

from vaemath.core import rules
from vaemath.core.terms import BIT, NAT, POINT, POSITIVE, REAL, Term
from vaemath.core.theorem import Theorem
from vaemath.library import derivation, instance, theorem
from vaemath.proof.chain import (
    Derivation,
    algebra,
    as_integral,
    definition,
    differentiation,
    functions,
    independence,
    integration,
    leibniz,
    linear_sums,
    linearity,
    log_density,
    multiplied_out,
    uncorrelated,
    whitening,
)
from vaemath.proof.discharge import rewritten
from vaemath.proof.tactics import Tactic, rewriting, rule_everywhere, unfolding
from vaemath.terms.build import (
    CE,
    KL,
    AlmostEverywhere,
    Bernoulli,
    Categorical,
    D,
    Density,
    Differentiable,
    E,
    Forall,
    H,
    Indep,
    Int,
    IntAB,
    Integrable,
    MvNormal,
    Normal,
    Normalised,
    Prod,
    Rational,
    Sum,
    add,
    chol,
    diagm,
    eq,
    exp,
    eye,
    half,
    inv,
    lam,
    le,
    log,
    logdet,
    lt,
    matmul,
    ne,
    pdf,
    pi,
    quad,
    scalar,
    special,
    sqrt,
    symbol,
    tr,
    vec,
)


def theorems(id: str, *names: str) -> tuple[Theorem, ...]:
    """Several theorems of one derivation, as one reason."""
    return tuple(theorem(id, n) for n in names)


def flip(t: Theorem) -> Theorem:
    """The equation read from right to left."""
    return rules.symmetry(t)


def assuming(statement: Term) -> Theorem:
    """A statement under itself as hypothesis."""
    return rules.assume(statement=statement)


def meaning(name: Term, body: Term, *at: Term) -> Theorem:
    """A new name equals its meaning at the given arguments; the definition is shown as a hypothesis."""
    return rules.define(name=name, meaning=body, at=at)


def total_probability(q: Term, using: Theorem | None = None) -> Theorem:
    """E_q[1] = 1, from the statement that q integrates to one (assumed, unless a proof is given)."""
    given = using or rules.assume(statement=Normalised(q))
    d = Derivation("total-probability", "")
    d.start(E(q, lambda z: 1))
    d.to(given.lhs, unfolding("E"), "the expectation as an integral")
    d.to(1, given, "q integrates to one")
    return d.qed()


def standard_normal() -> Term:
    """N(0, 1)."""
    return Normal(0, 1)


def changed_variable(inner: Any) -> Tactic:
    """The substitution z = inner(u) in integrals over the real line."""
    g = lam(inner, REAL)

    def local(t: Term) -> Theorem | None:
        return rules.substitution(term=t, inner=g, bounds=()) if t.head == "int" else None

    from vaemath.proof.tactics import once, reflexive

    return lambda t: once(t, local) or reflexive(t)


__all__ = [
    "BIT",
    "CE",
    "KL",
    "NAT",
    "POINT",
    "POSITIVE",
    "REAL",
    "AlmostEverywhere",
    "Bernoulli",
    "Categorical",
    "D",
    "Density",
    "Derivation",
    "Differentiable",
    "E",
    "Forall",
    "H",
    "Indep",
    "Int",
    "IntAB",
    "Integrable",
    "MvNormal",
    "Normal",
    "Normalised",
    "Prod",
    "Rational",
    "Sum",
    "Term",
    "Theorem",
    "add",
    "algebra",
    "as_integral",
    "assuming",
    "changed_variable",
    "chol",
    "definition",
    "derivation",
    "diagm",
    "differentiation",
    "eq",
    "exp",
    "eye",
    "flip",
    "functions",
    "half",
    "independence",
    "instance",
    "integration",
    "inv",
    "lam",
    "le",
    "leibniz",
    "linear_sums",
    "linearity",
    "log",
    "log_density",
    "logdet",
    "lt",
    "matmul",
    "meaning",
    "multiplied_out",
    "ne",
    "pdf",
    "pi",
    "quad",
    "rewriting",
    "rewritten",
    "rule_everywhere",
    "rules",
    "scalar",
    "special",
    "sqrt",
    "standard_normal",
    "symbol",
    "theorem",
    "theorems",
    "total_probability",
    "tr",
    "uncorrelated",
    "unfolding",
    "vec",
    "whitening",
]
