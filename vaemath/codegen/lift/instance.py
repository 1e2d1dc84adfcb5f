"""The arguments of a kernel as symbols: one for an entry of each event axis, or letters of matrices."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from vaemath.codegen.lift.library import Run
from vaemath.codegen.lift.matrices import Letter, Letters, Matrix, Word, Words, combined, letter
from vaemath.codegen.lift.value import Value
from vaemath.codegen.program import Argument, Program
from vaemath.core.terms import POSITIVE, REAL, Term
from vaemath.terms.build import neg, symbol, zero


@dataclass
class Instance:
    """A kernel's arguments, each entry a symbol, for events of any size.

    Attributes:
        run: the sums and the matrices of what is run on them.
        values: what the program is called with, by argument.
        entry: the symbol that stands for an entry of each argument without matrices.
        case: what the symbols of the logits are: u, -u (u > 0) or 0.
    """

    run: Run
    values: dict[str, Any] = field(default_factory=dict)
    entry: dict[str, Term] = field(default_factory=dict)
    case: dict[Term, Term] = field(default_factory=dict)


def instances(program: Program) -> list[Instance]:
    """What a program is compared with its theorem at: one for each sign of a logit, if it has any."""
    splits = bool({"logistic_parts", "logistic_steps"} & (program.calls() | program.in_passes.calls()))
    return [_instance(program, sign) for sign in ((1, -1, 0) if splits else (1,))]


def factor_name(argument: str) -> str:
    """The letter for the triangular factor of a matrix argument."""
    return f"factor_{argument}"


def _instance(program: Program, sign: int) -> Instance:
    made = Instance(Run())
    square = [a for a in program.arguments if len(a.event) == 2]
    if square:
        made.run.letters = Letters(square[0].event[0], made.run.ledger)
    for argument in program.arguments:
        if made.run.letters is not None:
            made.values[argument.name] = _matrix(made.run.letters, argument)
        else:
            _entry(made, argument, sign)
    if made.run.letters is not None:
        made.run.factors = _factors([factor_name(a.name) for a in square])
    for name, _ in program.options:
        made.entry[name] = symbol(name, POSITIVE)
        made.values[name] = Value(made.entry[name])
    return made


def _entry(made: Instance, argument: Argument, sign: int) -> None:
    name = argument.name
    entry = symbol(name, POSITIVE if argument.needs == "positive" else REAL)
    made.entry[name] = entry
    made.run.ledger.entries.add(entry)
    given = entry
    if name == "logits":
        size = symbol("u", POSITIVE)
        made.run.ledger.entries.add(size)
        given = {1: size, -1: neg(size), 0: zero}[sign]
        made.case[entry] = given
    made.values[name] = Value(given, argument.event)


def _matrix(letters: Letters, argument: Argument) -> Matrix:
    if len(argument.event) == 1:
        return letter(letters, argument.name, factor=False, shape=("n",))
    name = factor_name(argument.name)
    entry = symbol(name, POSITIVE)
    letters.diagonals[name] = entry
    letters.ledger.entries.add(entry)
    factor = letter(letters, name, factor=True)
    return factor if argument.needs == "factor" else factor @ factor.mT


def _factors(names: list[str]) -> list[Words]:
    """What a Cholesky factorisation inside the program may return: L_p, L_q, L_q^-1 L_p and I."""
    words: list[Word] = [(Letter(n, True),) for n in names]
    if len(words) == 2:
        words.append((words[1][0]._replace(inverse=True), words[0][0]))
    return [combined((w, Fraction(1))) for w in [*words, ()]]
