"""The formulas that are known. Each is written once: as a theorem of the library, or by the definition of
a density; a name, what it is of, and what may be free about it stand beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from vaemath.check.core import (
    POSITIVE,
    REAL,
    Term,
    add,
    density,
    exp,
    log,
    mul,
    neg,
    number,
    one,
    pi,
    power,
    right_side,
    sub,
    substitute,
    symbol,
    zero,
)

__all__ = ["QUANTITIES", "VARIABLES", "Quantity", "fixed_prior"]

#: the variable that stands for a role in a formula
VARIABLES: dict[str, Term] = {
    "loc": symbol("m", REAL),
    "loc_q": symbol("m'", REAL),
    "scale": symbol("s", POSITIVE),
    "scale_q": symbol("s'", POSITIVE),
    "x": symbol("x'", REAL),
    "mean": symbol("r'", REAL),
    "scale_x": symbol("t'", POSITIVE),
    "probs": symbol("p'", POSITIVE),
    "probs_q": symbol("q'", POSITIVE),
    "odds": symbol("a'", POSITIVE),
    "evens": symbol("b'", POSITIVE),
    "z": symbol("z'", REAL),
}
_V = VARIABLES
_HALF = number(Fraction(1, 2))


@dataclass(frozen=True)
class Quantity:
    """A formula for one element. `kind` is kl, reconstruction, density or other; `free` says that its
    constant and its factor are conventions (a Gaussian decoder's).
    """

    id: str
    subject: str
    roles: tuple[str, ...]
    formula: Callable[[], Term]
    kind: str = "kl"
    free: bool = False
    theorem: str = ""
    reverse: bool = False
    words: tuple[str, ...] = ()  # a function's name must have one of them


def _kl(m1: Term, s1: Term, m2: Term, s2: Term) -> Term:
    t = right_side("kl-normal")
    names = {s.data[0]: s for s in t.free}
    values = {"mu_1": m1, "sigma_1": s1, "mu_2": m2, "sigma_2": s2}
    return substitute(t, {names[k]: v for k, v in values.items()})


def _standard() -> Term:
    t = right_side("kl-normal-standard")
    names = {s.data[0]: s for s in t.free}
    return substitute(t, {names["mu"]: _V["loc"], names["sigma"]: _V["scale"]})


def _pair(*order: str) -> Callable[[], Term]:
    return lambda: _kl(*(_V[r] if r in _V else {"0": zero, "1": one}[r] for r in order))


def _symmetric() -> Term:
    return add(_pair("loc", "scale", "loc_q", "scale_q")(), _pair("loc_q", "scale_q", "loc", "scale")())


def _nll(x: str, loc: str, scale: str) -> Callable[[], Term]:
    return lambda: neg(log(density("normal", _V[x], _V[loc], one if scale == "1" else _V[scale])))


def _bits() -> Term:
    return neg(log(density("bernoulli", _V["x"], _V["probs"])))


def _logits() -> Term:
    a, b = _V["odds"], _V["evens"]
    total = power(add(a, b), -1)
    return neg(add(mul(_V["x"], log(mul(a, total))), mul(sub(one, _V["x"]), log(mul(b, total)))))


def _bit_kl() -> Term:
    p, q = _V["probs"], _V["probs_q"]
    return add(mul(p, log(mul(p, power(q, -1)))), mul(sub(one, p), sub(log(sub(one, p)), log(sub(one, q)))))


def _square(a: Term) -> Term:
    return power(a, 2)


STANDARD = "the KL divergence to N(0, 1)"
PAIR = "the KL divergence between two normals"
GAUSSIAN, BERNOULLI = "a Gaussian", "a Bernoulli"


def fixed_prior(mean: Fraction, variance: Fraction) -> Quantity:
    """The KL to a normal whose parameters are numbers."""
    name = f"N({mean}, {variance if variance.denominator < 10**6 else f'{float(variance):.6g}'})"
    return Quantity(
        f"kl-to-{mean}-{variance}",
        f"the KL divergence to {name}",
        ("loc", "scale"),
        lambda: _kl(_V["loc"], _V["scale"], number(mean), power(number(variance), Fraction(1, 2))),
        theorem="kl-normal",
    )


QUANTITIES: tuple[Quantity, ...] = (
    Quantity("kl-standard", STANDARD, ("loc", "scale"), _standard, theorem="kl-normal-standard"),
    Quantity(
        "kl-standard-reversed",
        STANDARD,
        ("loc", "scale"),
        _pair("0", "1", "loc", "scale"),
        theorem="kl-normal-standard",
        reverse=True,
    ),
    Quantity(
        "kl-pair",
        PAIR,
        ("loc", "scale", "loc_q", "scale_q"),
        _pair("loc", "scale", "loc_q", "scale_q"),
        theorem="kl-normal",
    ),
    Quantity(
        "kl-symmetric",
        "the symmetric KL divergence (both directions added)",
        ("loc", "scale", "loc_q", "scale_q"),
        _symmetric,
        theorem="kl-normal",
    ),
    Quantity(
        "kl-symmetric-standard",
        "the symmetric KL divergence to N(0, 1) (both directions added)",
        ("loc", "scale"),
        lambda: add(_standard(), _pair("0", "1", "loc", "scale")()),
        theorem="kl-normal",
    ),
    Quantity(
        "kl-centred",
        "the KL divergence to N(0, s^2)",
        ("loc", "scale", "scale_q"),
        _pair("loc", "scale", "0", "scale_q"),
        theorem="kl-normal",
    ),
    Quantity(
        "kl-shifted",
        "the KL divergence to N(m, 1)",
        ("loc", "scale", "loc_q"),
        _pair("loc", "scale", "loc_q", "1"),
        theorem="kl-normal",
    ),
    Quantity(
        "kl-shared",
        "the KL divergence between two normals of one width",
        ("loc", "scale_q", "loc_q"),
        _pair("loc", "scale_q", "loc_q", "scale_q"),
        theorem="kl-normal",
    ),
    Quantity(
        "kl-widths",
        "the KL divergence between two normals of one mean",
        ("scale", "scale_q"),
        _pair("0", "scale", "0", "scale_q"),
        theorem="kl-normal",
    ),
    Quantity(
        "kl-scale",
        "the KL divergence of N(0, s^2) to N(0, 1)",
        ("scale",),
        _pair("0", "scale", "0", "1"),
        theorem="kl-normal",
        words=("hyper", "sigma", "width", "scale"),
    ),
    Quantity(
        "kl-bernoulli",
        "the KL divergence between two Bernoulli distributions",
        ("probs", "probs_q"),
        _bit_kl,
        theorem="finite-kl",
    ),
    Quantity(
        "wasserstein",
        "the squared 2-Wasserstein distance of two normals",
        ("loc", "scale", "loc_q", "scale_q"),
        lambda: add(_square(sub(_V["loc"], _V["loc_q"])), _square(sub(_V["scale"], _V["scale_q"]))),
        "other",
    ),
    Quantity(
        "entropy",
        "the entropy of a normal",
        ("scale",),
        lambda: add(_HALF, mul(_HALF, log(mul(number(2), pi))), log(_V["scale"])),
        "other",
        theorem="normal-entropy",
        words=("entropy", "ent"),
    ),
    Quantity(
        "cross-entropy",
        "the cross-entropy of a normal and N(0, 1)",
        ("loc", "scale"),
        lambda: add(
            mul(_HALF, log(mul(number(2), pi))), mul(_HALF, add(_square(_V["loc"]), _square(_V["scale"])))
        ),
        "other",
        theorem="normal-cross-entropy",
        words=("cross", "ce", "prior"),
    ),
    Quantity(
        "gaussian-nll",
        "minus the log-density of a normal",
        ("x", "mean", "scale_x"),
        _nll("x", "mean", "scale_x"),
        "reconstruction",
        free=True,
    ),
    Quantity(
        "gaussian",
        GAUSSIAN,
        ("x", "mean"),
        _nll("x", "mean", "1"),
        "reconstruction",
        free=True,
        theorem="loss-gaussian",
    ),
    Quantity(
        "bernoulli-logits", BERNOULLI, ("x", "logits"), _logits, "reconstruction", theorem="loss-bernoulli"
    ),
    Quantity("bernoulli", BERNOULLI, ("x", "probs"), _bits, "reconstruction", theorem="loss-bernoulli"),
    Quantity(
        "laplace",
        "a Laplace",
        ("x", "mean"),
        lambda: power(_square(sub(_V["x"], _V["mean"])), Fraction(1, 2)),
        "reconstruction",
        free=True,
    ),
    Quantity(
        "poisson",
        "a Poisson",
        ("x", "rate"),
        lambda: sub(exp(_V["z"]), mul(_V["x"], _V["z"])),
        "reconstruction",
        free=True,
    ),
    Quantity(
        "standard-density",
        "minus the log-density of N(0, 1)",
        ("z",),
        lambda: neg(log(density("normal", _V["z"], zero, one))),
        "density",
        free=True,
        words=("prior", "nll", "density", "prob", "logprob"),
    ),
)
