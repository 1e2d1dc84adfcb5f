"""The constants of a kernel file: coefficients and rounded irrational numbers."""

from __future__ import annotations

from vaemath.codegen import constants
from vaemath.codegen.approximation import APPROXIMATIONS
from vaemath.codegen.coefficients import coefficients
from vaemath.codegen.source import names_in


def numbers(body: str) -> str:
    """Assignments of all the constants that the body of a file mentions."""
    used = names_in(body)
    tuples = "".join(
        f"{a.constant} = (\n" + "".join(f"    {c!r},\n" for c in coefficients(a)) + ")\n"
        for a in APPROXIMATIONS
        if a.constant in used
    )
    scalars = {name: value for name, value in vars(constants).items() if isinstance(value, float)}
    return tuples + "".join(f"{n} = {v!r}\n" for n, v in scalars.items() if n in used)
