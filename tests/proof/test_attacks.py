"""Nothing false is proved: an attack is refused for its reason, or carries the condition it lacks."""

from __future__ import annotations

import pytest

from tests.proof.attacks import ATTACKS
from tests.proof.models.campaign import tried
from tests.proof.models.scalars import Undecided
from vaemath.core.terms import BIT, NAT, POINT, POSITIVE, REAL, TermError, make, number
from vaemath.errors import VaemathError
from vaemath.proof.replay import replay
from vaemath.terms.build import symbol

TRIES = 8  # worlds in which what an attack proves is tried


def outcomes(theorem):
    """The truth of a theorem in some worlds in which its hypotheses hold."""
    for seed in range(TRIES):
        try:
            found = tried(theorem, seed, 4)
        except Undecided:
            continue
        if found is not None:
            yield found[0]


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_fails_for_the_reason_that_it_names(name):
    attack = ATTACKS[name]
    if attack.refused:
        with pytest.raises(VaemathError) as e:
            attack.make()
        assert attack.refused in str(e.value)
        return
    theorem = attack.make()
    replay(theorem)
    assert any(attack.given in str(h) for h in theorem.hypotheses), str(theorem)
    found = list(outcomes(theorem))
    assert all(found)
    assert not (attack.vacuous and found)


@pytest.mark.parametrize(
    "name",
    [
        "-1",
        "1x",
        "",
        "x y",
        "x\n",
        "x;y",
        "x#1b",
        "x#y",
        "pi",
        "exp",
        "KL",
        "_x",
        "é",
        "x'",
        "\x1b[31mx",
        "а",
        "x\u200b",
        1,
        None,
    ],
)
def test_a_symbol_with_such_a_name_is_refused(name):
    with pytest.raises(TermError, match="a name is"):
        symbol(name, REAL)


n, x = symbol("n", NAT), symbol("x", REAL)
SORTS = [
    ("spd", -1),
    ("spd", number(-1)),
    ("spd", number(0)),
    ("mat", n, x),
    ("fin", x),
    ("mat", n),
    ("fun", ("dist", REAL), REAL),
    ("fun", REAL, ("fun", ("dist", POINT), REAL)),
    ("dist", ("dist", REAL)),
    ("dist", ("spd", n)),
    ("dist", ("fun", REAL, REAL)),
    ("dist", ("fun", ("fin", n), ("spd", n))),
    ("prop",),
    ("fun", REAL, ("prop",)),
    ("real", 1),
    ("REAL",),
    (),
    "real",
]


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_what_is_no_sort_is_refused(sort):
    with pytest.raises(TermError, match="expected a sort"):
        symbol("s", sort)


@pytest.mark.parametrize("fraction", [(0.1, 1), (1, 0), (2, 4), (1, -2), ("1", 2), (1,), (1, 2, 3)], ids=str)
@pytest.mark.parametrize("head", ["num", "pow"])
def test_what_is_no_fraction_is_refused(head, fraction):
    with pytest.raises(TermError, match=r"fraction in lowest terms|other data"):
        make(head, (x,) if head == "pow" else (), fraction)


@pytest.mark.parametrize("sort", [NAT, BIT, POINT, POSITIVE, ("spd", n)], ids=str)
def test_a_derivative_by_what_is_no_open_set_is_refused(sort):
    with pytest.raises(TermError, match="a real function of a real number or a matrix"):
        make("diff", (make("lam", (number(1),), ("t", sort)), symbol("s", sort)))
