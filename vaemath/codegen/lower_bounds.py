"""Functions computed as the larger of two lower bounds, and proofs of how near that comes.

Beside a number x, `far` is the function less what its rounding may add, so near zero it is worth
nothing; `low` is the start of the power series, so far from zero it is worth nothing. Neither exceeds
the function, up to the rounding of a coefficient, so the larger of the two is the better one: no
selection is needed. The proofs hold for all real x; `error` is the bound on the relative error.

    gap   g = (e^s - 1 - s)/2       far = g - shift e^s          low = s^2 (1/4 + c s), c = 1/12 rounded
    rise  r = (e^s - 1)/2           far = r - shift e^s          low = s/2
    log   h = t - log(1 + t)        far = h - shift              low = t^2 (1/2 - c t), c = 1/3 rounded

low <= function: for gap and rise the rest of the Taylor series is e^x s^n / n! with n even; for log
the derivative of h - low is t^3/(1 + t) while c = 1/3, so its least value is the 0 at t = 0.
Away from zero: shift e^s/g, shift e^s/|r| and shift/h grow towards x = 0 from both sides (of
e^-s g = (1 - (1 + s) e^-s)/2 the derivative is s e^-s / 2, h' = t/(1 + t)), so the ends of the middle
interval are the worst.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import flint


@dataclass(frozen=True, kw_only=True)
class LowerBounds:
    """A function of the list above with the place where the two bounds meet.

    Attributes:
        name: gap, rise or log.
        middle: |x| up to which `low` is judged, and from which on `far` is.
        claim: the bound on the relative error.
    """

    name: str
    middle: Fraction
    claim: Fraction


GAP = LowerBounds(name="gap", middle=Fraction(1, 2**12), claim=Fraction(1, 2**25))
RISE = LowerBounds(name="rise", middle=Fraction(1, 2**25), claim=Fraction(1, 2**25))
LOG = LowerBounds(name="log", middle=Fraction(181, 2**20), claim=Fraction(1, 2**25))

_EXACT = {"gap": Fraction(1, 12), "rise": Fraction(0), "log": Fraction(1, 3)}


def error(bounds: LowerBounds, *, shift: Fraction, coefficient: Fraction) -> Fraction:
    """A proved bound on the relative error of max(far, low) for every real argument.

    Raises:
        ValueError: the shift is negative, or the coefficient is no rounding of the exact one.
    """
    rounding = abs(coefficient - _EXACT[bounds.name])
    if shift < 0 or rounding > Fraction(1, 2**53):
        raise ValueError(f"{bounds.name}: expected a shift >= 0 and the coefficient {_EXACT[bounds.name]}")
    # low exceeds the function by at most rounding |x|^3, where low > 0: for x < 0 and gap that is |s| < 4,
    # where |s|^3 / g <= 4 |s| e^|s| < 2^10; for s > 0, s^3 / g <= 12; for log that is t < 2, where
    # t^3 / h <= 2 t (1 + t) <= 12, and |t|^3 / h <= 2 |t| for t < 0
    above = rounding * 2**10
    x = bounds.middle
    away = max(_far(bounds.name, sign * x, shift) for sign in (1, -1))
    return max(above, away, _low(bounds.name, x) + above)


def _far(name: str, x: Fraction, shift: Fraction) -> Fraction:
    """shift e^s/g, shift e^s/|r| or shift/h at x."""
    before = flint.ctx.prec
    flint.ctx.prec = 200
    try:
        at = flint.arb(flint.fmpq(x.numerator, x.denominator))
        by = flint.arb(flint.fmpq(shift.numerator, shift.denominator))
        if name == "gap":
            ratio = 2 * by / (1 - (1 + at) * (-at).exp())
        elif name == "rise":
            ratio = 2 * by / abs(1 - (-at).exp())
        else:
            ratio = by / (at - (1 + at).log())
        mantissa, exponent = ratio.upper().man_exp()
        return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    finally:
        flint.ctx.prec = before


def _low(name: str, reach: Fraction) -> Fraction:
    """The rest of the series over the function, for |x| <= reach < 1.

    gap: the rest is below s^4/(48 (1 - |s|)), g above s^2/4 (1 - |s|). rise: the rest is below
    s^2/(4 (1 - |s|)), |r| above |s|/2 (1 - |s|). log: below t^4/(4 (1 - |t|)), above t^2/2 (1 - |t|).
    """
    room = (1 - reach) ** 2
    if name == "gap":
        return reach**2 / 12 / room
    if name == "rise":
        return reach / 2 / room
    return reach**2 / 2 / room
