"""Signatures and checks, as text."""

from __future__ import annotations

from vaemath.codegen.program import LARGEST_OPTION, LEAST_OPTION, Program
from vaemath.codegen.source import LINE


def signature(name: str, parameters: list[str], returns: str) -> str:
    """The head of a function, on one line if it fits, else as `ruff format` breaks it."""
    inside = ", ".join(parameters)
    whole = f"def {name}({inside}) -> {returns}:"
    if len(whole) <= LINE:
        return whole + "\n"
    if len(inside) + 4 <= LINE:
        return f"def {name}(\n    {inside}\n) -> {returns}:\n"
    return f"def {name}(\n" + "".join(f"    {p},\n" for p in parameters) + f") -> {returns}:\n"


def option_checks(program: Program) -> list[str]:
    """Lines that raise for an option that is out of its range."""
    lines = []
    least, largest = (f"{x:g}".replace("+", "") for x in (LEAST_OPTION, LARGEST_OPTION))
    for name, _ in program.options:
        expected = f"expected a number from {least} to {largest}"
        lines.append(f"if not {least} <= {name} <= {largest}:")
        lines.append(f'    raise ValueError(f"{{KERNEL}}: {name} is {{{name}}}; {expected}")')
    return lines
