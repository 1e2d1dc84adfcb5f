"""The constants of the C kernels, for float (_f32) and double (_f64).

log 2 is split in two so that n * LN2_HIGH is exact for every exponent n.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from vaemath.codegen.approximation import C_APPROXIMATIONS
from vaemath.codegen.coefficients import coefficients, single


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
def scalars(real: Real) -> dict[str, float]:
    """The floating-point constants by name."""
    rounder = 1.5 * 2.0**real.fraction_bits  # adding it makes the last bit of a sum worth 1
    ln2, log2_e = _logarithms()
    high = Fraction(int(ln2 * 2**real.split_bits), 2**real.split_bits)
    low = rounded(real, ln2 - high)
    # so much less that 2^n / 2 is finite up to HIGHEST, where (e^s - 1)/2 no longer is
    per_log2 = rounded(real, log2_e * (1 - real.shortfall))
    return {
        "EXPONENT_ZERO": rounder + real.bias - 1,
        "EXPONENT_ONE": 2.0**real.fraction_bits + real.bias,
        "SMALLEST_NORMAL": 2.0 ** (1 - real.bias),
        "TWO_TO_64": 2.0**64,
        **({"TWO_TO_400": 2.0**400} if real is DOUBLE else {}),
        "LOWEST": real.lowest,
        "HIGHEST": single(real.highest) if real is FLOAT else real.highest,
        "VANISHING": real.vanishing,
        "LOG2_E": per_log2,
        "LN2_HIGH": float(high),
        "LN2_LOW": low,
        "HALF_LN2_HIGH": 0.5 * float(high),
    }


@cache
def integers(real: Real) -> dict[str, int]:
    """The integer constants by name."""
    one = 1 << real.fraction_bits
    (frame,) = struct.unpack(real.pattern, _pattern(real, 2.0**real.fraction_bits))
    return {
        "FRACTION_BITS": real.fraction_bits,
        "FRACTION_MASK": one - 1,
        "LEADING_MASK": (1 << 8 * struct.calcsize(real.pattern)) - (1 << (real.fraction_bits // 2 + 1)),
        "BITS_OF_ONE": real.bias << real.fraction_bits,
        "EXPONENT_FRAME": frame,
    }


def tuples(real: Real) -> dict[str, tuple[float, ...]]:
    """The coefficients by name."""
    return {a.constant: coefficients(a) for a in C_APPROXIMATIONS[real.suffix]}


def rounded(real: Real, value: Fraction) -> float:
    """The number of the type that is nearest."""
    return single(float(value)) if real is FLOAT else float(value)


def literal(real: Real, value: float) -> str:
    """The number as C writes it: the fewest digits that give it back."""
    if real is FLOAT and not value.is_integer():
        short = next(t for t in (f"{value:.{n}g}" for n in range(1, 10)) if single(float(t)) == value)
        return f"{short}f"
    return f"{value!r}{real.mark}"


def _pattern(real: Real, value: float) -> bytes:
    return struct.pack("<f" if real is FLOAT else "<d", value)


@cache
def _logarithms() -> tuple[Fraction, Fraction]:
    """log 2 and its inverse to 200 bits."""
    import mpmath

    with mpmath.workprec(200):
        ln2 = mpmath.log(2)
        return tuple(Fraction(int(mpmath.ldexp(v, 190)), 2**190) for v in (ln2, 1 / ln2))  # type: ignore[return-value]
