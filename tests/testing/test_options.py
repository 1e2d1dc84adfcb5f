"""What a check is told: library, type, regime, reduction; and that right functions are not accused."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import vaemath.kernels.numpy as kernels
import vaemath.testing.subject as subjects
from vaemath.errors import VaemathError
from vaemath.testing import Falsified, assert_gradients, assert_kl_identities, assert_matches_oracle
from vaemath.testing.battery import battery
from vaemath.testing.comparing import Tolerance, differ
from vaemath.testing.subject import REDUCTIONS, subject


def standard(mu, v):
    return 0.5 * (mu**2 + np.exp(v) - v - 1)


def rounded(*arguments):
    """The correctly rounded divergence: computed wide, then rounded."""
    with np.errstate(over="ignore", under="ignore"):
        return kernels.kl_normal(*(a.astype(np.float64) for a in arguments)).astype(arguments[0].dtype)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_correctly_rounded_function_is_not_accused_anywhere(dtype: str, strict: bool) -> None:
    options = {"dtype": dtype, "strict": strict, "regime": "extreme", "examples": 30}
    assert_matches_oracle(rounded, **options)
    assert_kl_identities(rounded, only=["zero", "nonnegative", "rows", "direction"], **options)


def test_infinity_is_right_where_the_exact_number_rounds_to_it() -> None:
    s = subject(rounded, "kl-normal", dtype="float32")
    got = np.array([np.inf, 3.4e38, np.inf, np.inf, np.nan, -np.inf])
    exact = np.array([1e39, np.inf, 3.4028e38, 1e30, 1.0, 1e39])
    allowed = Tolerance(strict=True).of(s, exact)
    assert differ(s, got, exact, allowed).tolist() == [
        False,
        False,
        False,
        True,
        True,
        True,
    ]


def test_products_that_underflow_are_not_accused() -> None:
    def flushed(mu, v):
        with np.errstate(under="ignore"):
            square = np.where(np.abs(mu * mu) < np.finfo(mu.dtype).tiny, 0, mu * mu)
            return (0.5 * square + kernels.kl_normal_standard(0 * v, v)).astype(mu.dtype)

    for dtype in ("float32", "float64"):
        s = subject(flushed, "kl-normal-standard", dtype=dtype)
        tiny = float(np.finfo(dtype).tiny)
        small = np.array([[tiny, 1e3 * tiny, np.sqrt(tiny) / 2]])
        exact = small**2 / 2
        got = s(small, np.ones_like(small), 0 * small, np.ones_like(small))
        assert not differ(s, got, exact, Tolerance(strict=True).of(s, exact)).any()


def test_strict_runs_do_not_shrink_to_pairs_one_rounding_apart() -> None:
    def textbook(m1, s1, m2, s2):
        return np.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - 0.5

    with pytest.raises(Falsified) as caught:
        assert_matches_oracle(textbook, strict=True)
    given = caught.value.inputs
    away = max(abs(given["mu_p"] - given["mu_q"]), abs(given["std_p"] - given["std_q"])) / given["std_q"]
    assert away >= 1e-8
    assert "256 units of rounding of the value, float64, ordinary inputs" in str(caught.value)

    def careful(m1, s1, m2, s2):  # loses what one rounding of the parameters is worth, and no more
        ulp_apart = np.abs(s1 / s2 - 1) + np.abs(m1 - m2) / s2 < 1e-12
        return np.where(ulp_apart, 0.0, rounded(m1, s1, m2, s2))

    assert_matches_oracle(careful, strict=True)


REDUCING = {"sum": np.sum, "mean": np.mean}


@pytest.mark.parametrize("reduction", REDUCING)
@pytest.mark.parametrize("against", ["kl-normal-standard", "kl-normal-diag-standard"])
def test_a_declared_reduction_is_part_of_what_is_checked(reduction: str, against: str) -> None:
    def over(mu, v):
        each = standard(mu, v)
        return REDUCING[reduction](each if against == "kl-normal-standard" else each.sum(-1))

    for _, check in battery(over, against, reduction=reduction, examples=10):
        check()
    (other,) = set(REDUCING) - {reduction}
    with pytest.raises(Falsified, match=f"of a batch it is the {other} of what each is worth alone"):
        dict(battery(over, against, reduction=other, examples=10))["rows"]()


def test_gradients_of_a_mean() -> None:
    def mean(mu, v):
        return (0.5 * (mu**2 + v.exp() - v - 1)).mean()

    assert_gradients(mean, against="kl-normal-standard", reduction="mean", examples=10)
    with pytest.raises(Falsified):
        assert_gradients(mean, against="kl-normal-standard", reduction="sum", examples=10)


def test_jax_means_jax() -> None:
    jax = pytest.importorskip("jax")
    jnp = jax.numpy

    def kl(mu, v):
        assert isinstance(mu, jax.Array)
        return 0.5 * (mu**2 + jnp.exp(v) - v - 1)

    s = subject(kl, "kl-normal-standard", library="jax")
    assert s.dtype == "float32"
    for dtype in (None, "float64"):
        for _, check in battery(kl, "kl-normal-standard", library="jax", dtype=dtype, examples=10):
            check()

    def detached(mu, v):
        return kl(mu, jax.lax.stop_gradient(v))

    with pytest.raises(Falsified, match="its gradient by logvar is that of kl-normal-standard"):
        dict(battery(detached, "kl-normal-standard", library="jax"))["gradients"]()


def test_a_library_that_is_not_installed_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "find_spec", lambda name: None)
    with pytest.raises(VaemathError, match="library: got 'jax', which is not installed"):
        subject(standard, "kl-normal-standard", library="jax")


@pytest.mark.parametrize(
    ("option", "word", "known"),
    [
        ("library", "tensorflow", "numpy, torch, jax"),
        ("dtype", "float16", "float64, float32"),
        ("reduction", "batchmean", ", ".join(REDUCTIONS)),
    ],
)
def test_unknown_words_are_refused(option: str, word: str, known: str) -> None:
    with pytest.raises(VaemathError, match=f"{option}: got '{word}'; expected one of {known}"):
        battery(standard, "kl-normal-standard", **{option: word})
    with pytest.raises(VaemathError, match="regime: got 'wild'"):
        battery(standard, "kl-normal-standard", regime="wild")
    with pytest.raises(VaemathError, match="examples: got 0; expected at least 1"):
        battery(standard, "kl-normal-standard", examples=0)


def test_softplus_of_a_large_scale_is_finite() -> None:
    s = subject(standard, "kl-normal-standard", takes="mu,softplus")
    scale = np.array([[1e-9, 1.0, 1e13]])
    np.testing.assert_allclose(s.settled(0 * scale, scale)[1], scale, rtol=1e-12)
    assert np.isfinite(s.parameters(0 * scale, scale)[1]).all()


def test_the_plugin_imports_nothing_but_pytest() -> None:
    code = (
        "import sys, pytest; before = set(sys.modules); import vaemath.testing.plugin; "
        "print(sorted({m.split('.')[0] for m in set(sys.modules) - before}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['vaemath']"
