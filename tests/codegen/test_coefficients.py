"""The polynomials of the kernels: generated, close enough by proof, and sensitive to their digits."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from vaemath.codegen.approximation import APPROXIMATIONS, EXPM1_REDUCED, Approximation
from vaemath.codegen.bounds import relative_error
from vaemath.codegen.coefficients import coefficients
from vaemath.codegen.series import coefficient, remainder

EACH = pytest.mark.parametrize("approximation", APPROXIMATIONS, ids=lambda a: a.constant)


@EACH
def test_proved_error_is_below_the_claim(approximation: Approximation) -> None:
    assert relative_error(approximation) <= approximation.claim


@EACH
def test_changed_digits_of_the_leading_coefficient_break_the_claim(approximation: Approximation) -> None:
    values = list(coefficients(approximation))
    step = abs(values[0]) * (2.0**-49 if approximation.claim < 2**-40 else 2.0**-12)
    for changed in (values[0] + step, values[0] - step, -values[0]):
        assert relative_error(approximation, [changed, *values[1:]]) > approximation.claim


@EACH
def test_a_missing_or_swapped_coefficient_breaks_the_claim(approximation: Approximation) -> None:
    values = list(coefficients(approximation))
    assert relative_error(approximation, values[:-1]) > approximation.claim
    swapped = [*values[1:2], values[0], *values[2:]] if len(values) > 1 else [0.0, *values]
    assert relative_error(approximation, swapped) > approximation.claim


def test_the_proved_error_is_not_below_a_sampled_one() -> None:
    """A bound that misses an error found by sampling would be no bound."""
    used = coefficients(EXPM1_REDUCED)
    bound = relative_error(EXPM1_REDUCED)
    for x in np.linspace(float(EXPM1_REDUCED.lower), float(EXPM1_REDUCED.upper), 101):
        s = Fraction(float(x))
        if s == 0:
            continue
        exact = sum((coefficient("expm1_tail", k) * s**k for k in range(60)), Fraction(0))
        got = sum((Fraction(c) * s**k for k, c in enumerate(used)), Fraction(0))
        assert abs(s * (got - exact)) / (Fraction(1, 2) + s * exact) <= bound


@pytest.mark.parametrize("name", ["expm1_tail", "atanh_tail"])
def test_series_are_those_of_the_functions(name: str) -> None:
    x = 0.05
    total = math.fsum(float(coefficient(name, k)) * x**k for k in range(30))
    w = math.sqrt(x)
    expected = {
        "expm1_tail": (math.expm1(x) - x - x * x / 2) / x**3,
        "atanh_tail": (math.atanh(w) / w - 1) / x,
    }[name]
    assert total == pytest.approx(expected, rel=1e-10)
    rest = abs(sum((coefficient(name, k) * Fraction(x) ** k for k in range(30, 60)), Fraction(0)))
    assert rest <= remainder(name, 30, Fraction(x))


def test_an_unknown_series_is_refused() -> None:
    with pytest.raises(ValueError, match="expected expm1_tail"):
        coefficient("sine", 1)
    with pytest.raises(ValueError, match="do not suffice"):
        remainder("atanh_tail", 4, Fraction(1))
