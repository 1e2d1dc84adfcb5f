"""Proofs, in ball arithmetic, of how far each polynomial is from the function it replaces.

The difference between the polynomial, with the very coefficients of the kernels, and the exact
series is itself a polynomial with rational coefficients plus a remainder with a known bound. It is
expanded exactly around the middle of each of many short pieces and enclosed there, so the bound
holds at every real number of the interval, not at samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import flint

from vaemath.codegen.approximation import Approximation
from vaemath.codegen.coefficients import coefficients
from vaemath.codegen.series import coefficient, remainder

_PIECES = 64
_TERMS = 60


def relative_error(approximation: Approximation, values: Sequence[float] | None = None) -> Fraction:
    """A proved bound on the primitive's relative approximation error over its interval.

    `values` are the coefficients to judge; by default the generated ones.
    """
    used = coefficients(approximation) if values is None else tuple(values)
    exact = [coefficient(approximation.series, k) for k in range(_TERMS)]
    difference = [Fraction(used[k]) - exact[k] if k < len(used) else -exact[k] for k in range(_TERMS)]
    reach = max(abs(approximation.lower), abs(approximation.upper))
    rest = remainder(approximation.series, _TERMS, reach)
    polynomial = flint.fmpq_poly([flint.fmpq(c.numerator, c.denominator) for c in difference])
    width = (approximation.upper - approximation.lower) / _PIECES
    worst = Fraction(0)
    for k in range(_PIECES):
        middle = approximation.lower + width * (2 * k + 1) / 2
        shifted = polynomial(flint.fmpq_poly([_fmpq(middle), 1]))
        bound = sum(
            (abs(Fraction(int(c.p), int(c.q))) * (width / 2) ** j for j, c in enumerate(shifted)),
            Fraction(0),
        )
        worst = max(worst, (bound + rest) * _amplification(approximation, middle, width / 2))
    return worst


def _fmpq(value: Fraction) -> flint.fmpq:
    return flint.fmpq(value.numerator, value.denominator)


def _amplification(approximation: Approximation, middle: Fraction, radius: Fraction) -> Fraction:
    """How much of the polynomial's absolute error becomes relative error of the primitive.

    expm1_tail: e^s - 1 - s = s^2 (1/2 + s q), so the factor is |s| / ((e^s - 1 - s)/s^2).
    atanh_tail: t - log(1 + t) = 2 w^2 (1/(1 - w) - w q(w^2)), w = t/(2 + t), |w| <= 1/3:
                the factor is |w| / (1/(1 - w) - w q(w^2)), largest over both signs of w.
    """
    with_ball = flint.arb(_fmpq(middle), _fmpq(radius))
    reach = abs(middle) + radius
    if approximation.series == "atanh_tail":
        root = (
            flint.arb(_fmpq(max(middle - radius, Fraction(0))))
            .sqrt()
            .union(flint.arb(_fmpq(middle + radius)).sqrt())
        )
        tail = _tail("atanh_tail", with_ball, reach)
        candidates = []
        for w in (root, -root):
            factor = abs(w) / (1 / (1 - w) - w * tail)
            candidates.append(_upper(factor))
        return max(candidates)
    tail = _tail(approximation.series, with_ball, reach)
    return _upper(abs(with_ball) / (flint.arb(1) / 2 + with_ball * tail))


def _tail(name: str, x: flint.arb, reach: Fraction) -> flint.arb:
    total = flint.arb(0)
    for k in reversed(range(_TERMS)):
        total = total * x + flint.arb(_fmpq(coefficient(name, k)))
    return total + flint.arb(0, _fmpq(remainder(name, _TERMS, reach)))


def _upper(ball: flint.arb) -> Fraction:
    top = ball.upper()
    mantissa, exponent = top.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
