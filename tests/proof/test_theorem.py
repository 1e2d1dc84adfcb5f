"""Theorems: only rules make them, replay finds a forged one, definitions are sound."""

from __future__ import annotations

import pytest

from vaemath.audit.report import audit
from vaemath.core import rules
from vaemath.core import theorem as core
from vaemath.core.terms import POSITIVE, REAL, Term, TermError, make
from vaemath.core.theorem import ProofError, Theorem
from vaemath.proof.replay import replay
from vaemath.terms.build import *
from vaemath.terms.build import symbol, symbols

x, y = symbols("x y", REAL)
s = symbol("s", POSITIVE)


def forged(
    statement: Term, rule: str = "algebra", premises: tuple[Theorem, ...] = (), **params: object
) -> Theorem:
    """A theorem made behind the core's back."""
    return Theorem(core._KEY, statement, frozenset(), frozenset(), rule, premises, params)


def test_only_rules_make_theorems():
    with pytest.raises(ProofError, match="only rules make theorems"):
        Theorem(object(), eq(1, 2), frozenset(), frozenset(), "algebra", (), {})


def test_theorems_do_not_change():
    theorem = rules.algebra(left=x, right=x)
    with pytest.raises(ProofError, match="cannot be changed"):
        theorem.statement = eq(1, 2)


@pytest.mark.parametrize(
    "lie",
    [
        lambda: forged(eq(1, 2), left=one, right=number(2)),
        lambda: forged(eq(1, 2), left=one, right=one),
        lambda: forged(eq(1, 2), rule="magic"),
        lambda: forged(eq(log(x), log(x)), left=log(x), right=log(x)),
        lambda: forged(eq(y, x), rule="symmetry", premises=(forged(eq(x, y), left=x, right=y),)),
        lambda: forged(lt(0, x), rule="signed", term=x),
    ],
)
def test_replay_finds_a_forged_theorem(lie):
    below = (
        rules.rearrange(lie(), statement=lie().statement, factors=(one,))
        if lie().statement.head == "eq"
        else lie()
    )
    with pytest.raises(ProofError):
        replay(below)


def test_replay_finds_lost_hypotheses_and_oracles():
    honest = rules.assume(statement=eq(x, y))
    bare = Theorem(core._KEY, honest.statement, frozenset(), frozenset(), honest.rule, (), honest.params)
    with pytest.raises(ProofError, match="another hypotheses"):
        replay(bare)
    integral = rules.integrate(term=IntAB(0, 1, lambda t: t))
    silent = Theorem(
        core._KEY, integral.statement, integral.hypotheses, frozenset(), integral.rule, (), integral.params
    )
    with pytest.raises(ProofError, match="another oracles"):
        replay(silent)


def test_models_find_a_forged_theorem_without_the_rules():
    lie = forged(eq(E(Normal(x, s), lambda t: t**2), x**2 - s**2), left=x, right=x)
    below = Theorem(core._KEY, eq(x, x), frozenset(), frozenset(), "algebra", (lie,), {"left": x, "right": x})
    assert audit(below).failure is not None


def test_premises_are_theorems():
    with pytest.raises(ProofError, match="premise must be a theorem"):
        rules.symmetry(eq(x, y))


@pytest.mark.parametrize("sort", [REAL, ("fun", REAL, REAL)])
def test_recursive_definitions_are_refused(sort):
    f = symbol("f", sort)
    meaning = f + 1 if sort == REAL else lam(lambda t: app(f, t) + 1, REAL)
    with pytest.raises(ProofError, match="does not occur in its meaning"):
        rules.define(name=f, meaning=meaning, at=() if sort == REAL else (x,))


def test_mutually_recursive_definitions_are_refused():
    f, g, h = symbols("f g h", REAL)
    steps = [rules.define(name=a, meaning=b + 1, at=()) for a, b in ((f, g), (g, h), (h, f))]
    two = rules.rearrange(*steps[:2], statement=eq(f, h + 2), factors=(one, one))
    with pytest.raises(ProofError, match="leads back"):
        rules.rearrange(two, steps[2], statement=eq(0, 3), factors=(one, one))


def test_a_name_has_one_meaning():
    f = symbol("f", REAL)
    zero_, one_ = (rules.define(name=f, meaning=m, at=()) for m in (zero, one))
    with pytest.raises(ProofError, match="two meanings"):
        rules.transitivity(rules.symmetry(zero_), one_)


def test_a_definition_stays_visible_until_its_name_is_gone():
    f = symbol("f", REAL)
    theorem = rules.define(name=f, meaning=x + 1, at=())
    assert {h.head for h in theorem.hypotheses} == {"def"}
    assert not rules.instantiate(theorem, mapping={f: x + 1}).hypotheses
    with pytest.raises(ProofError, match="takes no other value"):
        rules.instantiate(theorem, mapping={f: 2 * x})
    renamed = rules.instantiate(theorem, mapping={f: symbol("g", REAL)})
    assert renamed.hypotheses == {make("def", (symbol("g", REAL), x + 1))}


@pytest.mark.parametrize(
    ("head", "data"),
    [("num", (0, 5)), ("num", (2, 4)), ("num", (1, 0)), ("num", (1, -1)), ("num", (0.5, 1))],
)
def test_numbers_are_in_lowest_terms(head, data):
    with pytest.raises(TermError):
        make(head, (), data)


@pytest.mark.parametrize("data", [(1, -1), (2, 4), (1, 0), (0.5, 1)])
def test_exponents_are_in_lowest_terms(data):
    with pytest.raises(TermError):
        make("pow", (x,), data)


@pytest.mark.parametrize("index", [-1, 0.5, "0"])
def test_indices_are_natural_numbers(index):
    with pytest.raises((TermError, TypeError)):
        make("bv", (), (index, REAL))
