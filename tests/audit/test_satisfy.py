"""Models that satisfy hypotheses: definitions, normalisation, equality cases, equations."""

from __future__ import annotations

from tests.audit.terms import *
from vaemath.audit.satisfy import satisfying, surroundings
from vaemath.core.terms import POINT, Term, make
from vaemath.terms.build import *
from vaemath.terms.build import symbol


def holds_after(*hypotheses: Term, seed: int = 1) -> bool:
    model = satisfying(hypotheses, Model(seed), surroundings(hypotheses))
    return model is not None and all(verdict(h, model).truth is True for h in hypotheses)


def test_definitions_give_names_their_meaning_whatever_their_order():
    name, other = symbol("name", ("dist", POINT)), symbol("other", ("dist", POINT))
    first = make("def", (name, Density(lambda z: pdf(other, z) * 2)))
    second = make("def", (other, Density(lambda z: pdf(p, z) + pdf(q, z))))
    assert holds_after(first, second)
    assert holds_after(second, first)


def test_equality_cases_are_constructed():
    assert holds_after(eq(KL(q, p), 0), Normalised(p), Normalised(q))
    assert holds_after(AlmostEverywhere(p, lambda z: eq(pdf(p, z), pdf(q, z))))
    family = symbol("family", ("fun", POINT, ("dist", POINT)))
    z = symbol("z", POINT)
    assert holds_after(eq(KL(app(family, z), p), 0))


def test_equations_between_numbers_are_solved():
    assert holds_after(eq(x, m1 + 1))
    assert holds_after(eq(exp(s1) * s1, 3))
    assert holds_after(eq(log(s1), s1 - 1), eq(s1, 1))


def test_contradictions_have_no_model():
    assert not holds_after(eq(x, 1), eq(x, 2))
    assert not holds_after(lt(x, x))
    assert not holds_after(lt(0, -(x**2)))
