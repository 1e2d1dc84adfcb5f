"""Certificates given to the checkers, each in a process that never saw a script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from vaemath.apart.process import Apart
from vaemath.apart.registry import CHECKERS, Checker
from vaemath.cores import cores
from vaemath.errors import one_line

SECONDS = 60.0  # that a checker may think about one certificate


@dataclass(frozen=True)
class Verdict:
    """What one checker says of one certificate."""

    checker: str
    file: Path
    good: bool
    message: str

    def __str__(self) -> str:
        return f"{self.checker}: {self.message}"


def check(files: Sequence[Path], seconds: float = SECONDS) -> dict[Path, list[Verdict]]:
    """What every checker says of every file, each file within that time."""
    shares = [files[k :: cores()] for k in range(min(cores(), len(files)))]
    jobs = [(checker, share) for checker in CHECKERS for share in shares]
    out: dict[Path, list[Verdict]] = {file: [] for file in files}
    with ThreadPoolExecutor(max_workers=cores()) as pool:
        for found in pool.map(lambda job: list(_run(job[0], job[1], seconds)), jobs):
            for verdict in found:
                out[verdict.file].append(verdict)
    return out


def _run(checker: Checker, files: Sequence[Path], seconds: float) -> Iterable[Verdict]:
    """One process for all files; a file that breaks or stops it is refused, and the next begin anew."""
    left = list(files)
    while left:
        apart = Apart(checker.module, *(str(f.absolute()) for f in left))
        done = 0
        try:
            while done < len(left):
                why = apart.read(seconds, lambda: apart.said["out"].count(b"\n") > done)
                lines = apart.said["out"].decode(errors="replace").split("\n")[:-1]
                if len(lines) == done:
                    break
                for line in lines[done : len(left)]:
                    if not (verdict := _verdict(checker, left[done], line)):
                        why = f"expected a verdict on the file, got {line}"
                        break
                    yield verdict
                    done += 1
                if why:
                    break
        finally:
            status = apart.end()
        if done < len(left):
            heard = apart.said["err"].decode(errors="replace").strip().rsplit("\n", 1)[-1]
            why = why or f"the checker ended with status {status}" + (f": {heard}" if heard else "")
            yield Verdict(checker.name, left[done], False, one_line(why, 300))
            done += 1
        left = left[done:]


def _verdict(checker: Checker, file: Path, line: str) -> Verdict | None:
    for word, good in (("holds", True), ("refused", False)):
        start = f"{file.absolute()}: {word}"
        if line.startswith(start):
            return Verdict(checker.name, file, good, one_line(line[len(start) :].removeprefix(": ")))
    return None
