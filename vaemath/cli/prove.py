"""Commands around theorems: derive, verify, regenerate, emit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from vaemath.errors import FalseError, VaemathError

Ids = Annotated[list[str] | None, typer.Argument(help="Theorem ids; all when none is given.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    for command in (derive, verify, regenerate, emit):
        app.command()(command)


def derive(
    what: Annotated[str | None, typer.Argument(help="A theorem id, or a derivation script of yours.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Report on every line, with hints.")] = False,
    time_limit: Annotated[float, typer.Option(help="Seconds that scripts may run.")] = 300.0,
    as_json: Json = False,
) -> None:
    """Run derivation scripts; the first line that no rule justifies is named, with its residual.

    Scripts run in a process of their own. What is printed was replayed by another, from their certificates.
    """
    from vaemath.apart.derive import derive_library, derive_script

    if not 0 < time_limit <= 86_400:
        raise VaemathError(f"time-limit: got {time_limit:g}, expected seconds, at most a day")
    said: list[str] = []
    if what is not None and (what.endswith(".py") or "/" in what):
        if explain:
            from vaemath.explain import explain as explained

            report = explained(Path(what), time_limit)
            _pass_on(report.printed)
            typer.echo(json.dumps(report.as_json(), indent=2) if as_json else str(report))
            raise typer.Exit(0 if report.good else 1)
        found, said = derive_script(Path(what), time_limit)
    elif explain:
        raise VaemathError(
            f"--explain: got {what or 'no script'}; expected a derivation script, as in homework.py"
        )
    else:
        found = derive_library([what] if what is not None else None, time_limit)
    _pass_on(said)
    rows = []
    for d in found:
        if d.certificate is None:
            if "\n" not in d.error:
                raise (FalseError if d.status == 1 else VaemathError)(d.error)
            typer.echo(d.error, err=True)  # a line that does not follow, as it is explained
            raise typer.Exit(d.status)
        for b in d.proved:
            rows.append({"id": d.id, "name": b["name"], "lines": len(b["lines"])} | {k: b[k] for k in _SAYS})
            if not as_json:
                typer.echo(f"{d.id} / {b['name']}: {b['statement']}")
                for words in (*(f"given  {h}" for h in b["given"]), *(f"trusts {o}" for o in b["trusts"])):
                    typer.echo(f"    {words}")
                if b["assumed"]:
                    typer.echo("    which is assumed: nothing was proved")
    if as_json:
        typer.echo(json.dumps(rows, indent=2))


_SAYS = ("statement", "given", "trusts", "assumed")


def _pass_on(lines: list[str]) -> None:
    """What a script printed, beside our own words."""
    for line in lines:
        typer.echo(f"script: {line}", err=True)


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
        f"{word}  {r.id}: {r.replayed} steps accepted by {' and '.join(r.checkers) or 'nobody'}, "
        f"{r.audited} audited in {r.evaluations} models (worst {r.worst_deviation:.0e}), "
        f"{r.enclosures} integrals enclosed, "
        f"{r.false_goals} false goals refused, {r.kernels} kernel outputs proved{stale}, {r.seconds:.1f} s"
    )
    return "\n".join([line, *(f"       {f}" for f in (*r.failures, r.note) if f)])


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
    target: Annotated[str, typer.Option(help="numpy, torch, jax or c.")] = "numpy",
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
