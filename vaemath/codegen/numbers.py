"""The constants of a kernel file: coefficients and rounded irrational numbers."""

from __future__ import annotations

from vaemath.codegen import constants
from vaemath.codegen.approximation import APPROXIMATIONS
from vaemath.codegen.coefficients import coefficients
from vaemath.codegen.reals import DOUBLE, reduction
from vaemath.codegen.source import names_in


def numbers(body: str) -> str:
    """Assignments of all the constants that the body of a file mentions."""
    used = names_in(body)
    tuples = "".join(_tuple(a.constant, coefficients(a)) for a in APPROXIMATIONS if a.constant in used)
    single = reduction(DOUBLE) | exact_scalars()
    return tuples + "".join(f"{n} = {v!r}\n" for n, v in single.items() if n in used)


def exact_scalars() -> dict[str, float]:
    """The irrational numbers that kernels hold rounded."""
    return {name: value for name, value in vars(constants).items() if isinstance(value, float)}


def _tuple(name: str, values: tuple[float, ...]) -> str:
    if len(values) == 1:
        return f"{name} = ({values[0]!r},)\n"
    return f"{name} = (\n" + "".join(f"    {c!r},\n" for c in values) + ")\n"
