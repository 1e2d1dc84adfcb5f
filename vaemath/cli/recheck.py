"""The command recheck: certificates given to the second checker."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(recheck)


def recheck(
    what: Annotated[
        list[str] | None, typer.Argument(help="Theorem ids, or files; all certificates when none is given.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Derive every step of certificates again, by a checker that shares no code with the first."""
    from vaemath.errors import VaemathError, one_line
    from vaemath.library import ids, path_of
    from vaemath.recheck import recheck as again

    paths = [Path(w) if w.endswith(".json") or "/" in w else path_of(w) for w in what or ids()]
    for path in paths:
        if not path.is_file():
            raise VaemathError(f"file: no such file `{path}`")
    reports = []
    for path in paths:
        reports.append(report := again(path))
        if not as_json:
            trusts = f", trusts {', '.join(report.oracles)}" if report.oracles else ""
            good = f"holds: {len(report.theorems)} theorems, {report.steps} steps{trusts}"
            typer.echo(one_line(f"{report.id}: {good if report.accepted else f'refused: {report.why}'}"))
    if as_json:
        typer.echo(json.dumps([{"accepted": r.accepted, **asdict(r)} for r in reports], indent=1))
    raise typer.Exit(0 if all(r.accepted for r in reports) else 1)
