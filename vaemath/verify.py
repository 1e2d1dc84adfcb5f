"""`vaemath verify`: every arrow of the chain, theorem by theorem.

    derivation script -> theorem -> certificate -> program -> kernel source -> numbers

Replay (certificate -> theorem), audit (each node in random models), enclosure (each integral in balls),
false goals (each refused), kernels (each emitted file executed on symbols and proved equal), and
staleness (programs against kernels; in a checkout also scripts against certificates).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from vaemath import library, regenerate
from vaemath.cores import cores
from vaemath.errors import VaemathError

if TYPE_CHECKING:
    from vaemath.audit.mutants import Goal
    from vaemath.core.theorem import Theorem

Progress = Callable[[str], None]


@dataclass
class Report:
    """What was checked of one theorem.

    Attributes:
        id: of the theorem.
        replayed: rules run again from the certificate.
        audited: nodes of the proof evaluated in models where their hypotheses hold.
        evaluations: models times nodes.
        worst_deviation: of the two sides of any node, relative, at 50 digits.
        enclosures: concrete integrals enclosed in balls.
        false_goals: wrong variants of the statements, shown false in a model and refused by the rules.
        kernels: emitted functions and gradients proved equal to the theorem.
        stale: files that differ from what would be generated now; None outside a checkout.
        seconds: of work.
        failures: what does not hold, a line each; empty when all is well.
    """

    id: str
    replayed: int = 0
    audited: int = 0
    evaluations: int = 0
    worst_deviation: float = 0.0
    enclosures: int = 0
    false_goals: int = 0
    kernels: int = 0
    stale: bool | None = None
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.failures

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "good": self.good}


def verify(ids: list[str] | None = None, progress: Progress = lambda _: None) -> Iterator[Report]:
    """Check the named theorems, or all, one report each.

    Raises:
        UnknownTheorem: an id is not in the library.
    """
    wanted = ids or library.ids()
    for id in wanted:
        if id not in library.ids():
            raise library.UnknownTheorem(f"no theorem `{id}`; `vaemath list` shows them all")
    progress("scripts")
    differing = _differing()
    if not ids:
        yield from _nobodys(differing)
    if len(wanted) == 1:
        yield _report(wanted[0], differing)
        return
    with ProcessPoolExecutor(max_workers=min(cores(), len(wanted))) as pool:
        jobs = {pool.submit(_report, id, differing): id for id in sorted(wanted, key=_work, reverse=True)}
        for job in as_completed(jobs):
            progress(jobs[job])
            yield job.result()


def unbacked_rows(progress: Progress = lambda _: None) -> tuple[int, list[str]]:
    """The rows of the ledger of documents: how many there are, and a line for each that is not backed."""
    from vaemath.ledger.load import chosen
    from vaemath.ledger.run import run_rows

    rows = chosen()
    progress("ledger")
    return len(rows), [r.line() for r in run_rows(rows) if not r.good]


def _work(id: str) -> int:
    """A guess at how long a theorem takes: the size of its certificate."""
    return (library.CERTIFICATES / f"{id}.json").stat().st_size


def _report(id: str, differing: dict[str, str]) -> Report:
    started = time.perf_counter()
    report = Report(id)
    try:
        _check(report, differing)
    except VaemathError as e:
        report.failures.append(str(e))
    report.seconds = round(time.perf_counter() - started, 2)
    return report


def _differing() -> dict[str, str]:
    """File -> what is wrong, for certificates and kernels that would be made otherwise now.

    Outside a checkout there are no scripts to compare certificates with.
    """
    from vaemath import codegen

    stale = {}
    if library.in_checkout():
        fresh = regenerate.certificates()
        for path, text in fresh.items():
            if not path.is_file() or path.read_text() != text:
                stale[f"certificates/{path.name}"] = "is not what its script gives today"
        for path in library.CERTIFICATES.glob("*.json"):
            if path not in fresh:
                stale[f"certificates/{path.name}"] = "has no script"
    for file in codegen.stale():
        stale[file.path.relative_to(codegen.KERNELS.parent).as_posix()] = file.reason
    return {name: f"{name} {reason}" for name, reason in stale.items()}


def _nobodys(differing: dict[str, str]) -> Iterator[Report]:
    """A report on the files that differ and belong to no theorem that is reported, if there are any."""
    owned = {name for id in library.ids() for name in _files(id)}
    failures = [message for name, message in differing.items() if name not in owned]
    if failures:
        yield Report("files", failures=failures)


def _files(id: str) -> list[str]:
    """The generated files of a theorem."""
    from vaemath import codegen
    from vaemath.codegen.programs import PROGRAMS

    kernels = [codegen.place(p.name, t) for p in PROGRAMS if p.theorem == id for t in codegen.TARGETS]
    return [f"certificates/{id}.json", *(k.relative_to(codegen.KERNELS.parent).as_posix() for k in kernels)]


def _check(report: Report, differing: dict[str, str]) -> None:
    from vaemath.audit.report import audit
    from vaemath.core.theorem import nodes

    theorems = [b.theorem for b in library.proof(report.id).blocks]
    report.replayed = len({id(n) for t in theorems for n in nodes(t)})
    found = audit(theorems)
    report.audited = found.nodes - len(found.unaudited)
    report.evaluations, report.worst_deviation = found.evaluations, found.worst_deviation
    report.enclosures = found.enclosures
    if found.failure is not None:
        report.failures.append(f"audit: {found.failure}")
    report.failures.extend(f"audit: no model decides {t}" for t in found.unaudited)
    _refuse(report, theorems)
    _kernels(report)
    stale = [differing[name] for name in _files(report.id) if name in differing]
    report.stale = bool(stale) if library.in_checkout() else None
    report.failures.extend(stale)


def _refuse(report: Report, theorems: list[Theorem]) -> None:
    """Every wrong variant of a statement must be refused by the rules."""
    from vaemath.audit.mutants import accepted, false_goals
    from vaemath.proof.refuse import proves

    def prover(goal: Goal) -> Theorem | None:
        return proves(goal.statement, theorem)

    for theorem in theorems:
        goals = false_goals(theorem)
        report.false_goals += len(goals)
        for goal in accepted(goals, prover):
            report.failures.append(f"the rules prove what is false: {goal}")


def _kernels(report: Report) -> None:
    """Every kernel made from the theorem is run on symbols and proved equal to it."""
    from vaemath import codegen
    from vaemath.codegen.programs import PROGRAMS

    for program in PROGRAMS:
        if program.theorem != report.id:
            continue
        name = program.name.replace("_", "-")
        for r in codegen.validate(name):
            report.kernels += r.ok
            if not r.ok:
                file = codegen.place(r.kernel, r.target).name
                report.failures.append(f"kernels/{r.target}/{file}: {r.what}: {r.detail}")
