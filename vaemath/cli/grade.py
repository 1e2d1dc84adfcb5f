"""The command grade: derivations in LaTeX, line against line."""

import json
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(grade)


def grade(
    files: Annotated[list[Path], typer.Argument(help="Markdown or LaTeX files with equations.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print a table: one line for each file and chain.")
    ] = False,
    answer: Annotated[
        str | None, typer.Option(help="A theorem, such as kl-normal, that the last line should be.")
    ] = None,
) -> None:
    """Check derivations written in LaTeX, line against line; nothing in them is executed.

    Exit status: 0 when all lines follow, 1 when one is false (or the answer wrong), 3 when one is undecided
    or cannot be read, 2 when a file cannot be graded.
    """
    from vaemath.grade import GradeError, table
    from vaemath.grade import grade as graded

    results = []
    failed = []
    for file in files:
        try:
            results.append(graded(file, answer))
        except GradeError as e:
            failed.append(str(e))
    if as_csv:
        typer.echo(table(results), nl=False)
    elif as_json:
        data = [r.as_json() for r in results]
        typer.echo(json.dumps(data[0] if len(files) == 1 and data else data, indent=1, ensure_ascii=False))
    else:
        typer.echo("\n\n".join(map(str, results)))
    for message in failed:
        typer.echo(f"vaemath: {message}", err=True)
    statuses = {r.status for r in results}
    raise typer.Exit(2 if failed else 1 if 1 in statuses else 3 if 3 in statuses else 0)
