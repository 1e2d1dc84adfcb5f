"""One emitted file against its theorem: the value and every gradient, proved equal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vaemath.codegen.lift.cases import cases
from vaemath.codegen.lift.comparing import Comparison, Counts, same
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.frames import FRAMES
from vaemath.codegen.lift.instance import instances
from vaemath.codegen.lift.limits import within
from vaemath.codegen.program import Program
from vaemath.codegen.targets import targets
from vaemath.codegen.targets.interface import Read
from vaemath.core.terms import Term, TermError
from vaemath.core.theorem import ProofError, Theorem

_REFUSALS = (LiftError, ProofError, TermError)


@dataclass(frozen=True)
class Report:
    """What was compared, and whether it was proved equal.

    Attributes:
        kernel, target: the file.
        what: `value`, `d_ARGUMENT`, a primitive against its contract, or `file` where it is none.
        ok: proved for events of every size, in every case.
        detail: how many identities were proved, within what error, or what fails, in one line.
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
    name = f"{program.name} ({target})"

    def report(what: str, ok: bool, detail: str) -> Report:
        line = " ".join(detail.split())
        if not ok and not line.startswith(program.name):
            line = f"{name}: {line}"
        return Report(program.name, target, what, ok, line)

    try:
        with within(name):
            statement = theorem(program.theorem, program.block).statement.args[1]
            read = targets()[target].read(program, text)
            counts, failed = _outputs(program, read, statement)
            reports = [
                report(what, what not in failed, failed.get(what, f"{count} identities proved"))
                for what, count in counts.items()
            ]
            if target not in FRAMES:
                whose = type(targets()[target]).__module__.split(".")[0]
                reports.append(report("frame", True, f"{whose}'s, not on the list of frames that were read"))
            for primitive in read.primitives():
                try:
                    shown = " | ".join(dict.fromkeys(read.primitive(primitive)))
                    reports.append(report(primitive, True, shown))
                except _REFUSALS as e:
                    reports.append(report(primitive, False, str(e)))
            return reports
    except _REFUSALS as e:
        return [report("file", False, str(e))]
    except (RecursionError, MemoryError) as e:
        return [report("file", False, f"{name}: nested too deeply to be read ({type(e).__name__})")]


def _outputs(program: Program, read: Read, statement: Term) -> tuple[dict[str, int], dict[str, str]]:
    """How many identities were proved of each output, and what is wrong with those that fail."""
    counts = dict.fromkeys(["value", *(f"d_{a.name}" for a in program.arguments)], 0)
    failed: dict[str, str] = {}
    per_entry: Counts = {}
    for instance in instances(program):
        comparison = Comparison(program, instance, statement, per_entry)
        for first, *others in read.runs(instance):
            for results, state in cases(first):
                for output in counts:
                    try:
                        comparison.check(output, results[output], state)
                        counts[output] += 1
                    except _REFUSALS as e:
                        failed.setdefault(output, f"{read.name}: {e}")
                for fewer in others:
                    for found, there in cases(fewer):
                        if there.given[: len(there.asked)] != state.given[: len(state.asked)]:
                            continue
                        for output in counts:
                            if found[output] is not None and not same(results[output], found[output]):
                                failed.setdefault(
                                    output, f"{read.name}: is another where not every gradient is needed"
                                )
    return counts, failed
