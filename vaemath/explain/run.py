"""A report on a script that runs apart: what holds in it is said by a process that replayed it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vaemath.apart.derive import TIME, Derived, ask_about, replay
from vaemath.errors import FalseError, one_line
from vaemath.explain.report import FINE, Finding, Proved, Report

_TEXTS = ("place", "block", "before", "line", "reason", "why", "counterexample", "near")


def explain(path: Path, seconds: float = TIME) -> Report:
    """Check every line of the derivations in a file; nothing is recorded as proved past a bad line.

    Raises:
        VaemathError: the file is missing, does not load, defines no derivation, or broke a limit.
    """
    answer, printed = ask_about("explain", path, seconds)
    try:
        return _report(path, answer, printed)
    except (KeyError, IndexError, TypeError, ValueError) as e:
        raise FalseError(f"{path}: the script handed back what is no answer ({type(e).__name__})") from None


def _report(path: Path, answer: dict[str, Any], printed: list[str]) -> Report:
    report = Report(str(path), stopped=one_line(str(answer["stopped"])), printed=printed)
    lines, theorems = _replayed(answer["certificate"])
    for f in answer["findings"]:
        report.findings.append(_held(f, lines[int(f["held"])]) if "held" in f else _wrong(f))
    for name, t in zip(answer["theorems"], theorems, strict=True):
        proved = Proved(one_line(str(name)), t["shown"], tuple(t["given"]), tuple(t["trusts"]), t["assumed"])
        report.theorems.append(proved)
    return report


def _replayed(certificate: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The lines that hold, and the theorems, as the clean process states them."""
    if certificate is None:
        return [], []
    derived = Derived("explained", certificate)
    replay([derived])
    if derived.certificate is None:
        raise FalseError(derived.error)
    blocks = derived.proved
    lines = [b["lines"][0] for b in blocks if b["name"].startswith("line-")]
    return lines, [b for b in blocks if not b["name"].startswith("line-")]


def _held(f: dict[str, Any], line: dict[str, Any]) -> Finding:
    place, block, reason = (one_line(str(f[k])) for k in ("place", "block", "reason"))
    verdict = "given" if line["assumed"] else "holds"
    given = () if line["assumed"] else tuple(line["given"])
    number, before, after = int(f["number"]), line["before"], line["after"]
    return Finding(verdict, place, block, number, before, after, reason, given=given)


def _wrong(f: dict[str, Any]) -> Finding:
    if f["verdict"] in FINE:
        raise ValueError
    place, block, before, line, reason, why, counterexample, near = (one_line(str(f[k])) for k in _TEXTS)
    verdict, number = one_line(str(f["verdict"])), int(f["number"])
    return Finding(verdict, place, block, number, before, line, reason, why, counterexample, near)
