"""The command that says what has to be believed."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(core)


def core(as_json: Json = False) -> None:
    """What has to be believed: the files of the proof core, in the order to read them, with their lines."""
    from vaemath.trusted import LIMIT, trusted

    files = trusted()
    total = sum(f.lines for f in files)
    if as_json:
        typer.echo(
            json.dumps({"files": [asdict(f) for f in files], "lines": total, "limit": LIMIT}, indent=2)
        )
    else:
        typer.echo("docs/semantics.md              what every term means, in words")
        for f in files:
            typer.echo(f"vaemath/core/{f.name:22} {f.lines:4}  {f.purpose}")
        typer.echo(f"{total} lines of code, without imports, comments and documentation; at most {LIMIT}")
    raise typer.Exit(0 if total <= LIMIT else 1)
