"""What the core takes for plain, and what it asks for, tried in models."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from tests.proof.models import scalars
from tests.proof.models import terms as G
from tests.proof.models.campaign import QUICK
from tests.proof.models.instances.algebra import _nonnegative
from tests.proof.models.instances.calculus import of_matrix, of_t
from tests.proof.models.meaning import true, value
from tests.proof.models.scalars import Undecided
from tests.proof.models.worlds import World, fitting
from vaemath.core.heads import SPECIAL
from vaemath.core.obligations import evident, obligations, smooth
from vaemath.core.terms import make
from vaemath.errors import VaemathError
from vaemath.terms.build import D, le, lt, ne, special, zero


def decided(statement, hypotheses, seed):
    """Is the statement true in a world in which hypotheses hold? None where that is not known."""
    try:
        w = fitting(hypotheses, seed, QUICK)
        return None if w is None else true(statement, w)
    except Undecided:
        return None


def drawn(make_one, seed):
    try:
        return make_one(random.Random(seed))
    except VaemathError:
        return None


def some_statement(r):
    a = _nonnegative(r, 2) if r.random() < 0.6 else G.real(r, 2)
    return r.choice(
        [
            lambda: lt(0, a),
            lambda: le(0, a),
            lambda: ne(a, 0),
            lambda: make("spd", (G.definite(r, 2),)),
            lambda: make("invertible", (G.definite(r, 2),)),
            lambda: make("differentiable", D(lambda t: of_t(r, 2, t), G.leaf(r)).args),
            lambda: make("integrable", G.integral(r, 1).args[-1:]),
            lambda: G.Forall(lambda t: lt(0, _nonnegative(r, 1, (t,))), r.choice([G.REAL, G.BIT, G.POINT])),
        ]
    )()


def test_what_is_evident_is_true():
    seen = Counter()
    for seed in range(900):
        statement = drawn(some_statement, seed)
        if statement is not None and evident(statement):
            found = decided(statement, (), seed)
            assert found is not False, str(statement)
            seen[statement.head] += found is True
    assert {"lt", "le", "ne", "spd", "invertible", "differentiable", "forall", "integrable"} <= set(+seen)
    assert sum(seen.values()) >= 200


def derivative(r):
    if r.random() < 0.3:
        return D(lambda X: of_matrix(r, X), r.choice([G.S, G.A]))
    return D(lambda t: of_t(r, 2, t), r.choice([G.x, G.p, zero, G.leaf(r)]))


def test_what_is_smooth_by_its_form_is_differentiable():
    good = 0
    for seed in range(400):
        term = drawn(derivative, seed)
        if term is None:
            continue
        claim = make("differentiable", term.args)
        needed = {p for p in smooth(*term.args) if not evident(p)}
        found = decided(claim, needed - {claim}, seed)
        assert found is not False, str(term)
        good += found is True and claim not in needed
    assert good >= 100


def unmeant(term, seed):
    """What is valued by convention in a term where its obligations hold; None where that is not known."""
    scalars.UNMEANT.clear()
    try:
        w = fitting(obligations(term), seed, QUICK)
        if w is None:
            return None
        scalars.UNMEANT.clear()
        w.memory.clear()
        value(term, w)
        return list(scalars.UNMEANT)
    except Undecided:
        return None


def test_where_the_obligations_hold_every_part_is_meant():
    known = 0
    for seed in range(700):
        term = drawn(lambda r: G.real(r, 3), seed)
        found = None if term is None else unmeant(term, seed)
        assert not found, f"{term}: {found}"
        known += found is not None
    assert known >= 200


@pytest.mark.parametrize("head", SPECIAL)
def test_a_defined_function_needs_what_its_definition_needs(head):
    """No more and no less, at numbers of every kind."""
    for seed in range(60):
        r = random.Random(seed)
        term = special(head, G.leaf(r))
        w = World(seed, QUICK)
        try:
            held = all(true(p, w) for p in obligations(term))
            scalars.UNMEANT.clear()
            value(term, w)
            met = not scalars.UNMEANT
        except Undecided:
            continue
        assert held == met, str(term)
