"""The proofs about functions computed as the larger of two lower bounds."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, ctx

from vaemath.codegen.lower_bounds import GAP, LOG, RISE, LowerBounds, error

SHIFT = Fraction(1, 2**52)
CASES = [(GAP, Fraction(1 / 12)), (RISE, Fraction(0)), (LOG, Fraction(1 / 3))]


def larger(bounds: LowerBounds, x: Fraction) -> tuple[arb, arb]:
    """The function at x and the larger of its bounds."""
    ctx.prec = 300
    v, shift = arb(x.numerator) / x.denominator, arb(SHIFT.numerator) / SHIFT.denominator
    if bounds is LOG:
        exact = v - (1 + v).log()
        return exact, max(exact - shift, v * v * (arb(1) / 2 - v / 3))
    if bounds is RISE:
        exact = (v.exp() - 1) / 2
        return exact, max(exact - shift * v.exp(), v / 2)
    exact = (v.exp() - 1 - v) / 2
    return exact, max(exact - shift * v.exp(), v * v * (arb(1) / 4 + v / 12))


@pytest.mark.parametrize(("bounds", "coefficient"), CASES)
def test_the_proved_error_holds_where_it_was_not_looked_at(
    bounds: LowerBounds, coefficient: Fraction
) -> None:
    proved = error(bounds, shift=SHIFT, coefficient=coefficient)
    assert Fraction(1, 2**30) < proved <= bounds.claim
    for power in range(-60, 6):
        for sign in (1, -1):
            x = sign * Fraction(5, 4) * Fraction(2) ** power
            if bounds is LOG and x <= -1:
                continue
            exact, found = larger(bounds, x)
            assert float(abs(found / exact - 1).mid()) <= float(proved)


@pytest.mark.parametrize(("bounds", "coefficient"), CASES)
def test_a_shift_or_a_coefficient_that_is_off_is_refused_or_costs(
    bounds: LowerBounds, coefficient: Fraction
) -> None:
    assert error(bounds, shift=4 * SHIFT, coefficient=coefficient) > bounds.claim
    with pytest.raises(ValueError, match=r"expected a shift >= 0 and the coefficient"):
        error(bounds, shift=-SHIFT, coefficient=coefficient)
    with pytest.raises(ValueError, match=r"expected a shift >= 0 and the coefficient"):
        error(bounds, shift=SHIFT, coefficient=coefficient + Fraction(1, 2**40))
