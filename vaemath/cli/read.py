"""Commands for readers: list, show, cite, new-derivation."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vaemath.pages.summary import Summary

Id = Annotated[str, typer.Argument(help="A theorem, such as kl-normal; `vaemath list` shows them all.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(name="list")(list_)
    for command in (show, cite):
        app.command()(command)
    app.command(name="new-derivation")(new_derivation)


def list_(as_json: Json = False) -> None:
    """List all theorems: what each states, assumes and trusts; exit 1 if one cannot be read."""
    from vaemath.errors import VaemathError, one_line
    from vaemath.library import ids, strangers
    from vaemath.pages.summary import Summary, summary

    found: list[Summary] = []
    failed = [(one_line(name), "cannot be a certificate") for name in strangers()]
    for id in ids():
        try:
            found.append(summary(id))
        except VaemathError as e:
            failed.append((id, one_line(str(e))))
    if as_json:
        rows = [*(s.data() for s in found), *({"id": id, "error": why} for id, why in failed)]
        typer.echo(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        for s in found:
            typer.echo(_entry(s))
        for id, why in failed:
            typer.echo(f"{id}\n    FAILS   {why}\n")
        unverified = sum(not s.verified for s in found)
        if unverified:
            typer.echo(f"{unverified} of {len(found)} were not verified here: run vaemath verify")
    raise typer.Exit(1 if failed else 0)


def _entry(s: "Summary") -> str:
    from vaemath.pages.as_text import said

    out = [s.id if s.verified else f"{s.id}   (not verified)", f"    {s.title}", f"    {s.text}"]
    for name, values in (
        ("assumes", [said(h) for h in s.hypotheses]),
        ("trusts", s.oracles),
        ("kernels", s.kernels),
    ):
        if values:
            out.append(f"    {name}: {'; '.join(values)}")
    return "\n".join([*out, ""])


def show(
    id: Id,
    format: Annotated[
        str, typer.Option("--format", "-f", help="text, markdown, latex, typst, html or pdf.")
    ] = "text",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write to this file; needed for pdf.")
    ] = None,
) -> None:
    """Show a theorem and its derivation, line by line with reasons."""
    import shutil

    from vaemath.pages.formats import rendered

    width = min(max(shutil.get_terminal_size((100, 24)).columns, 60), 120)
    result = rendered(id, format, width=width, to_file=out is not None)
    if out is None:
        typer.echo(str(result), nl=False)
        return
    from vaemath.files import write

    write(out, result)
    typer.echo(out)


def cite(
    id: Id,
    format: Annotated[str, typer.Option("--format", "-f", help="bibtex, csl-json or apa.")] = "bibtex",
) -> None:
    """Print a reference that pins a theorem to its certificate."""
    from vaemath.cite import cite as reference

    typer.echo(reference(id, format), nl=False)


def new_derivation(
    name: Annotated[str, typer.Argument(help="Lower-case words joined by hyphens, such as my-homework.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file to write; by default from the name.")
    ] = None,
) -> None:
    """Write a commented derivation script to start from."""
    from vaemath.explain.template import new

    typer.echo(new(name, out))
