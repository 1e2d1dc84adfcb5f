"""What the form of a term says of its sign is true, and under its obligations a term has a value."""

from __future__ import annotations

import random

import pytest
from flint import ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proof.random_terms import made, p, real, refuted, x, y
from vaemath.audit.models import Model
from vaemath.audit.statements import judge
from vaemath.core import rules
from vaemath.core.obligations import evident, obligations
from vaemath.core.terms import Term
from vaemath.errors import VaemathError
from vaemath.terms.build import *

SEEDS = st.integers(0, 2**32)


@settings(max_examples=200)
@given(SEEDS, st.integers(1, 3))
def test_signs_of_random_terms(seed, depth):
    t = made(real, random.Random(seed), depth)
    if t is None:
        return
    try:
        theorem = rules.signed(term=t)
    except VaemathError:
        return
    assert refuted(theorem) is None, f"{theorem} {refuted(theorem)}"


@settings(max_examples=200)
@given(SEEDS, st.integers(1, 3))
def test_under_its_obligations_a_term_has_a_value(seed, depth):
    t = made(real, random.Random(seed), depth)
    if t is None:
        return
    with ctx.workdps(65):
        for k in range(5):
            model = Model(k)
            if all(judge(h, model).truth is True for h in obligations(t)):
                assert not judge(eq(t, 0), model).undefined, f"{t} with {obligations(t)}"


@settings(max_examples=150)
@given(SEEDS)
def test_what_is_evident_is_true(seed):
    r = random.Random(seed)
    sides = [made(real, r, 1), r.choice([zero, one, number(-1), x])]
    if None in sides:
        return
    r.shuffle(sides)
    for statement in (eq(*sides), le(*sides), lt(*sides), ne(*sides)):
        if evident(statement):
            assert _never_false(statement), str(statement)


def _never_false(statement: Term) -> bool:
    with ctx.workdps(65):
        return all(judge(statement, Model(k)).truth is not False for k in range(5))


@pytest.mark.parametrize(
    ("term", "obligation"),
    [
        (x / y, ne(y, 0)),
        (1 / (x * y), ne(x, 0)),
        (log(x), lt(0, x)),
        (sqrt(x), le(0, x)),
        (x ** Rational(-1).data[0], ne(x, 0)),
        (Sum(1, 3, lambda j: log(x * j)), None),
        (Normal(x, y), lt(0, y)),
        (log(p * x), lt(0, x)),
        (E(Normal(0, 1), lambda t: 1 / t), Forall(lambda t: ne(t, 0), ("real",))),
    ],
)
def test_obligations(term, obligation):
    assert obligation is None or obligation in obligations(term)
    assert obligations(term)


def test_x_over_x_is_one_only_where_x_is_not_zero():
    theorem = rules.algebra(left=x / x, right=one)
    assert theorem.hypotheses == {ne(x, 0)}
    assert rules.instantiate(theorem, mapping={x: zero}).hypotheses == {ne(zero, 0)}


def test_two_log_a_needs_a_positive():
    assert rules.algebra(left=log(x**2), right=log(x**2))
    with pytest.raises(VaemathError):
        rules.algebra(left=log(x**2), right=2 * log(x))
    assert not rules.algebra(left=log(p**2), right=2 * log(p)).hypotheses
