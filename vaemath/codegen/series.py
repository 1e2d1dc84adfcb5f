"""Exact power series of the functions that kernels replace by polynomials.

expm1_tail(x) = (e^x - 1 - x - x^2/2) / x^3                = sum_k x^k / (k + 3)!
atanh_tail(v) = (atanh(w)/w - 1) / w^2,  v = w^2           = sum_k v^k / (2k + 3)
"""

from __future__ import annotations

from fractions import Fraction
from math import factorial


def coefficient(name: str, k: int) -> Fraction:
    """The coefficient of the k-th power in the series `name`."""
    if name == "expm1_tail":
        return Fraction(1, factorial(k + 3))
    if name == "atanh_tail":
        return Fraction(1, 2 * k + 3)
    raise ValueError(f"series: expected expm1_tail or atanh_tail, got {name!r}")


def remainder(name: str, count: int, reach: Fraction) -> Fraction:
    """A bound on the sum of all terms from `count` on, for |x| <= reach.

    Consecutive terms shrink at least by the factor r = reach/(count + 4) (expm1_tail) or reach
    (atanh_tail), so the remainder is below its first term over 1 - r.
    """
    ratio = reach / (count + 4) if name == "expm1_tail" else reach
    if ratio >= 1:
        raise ValueError(f"series {name}: {count} terms do not suffice for |x| <= {reach}")
    return abs(coefficient(name, count)) * reach**count / (1 - ratio)
