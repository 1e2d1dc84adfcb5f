"""The two floating-point types, and the constants with which arguments are reduced in each.

log 2 is split in two so that n * LN2_HIGH is exact for every exponent n.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import NamedTuple

from vaemath.codegen.coefficients import single


class Real(NamedTuple):
    """What is particular to one of the two floating-point types."""

    suffix: str
    ctype: str
    word: str  # the unsigned integer of the same size
    pattern: str  # the same for `struct`
    mark: str  # after a literal
    fraction_bits: int
    bias: int
    split_bits: int  # of LN2_HIGH
    lowest: float  # below: e^s is lost beside 1
    highest: float  # above: (e^s - 1)/2 overflows
    vanishing: float  # below: e^s is zero
    shortfall: Fraction  # of LOG2_E


FLOAT = Real("f32", "float", "uint32_t", "<I", "f", 23, 127, 9, -80.0, 89.42, -104.0, Fraction(1, 2**14))
DOUBLE = Real("f64", "double", "uint64_t", "<Q", "", 52, 1023, 32, -700.0, 710.48, -746.0, Fraction(1, 2**17))
REALS = (FLOAT, DOUBLE)


@cache
def reduction(real: Real) -> dict[str, float]:
    """The constants of s = n log 2 + r by name."""
    ln2, log2_e = _logarithms()
    high = Fraction(int(ln2 * 2**real.split_bits), 2**real.split_bits)
    return {
        "LOWEST": real.lowest,
        "HIGHEST": rounded(real, Fraction(real.highest)),
        "VANISHING": real.vanishing,
        # so much less that 2^n / 2 is finite up to HIGHEST, where (e^s - 1)/2 no longer is
        "LOG2_E": rounded(real, log2_e * (1 - real.shortfall)),
        "LN2_HIGH": float(high),
        "LN2_LOW": rounded(real, ln2 - high),
        "HALF_LN2_HIGH": 0.5 * float(high),
    }


def rounded(real: Real, value: Fraction) -> float:
    """The number of the type that is nearest."""
    return single(float(value)) if real is FLOAT else float(value)


@cache
def _logarithms() -> tuple[Fraction, Fraction]:
    """log 2 and its inverse to 200 bits."""
    import mpmath

    with mpmath.workprec(200):
        ln2 = mpmath.log(2)
        return tuple(Fraction(int(mpmath.ldexp(v, 190)), 2**190) for v in (ln2, 1 / ln2))  # type: ignore[return-value]
