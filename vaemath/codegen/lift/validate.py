"""One emitted file against its theorem: the value and every gradient, proved equal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

import numpy as np

from vaemath.codegen.lift.bodies import check_primitive
from vaemath.codegen.lift.c_program import CFile
from vaemath.codegen.lift.contracts import PRIMITIVES
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.frames import inside
from vaemath.codegen.lift.instance import Instance, instances, known_factors
from vaemath.codegen.lift.library import cholesky_among, part, solve_triangular, words
from vaemath.codegen.lift.matrices import WrittenOut
from vaemath.codegen.lift.numbers import exact_numbers
from vaemath.codegen.lift.reading import SourceFile
from vaemath.codegen.lift.unfolding import unfolded
from vaemath.codegen.lift.value import Value, cases, lifted
from vaemath.codegen.program import PRIMITIVES as CONTRACTS
from vaemath.codegen.program import Program
from vaemath.core.normal import residual
from vaemath.core.rules import differentiate
from vaemath.core.terms import REAL, Term, TermError, close, fresh, make, number, substitute
from vaemath.core.theorem import ProofError, Theorem
from vaemath.terms.build import zero


@dataclass(frozen=True)
class Report:
    """What was compared, and whether it was proved equal.

    Attributes:
        kernel, target: the file.
        what: `value`, `d_ARGUMENT`, or a primitive against its contract.
        ok: proved at every size, in every case.
        detail: how many identities were proved, within what error, or what fails.
    """

    kernel: str
    target: str
    what: str
    ok: bool
    detail: str


def validate_program(
    program: Program, target: str, text: str, theorem: Callable[[str, str], Theorem]
) -> list[Report]:
    """The reports on one emitted file's program.

    `theorem` finds a theorem by id and block.
    """
    outputs = ["value", *(f"d_{a.name}" for a in program.arguments)]
    counts = dict.fromkeys(outputs, 0)
    failed: dict[str, str] = {}
    try:
        read = CFile(program, text) if target == "c" else _PythonFile(program, target, text)
        statement = theorem(program.theorem, program.block).statement
        for instance in instances(program):
            expected = _expected(program, instance, statement.args[1])
            for run in read.runs(instance):
                for results, _ in cases(run):
                    for name in outputs:
                        done = _compare(results[name], expected[name], instance)
                        counts[name] += done[0]
                        if done[1]:
                            failed.setdefault(name, f"size {instance.size}: {done[1]}")
            if failed:
                break  # what is left of a wrong kernel only grows with the size
    except (LiftError, ProofError, TermError) as e:
        return [Report(program.name, target, "file", False, str(e))]
    reports = [
        Report(
            program.name,
            target,
            name,
            name not in failed,
            failed.get(name, f"{counts[name]} identities proved"),
        )
        for name in outputs
    ]
    called = program.calls() | (program.in_passes.calls() if target == "torch" else set())
    return reports + [_primitive(program, target, read, p) for p in sorted(called) if p in CONTRACTS]


def _primitive(program: Program, target: str, read: CFile | _PythonFile, name: str) -> Report:
    """The report on a primitive: its body against its contract."""
    try:
        shown = dict.fromkeys(read.primitive(name))
    except (LiftError, ProofError, TermError) as e:
        return Report(program.name, target, name, False, str(e))
    return Report(program.name, target, name, True, " | ".join(shown))


class _PythonFile:
    """An emitted file of NumPy or torch."""

    def __init__(self, program: Program, target: str, text: str) -> None:
        self.program, self.target = program, target
        name = f"{program.name} ({target})"
        self.source = SourceFile(inside(program, target, text, name).text, name)

    def runs(self, instance: Instance) -> list[Callable[[], dict[str, Any]]]:
        """What to run on the instance: value and gradients by name; for torch, finely and not."""
        flags: list[tuple[bool, ...]] = [(True,), (False,)] if self.target == "torch" else [()]
        return [_runner(self.program, self.source, instance, fine) for fine in flags]

    def primitive(self, name: str) -> list[str]:
        """What was shown of a primitive."""
        own = f"_{name}"
        if own not in self.source.functions:
            raise LiftError(f"{self.source.name}: there is no function `{own}`")
        takes_fine = any(a.arg == "fine" for a in self.source.functions[own].args.args)
        flags: list[tuple[bool, ...]] = [(True,), (False,)] if takes_fine else [()]
        return [check_primitive(self.source, own, flag) for flag in flags]


def _runner(
    program: Program, source: SourceFile, instance: Instance, fine: tuple[bool, ...]
) -> Callable[[], dict[str, Any]]:
    cholesky = cholesky_among(known_factors(instance))
    shim = words(cholesky)
    given = [instance.values[a.name] for a in program.arguments]
    options = tuple(instance.values[name] for name, _ in program.options)
    namespace = source.compiled(
        {"np": shim, "torch": shim, "math": shim, **exact_numbers(source)},
        replacing={
            **PRIMITIVES,
            "_cholesky": lambda *arguments: cholesky(arguments[-1]),
            "_coarse": part,
            "_length": len,
            "_solve": lambda factor, right, upper: solve_triangular(factor, right, upper=upper),
        },
    )
    if "_program" not in source.functions:
        raise LiftError(f"{source.name}: there is no function `_program`")

    def run() -> dict[str, Any]:
        needs = ((True,) * len(given),) if fine else ()
        value, slopes = namespace["_program"](given, options, *fine, *needs)
        if len(slopes) != len(program.arguments):
            raise LiftError(f"{source.name}: expected one gradient for each argument")
        named = {f"d_{a.name}": g for a, g in zip(program.arguments, slopes, strict=True)}
        return {"value": value, **named}

    return run


def _expected(program: Program, instance: Instance, textbook: Term) -> dict[str, Any]:
    """The theorem's right side at this instance, and its derivatives."""
    value = _written(program, instance, textbook)
    out: dict[str, Any] = {"value": unfolded(substitute(value, instance.cases))}
    for argument in program.arguments:
        slopes = [_derivative(value, s) for s in instance.symbols[argument.name]]
        by = [unfolded(substitute(s, instance.cases)) for s in slopes]
        out[f"d_{argument.name}"] = (argument, by)
    return out


def _written(program: Program, instance: Instance, textbook: Term) -> Term:
    meaning: dict[Term, Any] = {}
    for s in textbook.free:
        name = s.data[0]
        if name in program.symbols:
            argument = program.symbols[name]
            given = instance.values[argument]
            symbols = instance.symbols[argument]
            if argument in instance.factors and s.sort[0] in ("spd", "mat"):
                factor = instance.factors[argument]
                meaning[s] = factor @ factor.T
            elif isinstance(given, Value):
                meaning[s] = given.term
            elif s.sort[0] == "fun":
                meaning[s] = symbols
            else:
                meaning[s] = given
        elif s.sort == ("nat",):
            meaning[s] = number(instance.length(name))
        else:
            raise LiftError(f"{program.name}: the theorem has a symbol `{name}` with no argument")
    factors = known_factors(instance)
    return WrittenOut(meaning, factors).scalar(textbook)


def _derivative(value: Term, symbol: Term) -> Term:
    x = fresh("x", REAL, value.free)  # a derivative is taken by a real number, also at a positive one
    return differentiate(term=make("diff", (close(x, substitute(value, {symbol: x})), symbol))).rhs


def _compare(found: Any, expected: Any, instance: Instance) -> tuple[int, str]:
    """How many identities were proved, and what is left of the first that is none."""
    if isinstance(expected, Term):
        return _equal([(found, expected)])
    argument, slopes = expected
    if argument.needs in ("factor", "covariance"):
        return _compare_matrix(found, argument, slopes, instance)
    return _equal(list(zip(np.ravel(found) if instance.size else [found], slopes, strict=True)))


def _compare_matrix(found: Any, argument: Any, slopes: list[Term], instance: Instance) -> tuple[int, str]:
    n = instance.size
    lower = [(i, j) for i in range(n) for j in range(i + 1)]
    upper = [(i, j) for i in range(n) for j in range(i + 1, n)]
    if argument.needs == "factor":
        pairs = [(found[i, j], s) for (i, j), s in zip(lower, slopes, strict=True)]
        return _equal([*pairs, *((found[i, j], zero) for i, j in upper)])
    # S = L L': for the symmetric gradient G, the derivative by L is the lower part of 2 G L
    chained = found @ instance.factors[argument.name]
    pairs = [(2 * chained[i, j], s) for (i, j), s in zip(lower, slopes, strict=True)]
    return _equal([*pairs, *((found[i, j], lifted(found[j, i]).term) for i, j in upper)])


def _equal(pairs: list[tuple[Any, Term]]) -> tuple[int, str]:
    for found, expected in pairs:
        rest = residual(unfolded(lifted(found).term), expected)
        if rest != zero:
            return 0, f"differs from the theorem by {shorten(str(rest), 300)}"
    return len(pairs), ""
