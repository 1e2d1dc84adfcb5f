"""The functions that kernels replace by polynomials, and where each polynomial is used.

A kernel never computes e^s - 1 - s or t - log(1 + t) as it is written: near zero all digits cancel.
There it uses a polynomial in a form that keeps them. `coefficients` makes the polynomial,
`bounds` proves how far from the function it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, kw_only=True)
class Approximation:
    """A polynomial that stands for a power series of `vaemath.codegen.series` on an interval.

    Attributes:
        constant: name of the tuple of coefficients in a kernel file.
        series: the function that the polynomial replaces.
        lower, upper: the interval of the polynomial's variable.
        terms: number of coefficients.
        claim: proved bound on the relative approximation error of the primitive that uses it.
    """

    constant: str
    series: str
    lower: Fraction
    upper: Fraction
    terms: int
    claim: Fraction
    single: bool = False


ATANH_TAIL = Approximation(
    constant="ATANH_TAIL",
    series="atanh_tail",
    lower=Fraction(0),
    upper=Fraction(1, 9),
    terms=11,
    claim=Fraction(1, 2**54),
)
EXPM1_REDUCED = Approximation(  # after s = n log 2 + r
    constant="EXPM1_REDUCED",
    series="expm1_tail",
    lower=Fraction(-45, 64),
    upper=Fraction(45, 64),
    terms=12,
    claim=Fraction(1, 2**55),
)
EXPM1_REDUCED_SINGLE = Approximation(
    constant="EXPM1_REDUCED",
    series="expm1_tail",
    lower=Fraction(-45, 64),
    upper=Fraction(45, 64),
    terms=7,
    claim=Fraction(1, 2**26),
    single=True,
)
ATANH_TAIL_SINGLE = Approximation(
    constant="ATANH_TAIL",
    series="atanh_tail",
    lower=Fraction(0),
    upper=Fraction(1, 9),
    terms=5,
    claim=Fraction(1, 2**27),
    single=True,
)

APPROXIMATIONS = (EXPM1_REDUCED, ATANH_TAIL)  # of the Python kernels
C_APPROXIMATIONS = {
    "f32": (EXPM1_REDUCED_SINGLE, ATANH_TAIL_SINGLE),
    "f64": (EXPM1_REDUCED, ATANH_TAIL),
}
