"""`vaemath verify`: every arrow of the chain, theorem by theorem.

    derivation script -> theorem -> certificate -> program -> kernel source -> numbers

Checkers (each certificate, in processes that never saw a script), audit (each node in random models),
enclosure (each integral in balls), false goals (each refused), kernels (each emitted file executed on
symbols and proved equal), and staleness (programs against kernels; in a checkout also scripts against
certificates).
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaemath import library
from vaemath.apart.checkers import Verdict, check
from vaemath.apart.derive import Derived, derive_library
from vaemath.apart.signed import sign
from vaemath.cores import cores
from vaemath.errors import FalseError, VaemathError, one_line

if TYPE_CHECKING:
    from vaemath.audit.mutants import Goal
    from vaemath.core.theorem import Theorem

Progress = Callable[[str], None]
_SECONDS = 900  # that the audit of one theorem may take


@dataclass
class Report:
    """What was checked of one theorem.

    Attributes:
        id: of the theorem.
        checkers: that accepted the certificate, each in a process that never saw a script.
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
        note: what else has to be said, such as that the record of what holds cannot be written.
    """

    id: str
    checkers: list[str] = field(default_factory=list)
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
    note: str = ""

    @property
    def good(self) -> bool:
        return not self.failures

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "good": self.good}


def verify(ids: list[str] | None = None, progress: Progress = lambda _: None) -> Iterator[Report]:
    """Check the named theorems, or all with whatever else lies in their folder, one report each.

    Certificates of which all holds are signed: see `vaemath.apart.signed`.

    Raises:
        UnknownTheorem: an id is not in the library.
    """
    wanted = ids or library.ids()
    for id in wanted:
        library.path_of(id)
    contents: dict[str, bytes] = {}
    refused: dict[str, str] = {}
    for id in wanted:
        try:
            contents[id] = library.stored(id)
        except VaemathError as e:
            refused[id] = str(e)
    with ThreadPoolExecutor() as pool:  # all of it waits for other processes
        progress("scripts and checkers")
        differing = pool.submit(_differing, ids)
        checked = pool.submit(check, [library.path_of(id) for id in contents])
    if not ids:
        yield from _nobodys(differing.result())
    jobs = [_Job(id, refused.get(id), checked.result(), differing.result()) for id in wanted]
    library.refused |= {contents[j.id]: j.refused[0] for j in jobs if j.refused and j.id in contents}
    for report in _reports(jobs, progress):
        if report.good and report.id in contents:
            try:
                sign([contents[report.id]])
            except VaemathError as e:
                report.note = f"holds, but is not remembered: {one_line(str(e))}"
        yield report


class _Job:
    """What is known of a theorem before it is audited."""

    def __init__(
        self,
        id: str,
        refused: str | None,
        checked: dict[Path, list[Verdict]],
        differing: dict[str, str],
    ) -> None:
        self.id = id
        verdicts = checked.get(library.CERTIFICATES / f"{id}.json", [])
        self.accepted = [v.checker for v in verdicts if v.good]
        self.refused = [refused] if refused else [f"{id}.json: {v}" for v in verdicts if not v.good]
        self.differing = differing


def _reports(jobs: list[_Job], progress: Progress) -> Iterator[Report]:
    if len(jobs) == 1:
        yield _report(jobs[0])
        return
    with ProcessPoolExecutor(max_workers=min(cores(), len(jobs))) as pool:
        ordered = sorted(jobs, key=lambda job: _work(job.id), reverse=True)
        running = {pool.submit(_report, job): job for job in ordered}
        for done in as_completed(running):
            id = running[done].id
            progress(id)
            try:
                yield done.result()
            except BrokenProcessPool:
                yield Report(id, failures=["the process that audits it, or one beside it, was ended"])


def unbacked_rows(progress: Progress = lambda _: None) -> tuple[int, list[str]]:
    """The rows of the ledger of documents: how many there are, and a line for each that is not backed."""
    from vaemath.ledger.load import chosen
    from vaemath.ledger.run import run_rows

    rows = chosen()
    progress("ledger")
    return len(rows), [r.line() for r in run_rows(rows) if not r.good]


def _work(id: str) -> int:
    """A guess at how long a theorem takes: the size of its certificate."""
    return (library.CERTIFICATES / f"{id}.json").lstat().st_size


def _report(job: _Job) -> Report:
    started = time.perf_counter()
    report = Report(job.id, checkers=job.accepted, failures=list(job.refused))
    if not report.failures:
        try:
            with at_most(_SECONDS):
                _check(report, job.differing)
        except VaemathError as e:
            report.failures.append(one_line(str(e)))
        except (RecursionError, MemoryError) as e:
            report.failures.append(f"audit: {type(e).__name__}: too large to be audited")
    report.seconds = round(time.perf_counter() - started, 2)
    return report


class _Late(BaseException):
    """The time is over; no `except` for errors stops it."""


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Give up after that time; only the main thread of a process can.

    Raises:
        FalseError: it took longer.
    """

    def late(*_: object) -> None:
        raise _Late

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    except _Late:
        raise FalseError(f"took longer than {seconds} s") from None
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _differing(ids: list[str] | None = None) -> dict[str, str]:
    """File -> what is wrong, for certificates and kernels that would be made otherwise now.

    Outside a checkout there are no scripts to compare certificates with.
    """
    from vaemath import codegen

    stale = {f"certificates/{one_line(name)}": "cannot be a certificate" for name in library.strangers()}
    if library.in_checkout():
        stale |= _certificates(ids)
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


def _certificates(ids: list[str] | None) -> dict[str, str]:
    """Those that are not what their scripts give, run apart, today."""
    stale = {}
    why = ": none has its id"
    try:
        derived = {d.id: d for d in derive_library(ids, replayed=False)}
    except VaemathError as e:  # not one script could be read
        derived, why = {}, f": {e}"
    for id in ids or library.ids():
        if id not in derived:
            stale[id] = one_line(f"has no script{why}")
        elif derived[id].certificate is None:
            stale[id] = one_line(f"has a script that does not go through: {derived[id].error}")
        elif _unequal(library.path_of(id), derived[id]):
            stale[id] = "is not what its script gives today"
    for id in [] if ids else sorted(set(derived) - set(library.ids())):
        stale[id] = "is missing; its script is there"
    return {f"certificates/{id}.json": reason for id, reason in stale.items()}


def _unequal(path: Path, derived: Derived) -> bool:
    try:
        return not path.is_file() or path.read_bytes() != derived.text().encode()
    except VaemathError:  # what the script handed back is no certificate
        return True


def _check(report: Report, differing: dict[str, str]) -> None:
    from vaemath.audit.report import audit
    from vaemath.proof.replay import nodes

    theorems = [b.theorem for b in library.proof(report.id).blocks]
    report.replayed = len({id(n) for t in theorems for n in nodes(t)})
    found = audit(theorems)
    report.audited = found.nodes - len(found.unaudited)
    report.evaluations, report.worst_deviation = found.evaluations, found.worst_deviation
    report.enclosures = found.enclosures
    if found.failure is not None:
        report.failures.append(f"audit: {found.failure}")
    why = dict.fromkeys(found.vacuous, "the theorem is vacuous: no model satisfies the hypotheses of")
    report.failures.extend(f"audit: {why.get(t, 'no model decides')} {t}" for t in found.unaudited)
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
