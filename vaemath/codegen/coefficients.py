"""The polynomial coefficients of the kernels, computed at high precision and rounded.

A polynomial through the exact function at Chebyshev points is within a small factor of the best one.
`python -m vaemath.codegen.coefficients` prints every set with its proved error bound.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from functools import cache

from vaemath.codegen.approximation import (
    APPROXIMATIONS,
    C_APPROXIMATIONS,
    Approximation,
)
from vaemath.codegen.series import coefficient

_DIGITS = 60
_TERMS = 80  # of the exact series: below 1e-60 on every interval in use


@cache
def coefficients(approximation: Approximation) -> tuple[float, ...]:
    """The coefficients, lowest power first, each rounded to the nearest float64 or float32."""
    import mpmath

    with mpmath.workdps(_DIGITS):
        n = approximation.terms
        lower, upper = _exact(approximation.lower), _exact(approximation.upper)
        middle, half = (lower + upper) / 2, (upper - lower) / 2
        points = [middle + half * mpmath.cos(mpmath.pi * (2 * k + 1) / (2 * n)) for k in range(n)]
        series = [_exact(coefficient(approximation.series, k)) for k in reversed(range(_TERMS))]
        matrix = mpmath.matrix(n, n)
        values = mpmath.matrix(n, 1)
        for i, x in enumerate(points):
            for j in range(n):
                matrix[i, j] = x**j
            values[i] = mpmath.polyval(series, x)
        rounded = tuple(float(c) for c in mpmath.lu_solve(matrix, values))
    return tuple(map(single, rounded)) if approximation.single else rounded


def single(value: float) -> float:
    """The nearest float32, as a float."""
    rounded: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return rounded


def _exact(value: Fraction):  # type: ignore[no-untyped-def]  # mpmath has no types
    import mpmath

    return mpmath.mpf(value.numerator) / value.denominator


def main() -> None:
    """Print every coefficient set and the proved bound on its approximation error."""
    from vaemath.codegen.bounds import relative_error

    for approximation in (*APPROXIMATIONS, *C_APPROXIMATIONS["f32"]):
        print(f"{approximation.constant} on [{approximation.lower}, {approximation.upper}]")
        for c in coefficients(approximation):
            print(f"    {c!r:>24}  {c.hex()}")
        print(f"    relative error of the primitive <= {float(relative_error(approximation)):.3g}")


if __name__ == "__main__":
    main()
