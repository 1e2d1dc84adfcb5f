"""The command `ledger`: every equation of the source documents, with its verdict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(ledger)


def ledger(
    source: Annotated[str | None, typer.Option(help="One document: 000 ... 004, or its file name.")] = None,
    verdict: Annotated[
        str | None,
        typer.Option(help="Only rows of this verdict: verified, definition, corrected, refuted, shown."),
    ] = None,
    docs: Annotated[
        Path | None, typer.Option(help="Write the tables and the page of mistakes to this folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Run the ledger: prove, refute and evaluate every row; exit 1 if the backing of any row fails."""
    from vaemath.ledger.load import chosen
    from vaemath.ledger.run import run_rows

    rows = chosen(source=source, verdict=verdict)
    results = []
    for result in run_rows(rows):
        results.append(result)
        if not as_json:
            typer.echo(result.line())
    failed = [r for r in results if not r.good]
    if docs is not None:
        from vaemath.ledger.report import write_pages

        write_pages(results, docs)
    if as_json:
        typer.echo(json.dumps([r.as_json() for r in results], indent=2, ensure_ascii=False))
    else:
        typer.echo(f"{len(results) - len(failed)} of {len(results)} rows are backed")
    raise typer.Exit(1 if failed else 0)
