"""Derivations from scripts that run apart: a certificate comes back, and a clean process replays it."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vaemath import library
from vaemath.apart.checkers import SECONDS
from vaemath.apart.process import Apart
from vaemath.apart.registry import checkers_hash
from vaemath.errors import FalseError, VaemathError, one_line
from vaemath.proof.schema import is_id, shown

TIME = 300.0  # seconds that scripts may run
_SAID = 50  # lines of a script that are passed on


@dataclass
class Derived:
    """What became of one derivation.

    Attributes:
        id: of the derivation.
        certificate: what the script handed back, replayed; None if it did not get there.
        proved: the theorems as the clean process states them, see `vaemath.apart.replay`.
        error: why there is no certificate; a line, or for a line of the script that does not follow several.
        status: the exit status that the error deserves.
    """

    id: str
    certificate: dict[str, Any] | None = None
    proved: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    status: int = 1

    def text(self) -> str:
        """The certificate as it is stored.

        Raises:
            FalseError: there is none.
        """
        from vaemath.proof.certificate import dumps

        if self.certificate is None:
            raise FalseError(self.error)
        try:
            return dumps(self.certificate)
        except (KeyError, TypeError, ValueError):
            raise FalseError(f"{self.id}: the script handed back what is no certificate") from None


def derive_script(path: Path, seconds: float = TIME) -> tuple[list[Derived], list[str]]:
    """The derivations of somebody's script, and what the script printed.

    Raises:
        VaemathError: the script does not load, defines no derivation, or broke a limit.
    """
    answer, said = ask_about("derive", path, seconds)
    return _replayed(answer), said


def derive_library(
    ids: list[str] | None = None, seconds: float = TIME, *, replayed: bool = True
) -> list[Derived]:
    """The derivations of the library, all or those named; to compare them with what was replayed,
    `replayed` may be left out.

    Raises:
        VaemathError: a script does not load, or broke a limit.
    """
    for id in ids or ():
        if not is_id(id):
            raise library.UnknownTheorem(f"id: got {shown(id)}, expected lower-case words joined by hyphens")
    answer = ask("library", *(ids or ()), seconds=seconds)[0]
    return _replayed(answer) if replayed else _outcomes(answer)


def ask_about(mode: str, path: Path, seconds: float) -> tuple[dict[str, Any], list[str]]:
    """Run somebody's script apart.

    Raises:
        VaemathError: it is no file that can be a script, or as `ask`.
    """
    library.read_script(path)
    return ask(mode, str(path.absolute()), seconds=seconds)


def ask(mode: str, *what: str, seconds: float) -> tuple[dict[str, Any], list[str]]:
    """Run scripts apart; the answer as plain data that nobody has looked at, and what they printed.

    Raises:
        VaemathError: nothing usable came back, or what came back is an error.
    """
    name = what[0] if mode != "library" and what else "derivations"
    before = checkers_hash()
    apart = Apart("vaemath.apart.script", mode, *what, answer=True)
    try:
        why = apart.read(seconds)
    finally:
        status = apart.end()
    if checkers_hash() != before:
        raise FalseError(
            f"{name}: the files of the checkers changed while the script ran; it is not believed"
        )
    if why:
        raise FalseError(f"{name}: the script {why}")
    try:
        answer = json.loads(bytes(apart.said["answer"]))
    except (ValueError, RecursionError):
        how = f"with signal {-status}" if status < 0 else f"with status {status}"
        heard = apart.said["err"].decode(errors="replace").strip().rsplit("\n", 1)[-1]
        raise FalseError(
            f"{name}: the script ended its process {how} before it was done" + (f": {heard}" if heard else "")
        ) from None
    if type(answer) is not dict:
        raise FalseError(f"{name}: the script handed back what is no answer")
    if "error" in answer:
        error = FalseError if answer.get("status") == 1 else VaemathError
        raise error(str(answer["error"]))
    return answer, _printed(apart)


def _printed(apart: Apart) -> list[str]:
    lines = [*apart.said["out"].splitlines(), *apart.said["err"].splitlines()]
    out = [one_line(line.decode(errors="replace"), 200) for line in lines[:_SAID]]
    return out + ([f"({len(lines) - _SAID} more lines)"] if len(lines) > _SAID else [])


def _replayed(answer: dict[str, Any]) -> list[Derived]:
    found = _outcomes(answer)
    replay([d for d in found if d.certificate is not None])
    return found


def _outcomes(answer: dict[str, Any]) -> list[Derived]:
    outcomes = answer.get("outcomes")
    if type(outcomes) is not dict:
        raise FalseError("derive: the script handed back what is no answer")
    found = []
    for id, o in outcomes.items():
        if type(o) is dict and type(o.get("certificate")) is dict:
            found.append(Derived(id, o["certificate"]))
        else:
            o = o if type(o) is dict else {}
            error = str(o.get("error") or f"{id}: no answer")
            error = "\n".join(map(one_line, error.split("\n"))) if o.get("lines") is True else one_line(error)
            found.append(Derived(id, error=error, status=2 if o.get("status") == 2 else 1))
    return found


def replay(found: list[Derived]) -> None:
    """Let a clean process say what the certificates prove; one that it refuses is taken away."""
    with tempfile.TemporaryDirectory(prefix="vaemath-") as folder:
        files = {}
        for d in found:
            if is_id(d.id) and d.id not in files:
                files[d.id] = Path(folder) / f"{d.id}.json"
                files[d.id].write_text(json.dumps(d.certificate))
        reports: dict[str, dict[str, Any]] = {}
        why = ""
        if files:
            apart = Apart("vaemath.apart.replay", "--json", *map(str, files.values()))
            try:
                why = apart.read(SECONDS + len(files))
            finally:
                apart.end()
            lines = apart.said["out"].decode(errors="replace").split("\n")[:-1]
            reports = {id: json.loads(line) for id, line in zip(files, lines, strict=False)}
    for d in found:
        report = reports.get(d.id) or {"good": False, "message": f"not replayed: {why or 'it broke off'}"}
        if d.id not in files:
            report = {"good": False, "message": "id: expected lower-case words joined by hyphens"}
        if report["good"]:
            d.proved = report["blocks"]
        else:
            d.certificate, d.error = None, f"{d.id}: the certificate is refused: {report['message']}"
