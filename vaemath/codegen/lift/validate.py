"""One emitted file against its theorem: the value and every gradient, proved equal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaemath.codegen import constants
from vaemath.codegen.lift.contracts import PRIMITIVES
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.instance import Instance, instances, known_factors
from vaemath.codegen.lift.library import cholesky_among, words
from vaemath.codegen.lift.matrices import WrittenOut
from vaemath.codegen.lift.reading import SourceFile
from vaemath.codegen.lift.value import Value, cases, lifted
from vaemath.codegen.program import Program
from vaemath.proof.normal import residual
from vaemath.proof.rules import differentiate
from vaemath.proof.theorem import ProofError, Theorem
from vaemath.terms.build import half, log, mul, number, pi, zero
from vaemath.terms.definitions import unfold
from vaemath.terms.signature import SPECIAL
from vaemath.terms.term import Term, TermError, close, make, rebuild


@dataclass(frozen=True)
class Report:
    """What was compared, and whether it was proved equal.

    Attributes:
        kernel, target: the file.
        what: `value` or `d_ARGUMENT`.
        ok: proved at every size, in every case.
        detail: how many identities were proved, or the first that is not one.
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
        source = SourceFile(text, f"{program.name} ({target})")
        statement = theorem(program.theorem, program.block).statement
        for instance in instances(program):
            expected = _expected(program, instance, statement.args[1])
            for fine in (True, False) if target == "torch" else (True,):
                for results, _ in cases(_runner(program, target, source, instance, fine)):
                    for name in outputs:
                        done = _compare(results[name], expected[name], instance)
                        counts[name] += done[0]
                        if done[1]:
                            failed.setdefault(name, f"size {instance.size}: {done[1]}")
    except (LiftError, ProofError, TermError) as e:
        return [Report(program.name, target, name, False, str(e)) for name in outputs]
    return [
        Report(
            program.name,
            target,
            name,
            name not in failed,
            failed.get(name, f"{counts[name]} identities proved"),
        )
        for name in outputs
    ]


def _runner(
    program: Program, target: str, source: SourceFile, instance: Instance, fine: bool
) -> Callable[[], dict[str, Any]]:
    cholesky = cholesky_among(known_factors(instance))
    shim = words(cholesky)
    given = [instance.values[a.name] for a in program.arguments]
    given += [instance.values[name] for name, _ in program.options]
    namespace = source.compiled(
        {"np": shim, "torch": shim, "math": shim, **_numbers(source)},
        replacing={
            **PRIMITIVES,
            "_cholesky": lambda *arguments: cholesky(arguments[-1]),
        },
    )
    if "_program" not in source.functions:
        raise LiftError(f"{source.name}: there is no function `_program`")

    def run() -> dict[str, Any]:
        flags = (fine, True) if target == "torch" else ()
        value, slopes = namespace["_program"](*given, *flags)
        if len(slopes) != len(program.arguments):
            raise LiftError(f"{source.name}: expected one gradient for each argument")
        named = {f"d_{a.name}": g for a, g in zip(program.arguments, slopes, strict=True)}
        return {"value": value, **named}

    return run


def _numbers(source: SourceFile) -> dict[str, Any]:
    """Constants that stand for irrational numbers, as these; each must be the nearest float64."""
    exact = {"HALF_LOG_TWO_PI": mul(half, log(mul(2, pi)))}
    for name in exact:
        if name in source.constants and source.constants[name] != getattr(constants, name):
            raise LiftError(f"{source.name}: {name} is {source.constants[name]!r}")
    return {name: Value(t) for name, t in exact.items()}


def _expected(program: Program, instance: Instance, textbook: Term) -> dict[str, Any]:
    """The theorem's right side at this instance, and its derivatives."""
    value = _unfolded(_written(program, instance, textbook))
    out: dict[str, Any] = {"value": value}
    for argument in program.arguments:
        by = [_derivative(value, s) for s in instance.symbols[argument.name]]
        out[f"d_{argument.name}"] = (argument, by)
    return out


def _written(program: Program, instance: Instance, textbook: Term) -> Term:
    meaning: dict[Term, Any] = {}
    for s in textbook.free:
        name = s.data[0]
        if name in program.symbols:
            argument = program.symbols[name]
            given = instance.values[argument]
            if argument in instance.factors and s.sort[0] in ("spd", "mat"):
                factor = instance.factors[argument]
                meaning[s] = factor @ factor.T
            elif isinstance(given, Value):
                meaning[s] = given.term
            elif s.sort[0] == "fun":
                meaning[s] = [lifted(v).term for v in given]
            else:
                meaning[s] = given
        elif s.sort == ("nat",):
            meaning[s] = number(instance.size)
        else:
            raise LiftError(f"{program.name}: the theorem has a symbol `{name}` with no argument")
    factors = known_factors(instance)
    return WrittenOut(meaning, factors).scalar(textbook)


def _unfolded(t: Term) -> Term:
    if t.head in SPECIAL:
        return _unfolded(unfold(t))
    return rebuild(t, tuple(_unfolded(a) for a in t.args))


def _derivative(value: Term, symbol: Term) -> Term:
    return differentiate(term=make("diff", (close(symbol, value), symbol))).rhs


def _compare(found: Any, expected: Any, instance: Instance) -> tuple[int, str]:
    """How many identities were proved, and what is left of the first that is none."""
    if isinstance(expected, Term):
        return _equal([(found, expected)])
    argument, slopes = expected
    n = instance.size
    if argument.needs in ("factor", "covariance"):
        return _compare_matrix(found, argument, slopes, instance)
    pairs = list(zip(np.ravel(found) if n else [found], slopes, strict=True))
    if argument.name == "logits":  # the symbols are the sizes |l|
        if instance.sign == 0:
            return 0, ""
        pairs = [(f, mul(instance.sign, s)) for f, s in pairs]
    return _equal(pairs)


def _compare_matrix(
    found: Any, argument: Any, slopes: list[Term], instance: Instance
) -> tuple[int, str]:
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
        rest = residual(_unfolded(lifted(found).term), expected)
        if rest != zero:
            return 0, f"differs from the theorem by {rest}"
    return len(pairs), ""


