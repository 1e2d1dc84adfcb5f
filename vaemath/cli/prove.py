"""Commands around theorems: derive, verify, regenerate, emit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

Ids = Annotated[list[str] | None, typer.Argument(help="Theorem ids; all when none is given.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    for command in (derive, verify, regenerate, emit):
        app.command()(command)


def derive(
    what: Annotated[str | None, typer.Argument(help="A theorem id, or a derivation script of yours.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Report on every line, with hints.")] = False,
    as_json: Json = False,
) -> None:
    """Run derivation scripts; the first line that no rule justifies is named, with its residual."""
    from vaemath import library
    from vaemath.errors import VaemathError
    from vaemath.proof.chain import Refused

    known = library.scripts()
    wanted = list(known)
    if what is not None and (what.endswith(".py") or "/" in what):
        if explain:
            from vaemath.explain import explain as explained

            report = explained(Path(what))
            typer.echo(json.dumps(report.as_json(), indent=2) if as_json else str(report))
            raise typer.Exit(0 if report.good else 1)
        mine = {s.id: s for s in library.scripts_in(Path(what))}
        known, wanted = {**known, **mine}, list(mine)
    elif what is not None:
        wanted = [what]
    shop = library.Workshop(known)
    rows = []
    for id in wanted:
        try:
            done = shop.derive(id)
        except Refused as e:
            from vaemath.explain import refusal

            typer.echo(refusal(e), err=True)
            raise typer.Exit(1) from None
        except VaemathError:
            raise
        except Exception as e:
            raise VaemathError(f"{id}: the script raises {type(e).__name__}: {e}") from None
        for b in done.blocks:
            rows.append(
                {"id": id, "name": b.name, "lines": len(b.lines), "statement": str(b.theorem.statement)}
            )
            if not as_json:
                typer.echo(f"{id} / {b.name}: {b.theorem.statement}")
                for h in sorted(map(str, b.theorem.hypotheses)):
                    typer.echo(f"    given  {h}")
    if as_json:
        typer.echo(json.dumps(rows, indent=2))


def verify(
    ids: Ids = None,
    hash: Annotated[
        str | None, typer.Option("--hash", help="A certificate hash that somebody cited.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check the whole chain: replay, audit, enclosures, false goals, kernels, staleness."""
    from rich.console import Console

    from vaemath import verify as checks

    if hash is not None:
        from vaemath.cite import find_hash

        found = find_hash(hash)
        typer.echo(json.dumps(found.as_json(), indent=2) if as_json else str(found))
        raise typer.Exit(0 if found.good else 1)
    console = Console(stderr=True)
    reports = []
    with console.status("verify") as status:
        for report in checks.verify(ids, lambda id: status.update(f"verify {id}")):
            reports.append(report)
            if not as_json:
                console.print(_row(report), highlight=False, soft_wrap=True)
        rows, unbacked = (
            (0, []) if ids else checks.unbacked_rows(lambda what: status.update(f"verify {what}"))
        )
    bad = [r for r in reports if not r.good]
    if as_json:
        typer.echo(json.dumps([r.as_json() for r in reports], indent=2))
    else:
        for line in unbacked:
            typer.echo(line)
        typer.echo(f"{len(reports) - len(bad)} of {len(reports)} theorems hold")
        if rows:
            typer.echo(f"{rows - len(unbacked)} of {rows} rows of the ledger are backed")
    raise typer.Exit(1 if bad or unbacked else 0)


def _row(r: object) -> str:
    from vaemath.verify import Report

    assert isinstance(r, Report)
    word = "holds" if r.good else "FAILS"
    stale = {None: "", True: ", stale", False: ""}[r.stale]
    line = (
        f"{word}  {r.id}: {r.replayed} steps replayed, {r.audited} audited in {r.evaluations} models "
        f"(worst {r.worst_deviation:.0e}), {r.enclosures} integrals enclosed, "
        f"{r.false_goals} false goals refused, {r.kernels} kernel outputs proved{stale}, {r.seconds:.1f} s"
    )
    return "\n".join([line, *(f"       {f}" for f in r.failures)])


def regenerate(
    check: Annotated[
        bool, typer.Option("--check", help="Only show what differs; exit 1 if anything does.")
    ] = False,
) -> None:
    """Rebuild certificates and kernels from the scripts; needs a checkout."""
    from rich.console import Console

    from vaemath import regenerate as make

    with Console(stderr=True).status("regenerate") as status:
        changed = make.run(check=check, progress=status.update)
    for item in changed:
        typer.echo(item)
    if check:
        raise typer.Exit(1 if changed else 0)
    typer.echo(f"{len(changed)} files written" if changed else "all files are up to date")


def emit(
    name: Annotated[str, typer.Argument(help="A kernel or theorem id, such as kl-normal-standard.")],
    target: Annotated[str, typer.Option(help="numpy, torch or c.")] = "numpy",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file.")] = None,
) -> None:
    """Print a kernel: one file that stands alone, to vendor."""
    from vaemath.codegen import emit as source

    text = source(name, target)
    if out is None:
        typer.echo(text, nl=False)
    else:
        from vaemath.files import write

        write(out, text)
