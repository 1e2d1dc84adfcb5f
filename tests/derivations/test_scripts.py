"""Derivation scripts of one's own: a slip is refused at its line, with the residual."""

import pytest

from vaemath import library
from vaemath.core.theorem import ProofError
from vaemath.derive import *
from vaemath.proof.chain import Refused


def homework(third_line):
    d = Derivation("homework", "KL between normals")
    mu_1, mu_2 = d.reals("mu_1 mu_2")
    s_1, s_2 = d.positives("sigma_1 sigma_2")
    p, q = Normal(mu_1, s_1), Normal(mu_2, s_2)
    d.start(KL(p, q))
    d.to(E(p, lambda x: log(pdf(p, x)) - log(pdf(q, x))), definition, "KL is the expected log-ratio")
    d.to(third_line(p, mu_1, mu_2, s_1, s_2), log_density, "the densities")
    return d


def right(p, mu_1, mu_2, s_1, s_2):
    return E(p, lambda x: log(s_2 / s_1) + (x - mu_2) ** 2 / (2 * s_2**2) - (x - mu_1) ** 2 / (2 * s_1**2))


def test_the_right_third_line_stands():
    assert homework(right).last.head == "E"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda p, m, n, s, t: E(
            p, lambda x: log(t / s) + (x - n) ** 2 / (2 * t**2) + (x - m) ** 2 / (2 * s**2)
        ),
        lambda p, m, n, s, t: E(
            p, lambda x: log(s / t) + (x - n) ** 2 / (2 * t**2) - (x - m) ** 2 / (2 * s**2)
        ),
        lambda p, m, n, s, t: E(p, lambda x: log(t / s) + (x - n) ** 2 / t**2 - (x - m) ** 2 / (2 * s**2)),
        lambda p, m, n, s, t: E(
            p, lambda x: log(t / s) + (x - m) ** 2 / (2 * t**2) - (x - m) ** 2 / (2 * s**2)
        ),
        lambda p, m, n, s, t: E(p, lambda x: log(t / s) + (x - n) ** 2 / (2 * t) - (x - m) ** 2 / (2 * s**2)),
    ],
    ids=["sign", "ratio upside down", "factor", "wrong mean", "missing square"],
)
def test_a_slip_in_line_3_is_refused_at_line_3(wrong):
    with pytest.raises(Refused) as e:
        homework(wrong)
    assert e.value.number == 3
    assert "line 3 does not follow from line 2" in str(e.value)


def test_a_theorem_is_called_to_instantiate_it():
    t = library.theorem("kl-normal", mu_2=0, sigma_2=1)
    assert str(t.lhs) == "KL(N(mu_1, sigma_1) || N(0, 1))"


def test_instantiating_with_a_value_out_of_range_leaves_an_obligation():
    t = library.theorem("kl-normal", sigma_2=symbol("t", REAL))
    assert "0 < t" in map(str, t.hypotheses)


def test_unknown_names_are_said_in_one_line():
    with pytest.raises(library.UnknownTheorem, match="no theorem `kl-cauchy`"):
        library.theorem("kl-cauchy")
    with pytest.raises(library.UnknownTheorem, match="no symbol `nu`; the theorem has mu_1, mu_2"):
        library.theorem("kl-normal", nu=1)


def test_a_density_without_its_normalisation_is_refused():
    """The plausible wrong KL of a density that lacks 1/sigma: what would be needed is not provable."""
    d = Derivation("unnormalised", "")
    (mu,), (sigma,) = d.reals("mu"), d.positives("sigma")
    q = Density(lambda z: exp(-((z - mu) ** 2) / (2 * sigma**2)) / sqrt(2 * pi), REAL)
    d.start(Int(lambda z: pdf(q, z)))
    with pytest.raises(Refused, match="the two sides differ by"):
        d.to(1, integration, "the Gaussian integral")


def test_circular_derivations_are_refused():
    one = library.Script("a", "", (), lambda d: library.theorem("b"))
    two = library.Script("b", "", (), lambda d: library.theorem("a"))
    with pytest.raises(Exception, match="derivations use each other in a circle: a -> b -> a"):
        library.Workshop({"a": one, "b": two}).derive("a")


def test_a_recursive_definition_is_refused():
    (f,) = Derivation("f", "").reals("f")
    with pytest.raises(ProofError, match="must be a symbol that does not occur in its meaning"):
        meaning(f, f + 1)
