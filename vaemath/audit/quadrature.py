"""Quadrature: Gauss-Hermite and trapezoidal rules for the standard normal, the trapezoidal rule on the line.

The trapezoidal rule converges exponentially for integrands that are analytic in a strip and decay;
two steps that agree are the evidence, and their gap goes into the radius of the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from math import asinh, factorial, isfinite, sinh, sqrt
from typing import Any

from flint import arb, ctx, fmpz_poly

from vaemath.audit.values import BeyondError, UndefinedError, ball, gap, size, widened

Rule = list[tuple[Any, arb]]  # nodes and weights
AGREE = 1e-42
ACCEPT = 1e-12


@lru_cache(maxsize=64)
def hermite(n: int, prec: int) -> Rule:
    """The n nodes that integrate polynomials of degree < 2n exactly against N(0, 1)."""
    before, poly = fmpz_poly([1]), fmpz_poly([0, 2])
    for k in range(1, n):
        before, poly = poly, fmpz_poly([0, 2]) * poly - 2 * k * before
    out = []
    roots: list[Any] = poly.complex_roots()
    for root, _ in roots:
        x = root.real
        value = sum((int(before[i]) * x**i for i in range(n)), arb(0))
        weight = arb(2) ** (n - 1) * factorial(n) / (arb(n) * value) ** 2
        out.append((x * arb(2).sqrt(), weight))
    return out


@lru_cache(maxsize=64)
def trapezoid(reach: float, step: float, prec: int) -> Rule:
    """Equidistant nodes on [-reach, reach], weighted by the density of N(0, 1)."""
    h, n = arb(step), int(reach / step)
    c = h / (2 * arb.pi()).sqrt()
    return [(h * k, c * (-((h * k) ** 2) / 2).exp()) for k in range(-n, n + 1)]


_LINES = {1: ((16.5, 0.40625), (18.5, 0.34375), (30.0, 0.25)), 2: ((9.5, 0.6875), (10.75, 0.59375))}


def standard_rules(dimension: int) -> Iterator[Rule]:
    """Finer and finer rules for one coordinate of the standard normal in `dimension` dimensions."""
    yield hermite(4, ctx.prec)
    yield hermite(7, ctx.prec)
    for reach, step in _LINES.get(dimension, ()):
        yield trapezoid(reach, step, ctx.prec)


def refine(values: Iterator[Any], what: str) -> Any:
    """The limit of finer and finer values; what is left between the last two goes into its radius.

    Raises:
        UndefinedError: they grow beyond all numbers.
        BeyondError: they do not agree to twelve digits.
    """
    last = next(values)
    for value in values:
        if not isfinite(size(value)):
            raise UndefinedError(f"{what} diverges")
        left = gap(value, last)
        if left <= AGREE * (1 + size(value)):
            return value
        last = value
    if not left <= ACCEPT * (1 + size(value)):
        raise BeyondError(f"{what} did not converge")
    return widened(value, left)


def line_integral(f: Callable[[arb], arb]) -> arb:
    """The integral of f over the real line.

    Raises:
        UndefinedError: f does not decay.
    """
    centre, width = _whereabouts(f)
    if width == 0:
        return arb(0)
    value: arb = refine(_halved(f, ball(centre), ball(width)), "an integral over the line")
    return value


def _whereabouts(f: Callable[[arb], arb]) -> tuple[Any, Any]:
    """Centre and width of |f|, from a coarse look at the line."""
    centre, width = 0.0, 1.0
    for turn in range(3):
        grid = [k / 6 for k in range(-36, 37)] if turn == 0 else [k / 4 for k in range(-14, 15)]
        mass = first = second = 0.0
        for t in grid:
            x = centre + width * sinh(t)
            value = abs(float(f(arb(x)).mid())) * sqrt(1 + sinh(t) ** 2)
            if not isfinite(value):
                raise UndefinedError("an integrand that grows without bound")
            mass, first, second = mass + value, first + x * value, second + x * x * value
        if mass == 0.0:
            return Fraction(0), Fraction(0)
        centre = first / mass
        width = sqrt(max(second / mass - centre**2, 1e-12))
    return Fraction(centre).limit_denominator(1 << 12), Fraction(max(width, 1e-5)).limit_denominator(1 << 18)


def _halved(f: Callable[[arb], arb], centre: arb, width: arb) -> Iterator[arb]:
    step = width / 3
    total = _walk(f, centre, step, step)
    yield total * step
    for _ in range(5):
        total += _walk(f, centre + step / 2, step, step)
        step = step / 2
        yield total * step


def _walk(f: Callable[[arb], arb], start: arb, step: arb, width: arb) -> arb:
    """The sum of f over start + k step, for all k, cut where f stays negligible."""
    total = f(start)
    for direction in (1, -1):
        quiet, k = 0, 0
        while quiet < 4:
            k += 1
            value = f(start + direction * k * step)
            total += value
            quiet = quiet + 1 if abs(float(value.mid())) <= 1e-55 * (1e-9 + abs(float(total.mid()))) else 0
            if k > 3000:
                raise UndefinedError("an integrand that does not decay")
    return total


def interval_integral(f: Callable[[arb], arb], low: arb, high: arb) -> arb:
    """The integral of f from `low` to `high`, by the tanh substitution and the trapezoidal rule."""
    middle, half = (low + high) / 2, (high - low) / 2
    if half.contains(0):
        return arb(0)

    def sums() -> Iterator[arb]:
        for step in (0.125, 0.0625, 0.03125):
            h = arb(step)
            total = arb(0)
            n = int(asinh(85.0) / step)
            for k in range(-n, n + 1):
                s = (h * k).sinh() * arb.pi() / 2
                slope = arb.pi() / 2 * (h * k).cosh() / s.cosh() ** 2
                total += f(middle + half * s.tanh()) * slope
            yield total * h * half

    value: arb = refine(sums(), "an integral over an interval")
    return value


_STENCIL = ((1, 4, 5), (2, -1, 5), (3, 4, 105), (4, -1, 280))


def derivative(f: Callable[[arb], Any], at: arb) -> Any:
    """The derivative by central differences of order eight."""
    h = ball(1) / 2**15 * max(1.0, float(abs(at).mid()))
    total: Any = None
    for k, p, q in _STENCIL:
        part = (f(at + k * h) - f(at - k * h)) * (arb(p) / q)
        total = part if total is None else total + part
    return total / h
