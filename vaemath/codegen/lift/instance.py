"""The arguments of a kernel as symbols, at one size of the event."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from vaemath.codegen.lift.library import array, solve_triangular
from vaemath.codegen.program import Argument, Program
from vaemath.core.terms import POSITIVE, REAL, Term
from vaemath.terms.build import neg, symbol, zero


@dataclass
class Instance:
    """A kernel's arguments at size n: d = n and D = n + 1.

    Attributes:
        sign: that of every logit.
        values: what the program is called with, by argument.
        symbols: the symbols of each argument, entry by entry.
        factors: lower triangular factors by argument, for scale_tril and covariance arguments.
        cases: what the symbols of the logits are in this case: u, -u (u > 0) or 0.
    """

    size: int
    sign: int
    values: dict[str, Any] = field(default_factory=dict)
    symbols: dict[str, list[Term]] = field(default_factory=dict)
    factors: dict[str, Any] = field(default_factory=dict)
    cases: dict[Term, Term] = field(default_factory=dict)

    def length(self, letter: str) -> int:
        """The length of an event axis."""
        return self.size + 1 if letter == "D" else self.size


def instances(program: Program) -> list[Instance]:
    """Every instance at which a program is compared with its theorem."""
    sizes = (1, 2, 3) if any(a.event for a in program.arguments) else (0,)
    signs = (1, -1, 0) if _splits(program) else (1,)
    return [_instance(program, n, s) for n in sizes for s in signs]


def _splits(program: Program) -> bool:
    return bool({"logistic_parts", "logistic_steps"} & program.calls())


def _instance(program: Program, size: int, sign: int) -> Instance:
    made = Instance(size=size, sign=sign)
    for argument in program.arguments:
        _argument(made, argument)
    for name, default in program.options:
        made.values[name] = array([symbol(name, POSITIVE)])[0]
        made.symbols[name] = [symbol(name, POSITIVE)]
        assert default > 0
    return made


def _argument(made: Instance, argument: Argument) -> None:
    n = made.length(argument.event[:1])
    name = argument.name
    sort = POSITIVE if argument.needs == "positive" else REAL
    if argument.event == "":
        made.symbols[name] = [symbol(name, sort)]
        made.values[name] = array([symbol(name, sort)])[0]
    elif len(argument.event) == 1 and name == "logits":
        made.symbols[name] = [symbol(f"l_{i + 1}", REAL) for i in range(n)]
        sizes = [symbol(f"u_{i + 1}", POSITIVE) for i in range(n)]
        signed = [{1: u, -1: neg(u), 0: zero}[made.sign] for u in sizes]
        made.cases |= dict(zip(made.symbols[name], signed, strict=True))
        made.values[name] = array(signed)
    elif len(argument.event) == 1:
        made.symbols[name] = [symbol(f"{name}_{i + 1}", sort) for i in range(n)]
        made.values[name] = array(made.symbols[name])
    else:
        entries: list[list[Any]] = [[0] * n for _ in range(n)]
        made.symbols[name] = []
        for i in range(n):
            for j in range(i + 1):
                entry = symbol(f"{name}_{i + 1}{j + 1}", POSITIVE if i == j else REAL)
                entries[i][j] = entry
                made.symbols[name].append(entry)
        factor = array(entries)
        made.factors[name] = factor
        made.values[name] = factor if argument.needs == "factor" else factor @ factor.T


def known_factors(made: Instance) -> list[Any]:
    """What a Cholesky factorisation inside the program may return: L_p, L_q, L_q^-1 L_p and I."""
    factors = list(made.factors.values())
    if len(factors) == 2:
        factors.append(solve_triangular(factors[1], factors[0], upper=False))
    n = made.size
    factors.append(array([[1 if i == j else 0 for j in range(n)] for i in range(n)]))
    return factors
