"""The numbers of a file: what each must be, and which stand for irrational ones."""

from __future__ import annotations

from functools import cache
from typing import Any

from vaemath.codegen.approximation import APPROXIMATIONS
from vaemath.codegen.coefficients import coefficients
from vaemath.codegen.lift.value import Value
from vaemath.codegen.numbers import exact_scalars
from vaemath.codegen.reals import DOUBLE, REALS, reduction
from vaemath.codegen.targets.c.numbers import integers, scalars, tuples
from vaemath.terms.build import half, log, mul, pi

_EXACT = {"HALF_LOG_TWO_PI": mul(half, log(mul(2, pi)))}


@cache
def generated(suffix: str) -> dict[str, Any]:
    """Every constant by name: of the Python kernels, or of C for one type."""
    if suffix:
        real = next(r for r in REALS if r.suffix == suffix)
        return {**scalars(real), **integers(real), **tuples(real), **exact_scalars()}
    return {a.constant: coefficients(a) for a in APPROXIMATIONS} | reduction(DOUBLE) | exact_scalars()


def exact_numbers() -> dict[str, Value]:
    """Constants that stand for irrational numbers, as these."""
    return {name: Value(t) for name, t in _EXACT.items()}
