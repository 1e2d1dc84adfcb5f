"""Instances of what is proved of random terms are true, whatever is put for their symbols."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proof.random_terms import (
    S,
    d,
    f,
    made,
    matrix,
    mu,
    n,
    p,
    positive_matrix,
    q,
    real,
    refuted,
    sigma,
    u,
    vector,
    x,
    y,
)
from vaemath.core import rules
from vaemath.core.normal import canon
from vaemath.core.terms import NAT, POSITIVE, REAL, Term
from vaemath.core.theorem import ProofError
from vaemath.errors import VaemathError
from vaemath.terms.build import *
from vaemath.terms.build import symbol

SEEDS = st.integers(0, 2**32)
k = symbol("k", NAT)
V, W, w = symbol("V", ("spd", k)), symbol("W", ("mat", k, k)), symbol("w", ("mat", k, one))


def value(r: random.Random, s: Term) -> Term:
    """Something to put for a symbol; it need not fit."""
    if s.sort in (REAL, POSITIVE):
        return real(r, 1)
    if s.sort == NAT:
        return r.choice([n, d, k, number(1), number(2)])
    if s.sort[0] == "spd":
        return r.choice([positive_matrix(r, 1), V, S, matrix(r, 1)])
    if s.sort[0] == "mat":
        return r.choice([w, W, S, u, vector(r, 1), matrix(r, 1)])
    families: dict[Term, list[Callable[[Term], Term]]] = {
        f: [lambda z: z**2 * x, lambda z: log(z * z + 1), lambda z: y / z],
        mu: [lambda j: x, lambda j: j * y, lambda j: sigma[j] - 1],
        sigma: [lambda j: p, lambda j: x, lambda j: mu[j], lambda j: j * q],
    }
    return lam(r.choice(families[s]), REAL if s == f else NAT)


@settings(max_examples=250)
@given(SEEDS, st.integers(1, 3))
def test_instances_of_random_equations(seed, depth):
    r = random.Random(seed)
    t = made(real, r, depth)
    if t is None:
        return
    try:
        theorem = rules.algebra(left=t, right=canon(t))
        mapping = {s: value(r, s) for s in sorted(theorem.statement.free, key=str) if r.random() < 0.6}
        instance = rules.instantiate(theorem, mapping=mapping)
    except VaemathError:
        return
    found = refuted(instance)
    assert found is None, f"{instance} from {theorem} with {mapping}: {found}"


def test_a_matrix_keeps_the_dimension_that_the_instance_gives_it():
    theorem = rules.algebra(left=tr(S @ inv(S)), right=n)
    assert rules.instantiate(theorem, mapping={n: k, S: V}).statement == eq(tr(V @ inv(V)), k)
    with pytest.raises(ProofError):
        rules.instantiate(theorem, mapping={n: k, S: symbol("M", ("spd", n))})
    with pytest.raises(ProofError):
        rules.instantiate(theorem, mapping={S: V})


def test_an_instance_of_nothing_is_refused():
    with pytest.raises(ProofError):
        rules.instantiate(rules.algebra(left=x, right=x), mapping={})
