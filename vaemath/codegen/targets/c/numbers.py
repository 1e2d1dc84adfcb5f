"""The constants of the C kernels, for float (_f32) and double (_f64)."""

from __future__ import annotations

import struct
from functools import cache

from vaemath.codegen.approximation import C_APPROXIMATIONS
from vaemath.codegen.coefficients import coefficients, single
from vaemath.codegen.reals import DOUBLE, FLOAT, Real, reduction


@cache
def scalars(real: Real) -> dict[str, float]:
    """The floating-point constants by name."""
    rounder = 1.5 * 2.0**real.fraction_bits  # adding it makes the last bit of a sum worth 1
    return {
        "EXPONENT_ZERO": rounder + real.bias - 1,
        "EXPONENT_ONE": 2.0**real.fraction_bits + real.bias,
        "SMALLEST_NORMAL": 2.0 ** (1 - real.bias),
        "TWO_TO_64": 2.0**64,
        **({"TWO_TO_400": 2.0**400} if real is DOUBLE else {}),
        **reduction(real),
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


def literal(real: Real, value: float) -> str:
    """The number as C writes it: the fewest digits that give it back."""
    if real is FLOAT and not value.is_integer():
        short = next(t for t in (f"{value:.{n}g}" for n in range(1, 10)) if single(float(t)) == value)
        return f"{short}f"
    return f"{value!r}{real.mark}"


def _pattern(real: Real, value: float) -> bytes:
    return struct.pack("<f" if real is FLOAT else "<d", value)
