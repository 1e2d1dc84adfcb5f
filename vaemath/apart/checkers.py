"""Certificates given to the checkers, each in a process that never saw a script."""

from __future__ import annotations

import re
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
        found, why = _attempt(checker, left, seconds)
        if why:
            found.append(Verdict(checker.name, left[len(found)], False, one_line(why, 300)))
        yield from found
        left = left[len(found) :]


def _attempt(checker: Checker, files: Sequence[Path], seconds: float) -> tuple[list[Verdict], str]:
    """The verdicts on the files up to one that has none, and why it has none; "" where all have one."""
    found: list[Verdict] = []
    apart = Apart(checker.module, *(str(f.absolute()) for f in files))
    out = apart.said["out"]
    try:
        while len(found) < len(files):
            why = apart.read(seconds, lambda: out.count(b"\n") > len(found))
            lines = out.decode(errors="replace").split("\n")[:-1]
            if len(lines) == len(found):
                break
            for file, line in zip(files[len(found) :], lines[len(found) :], strict=False):
                verdict = _verdict(checker, file, line)
                if verdict is None:
                    return found, f"expected a verdict on the file, got {line}"
                found.append(verdict)
        else:
            apart.read(seconds)
            if out.count(b"\n") > len(files):  # which of them were verdicts, and on what?
                return [], "the checker said more lines than it was given files"
            return found, ""
    finally:
        status = apart.end()
    heard = apart.said["err"].decode(errors="replace").strip().rsplit("\n", 1)[-1]
    return found, why or f"the checker ended with status {status}" + (f": {heard}" if heard else "")


def _verdict(checker: Checker, file: Path, line: str) -> Verdict | None:
    for name in (str(file.absolute()), file.stem):
        if line.startswith(f"{name}: "):
            message = line.removeprefix(f"{name}: ")
            good = re.match(rf"{checker.accepts}\b", message) is not None
            return Verdict(checker.name, file, good, one_line(message.removeprefix("refused: ")))
    return None
