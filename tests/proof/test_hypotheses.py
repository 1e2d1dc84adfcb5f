"""No rule loses what its premises rest on: hypotheses and oracles arrive, generalised under a binder."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from vaemath.core import rules
from vaemath.core.terms import NAT, POINT, POSITIVE, REAL, Term
from vaemath.core.theorem import RULES, ProofError, Theorem
from vaemath.proof.replay import replay
from vaemath.terms.build import *
from vaemath.terms.build import symbol, symbols

a, b, c = symbols("a b c", REAL)
n = symbol("n", NAT)
p, q = symbols("p q", ("dist", POINT))
z = symbol("z", POINT)
s = symbol("s", POSITIVE)
f = symbol("f", ("fun", POINT, REAL))
w = symbol("w", REAL)
MARK = eq(symbol("left", REAL), symbol("right", REAL))


def marked(theorem: Theorem, *marks: Term) -> Theorem:
    """The same statement, resting on more: the marks as hypotheses, and an oracle."""
    integral = rules.integrate(term=IntAB(0, 1, lambda t: t))
    extra = [rules.assume(statement=m) for m in marks or (MARK,)]
    factors = (one, *(zero for _ in extra), zero)
    return rules.rearrange(theorem, *extra, integral, statement=theorem.statement, factors=factors)


def known(statement: Term, *marks: Term) -> Theorem:
    return marked(rules.assume(statement=statement), *marks)


GAP = pdf(p, z) / pdf(q, z) - 1 - log(pdf(p, z) / pdf(q, z))


def vanishing() -> Theorem:
    mean = known(eq(E(q, lambda t: app(f, t) ** 2), 0))
    return rules.vanish(mean, marked(rules.signed(term=app(f, z) ** 2)), variable=z)


def cutting() -> Theorem:
    return rules.cut(known(eq(a, b)), known(eq(a, b)), names=())


def everywhere_known() -> Theorem:
    """A statement about all values, resting on more: its left side is rewritten by what rests on more."""
    return rules.replace(
        known(eq(a, b)),
        rules.assume(statement=Forall(lambda t: eq(a, app(f, t)), POINT)),
        path=(0, 0, 0),
        names=(symbol("passing", POINT),),
    )


APPLICATIONS: dict[str, Callable[[], Theorem]] = {
    "symmetry": lambda: rules.symmetry(known(eq(a, b))),
    "transitivity": lambda: rules.transitivity(known(eq(a, b)), rules.assume(statement=le(b, c))),
    "transitivity, second": lambda: rules.transitivity(rules.assume(statement=lt(a, b)), known(le(b, c))),
    "antisymmetry": lambda: rules.antisymmetry(known(le(a, b)), rules.assume(statement=le(b, a))),
    "antisymmetry, second": lambda: rules.antisymmetry(rules.assume(statement=le(a, b)), known(le(b, a))),
    "congruence": lambda: rules.congruence(known(eq(a, b)), term=exp(a), path=(0,), names=()),
    "rearrange": lambda: rules.rearrange(known(le(a, b)), statement=le(0, b - a), factors=(one,)),
    "monotone": lambda: rules.monotone(known(le(app(f, z), 1)), density=q, variable=z),
    "vanish": vanishing,
    "almost_everywhere": lambda: rules.almost_everywhere(
        vanishing(), known(eq(app(f, z), 0), eq(app(f, z) ** 2, 0)), variable=z
    ),
    "log_tangent_equality": lambda: rules.log_tangent_equality(known(eq(log(s), s - 1))),
    "instantiate": lambda: rules.instantiate(known(eq(a, b)), mapping={a: c}),
    "cut": cutting,
    "independence": lambda: rules.independence(
        known(eq(E(Normal(0, 1), lambda t: t), 0)),
        term=E(Indep(n, lambda j: Normal(0, 1)), lambda t: vec(n, lambda j: t[j]) @ vec(n, lambda j: t[j]).T),
    ),
    "integrable": lambda: rules.integrable(
        known(Normalised(q)), statement=Integrable(q, lambda t: a), factors=(a,)
    ),
    "replace": lambda: rules.replace(known(eq(a, b)), rules.assume(statement=le(a, c)), path=(0,), names=()),
    "replace, second": lambda: rules.replace(
        rules.assume(statement=eq(a, b)), known(le(a, c)), path=(0,), names=()
    ),
    "specialise": lambda: rules.specialise(everywhere_known(), value=z),
}


@pytest.mark.parametrize("name", APPLICATIONS)
def test_a_rule_carries_on_what_its_premises_rest_on(name):
    theorem = APPLICATIONS[name]()
    assert MARK in theorem.hypotheses
    assert "sympy.integrate" in theorem.oracles
    replay(theorem)


def test_every_rule_with_premises_is_tried():
    import inspect

    takes = {
        name
        for name, body in RULES.items()
        if any(x.kind is not x.KEYWORD_ONLY for x in inspect.signature(body).parameters.values())
    }
    assert takes == {name.split(",")[0] for name in APPLICATIONS}


def test_a_hypothesis_about_a_bound_variable_becomes_one_about_all_its_values():
    about_z = eq(app(f, z), 2)
    known_z = rules.assume(statement=about_z)
    below = rules.congruence(known_z, term=E(q, lambda t: app(f, t)), path=(1, 0), names=(z,))
    converging = {Integrable(q, lambda t: app(f, t)), Integrable(q, lambda t: 2)}
    assert below.hypotheses == {Forall(lambda t: eq(app(f, t), 2), POINT), *converging}
    assert rules.monotone(known(le(app(f, z), 1), le(app(f, z), 3)), density=q, variable=z).hypotheses >= {
        Forall(lambda t: le(app(f, t), 3), POINT)
    }


def test_a_definition_may_not_mention_a_bound_variable():
    name = symbol("name", REAL)
    defined = rules.define(name=name, meaning=app(f, z), at=())
    with pytest.raises(ProofError, match="bound variable"):
        rules.congruence(defined, term=E(q, lambda t: name), path=(1, 0), names=(z,))


def test_a_cut_removes_exactly_what_was_proved():
    theorem = rules.assume(statement=eq(a, b))
    proof = rules.cut(rules.assume(statement=eq(a, b)), known(eq(a, b), eq(b, c)), names=())
    assert rules.cut(theorem, proof, names=()).hypotheses == {eq(a, b), eq(b, c)}
    with pytest.raises(ProofError, match="none of the hypotheses"):
        rules.cut(theorem, rules.assume(statement=eq(b, a)), names=())


def test_assumptions_come_back_from_certificates():
    from vaemath.proof import certificate
    from vaemath.proof.chain import Derivation

    d = Derivation("carry", "carry")
    d.record("main", APPLICATIONS["vanish"]())
    again = certificate.replay(certificate.to_json(d), "carry").theorem()
    assert again.hypotheses == APPLICATIONS["vanish"]().hypotheses
    assert again.oracles == {"sympy.integrate"}
