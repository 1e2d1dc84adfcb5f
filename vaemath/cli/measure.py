"""Commands that measure the kernels: accuracy, float32 exhaustively, speed. They take minutes."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import typer

_THREADS = typer.Option([1, 2], min=1, help="Threads of torch; may be given several times.")
_PLOT = typer.Option(None, help="Draw the ratios, for the first number of threads, as this PNG.")


def accuracy(
    samples: int = typer.Option(300_000, min=1, help="Arguments to try for each elementwise kernel."),
    seed: int = typer.Option(0, help="Of the arguments."),
    json_: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Measure the error of every kernel, and of what others offer, against ball arithmetic."""
    from rich.console import Console

    from vaemath.accuracy.table import Row, markdown, rows

    table: list[Row] = []
    with Console(stderr=True).status("starting") as status:
        for row in rows(samples=samples, seed=seed):
            table.append(row)
            status.update(f"{row.kernel}, {row.dtype}: {row.implementation}")
    typer.echo(json.dumps([dataclasses.asdict(r) for r in table]) if json_ else markdown(table), nl=json_)


def exhaustive(
    stride: int = typer.Option(1, min=1, help="Try every stride-th million of bit patterns."),
    json_: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Try the special functions of the torch and C kernels on all 2^32 float32 numbers."""
    from rich.console import Console

    from vaemath.accuracy.exhaustive import FAMILIES, Tried, sweep
    from vaemath.cores import cores

    found: list[Tried] = []
    console = Console(stderr=True)
    for name in FAMILIES:
        last: list[Tried] = []
        with console.status(name) as status:
            for last in sweep(name, stride=stride, workers=cores()):
                count, worst = max((t.inputs, t.ulp) for t in last) if last else (0, 0.0)
                status.update(f"{name}: {count:,} numbers, worst {worst:.4f} ULP")
        found += last
    if json_:
        typer.echo(json.dumps([dataclasses.asdict(f) for f in found]))
    else:
        for f in found:
            typer.echo(
                f"{f.function}: {f.inputs:,} numbers, worst {f.ulp:.4f} ULP at {f.at!r}, {f.wrong} wrong"
            )
    if any(f.wrong for f in found):
        raise typer.Exit(1)


def bench(
    threads: list[int] = _THREADS,
    compiled: bool = typer.Option(True, help="Also torch.compile of the elementwise kernel."),
    seconds: float = typer.Option(2.0, min=0.0, help="For each size."),
    task: str | None = typer.Option(None, help="Only this task, by its name in the table."),
    keep: bool = typer.Option(
        False, "--keep-memory", help="Let glibc keep freed buffers, as where every step reuses them."
    ),
    plot: Path | None = _PLOT,
    json_: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Time the torch kernels, forward and backward, beside what others offer."""
    from rich.console import Console

    from vaemath.bench.memory import keep_memory
    from vaemath.bench.table import markdown, rows

    if keep:
        keep_memory()
    with Console(stderr=True).status("starting") as status:
        table = list(
            rows(threads=threads, compiled=compiled, seconds=seconds, task=task, report=status.update)
        )
    typer.echo(json.dumps([dataclasses.asdict(r) for r in table]) if json_ else markdown(table), nl=json_)
    if plot is not None:
        from vaemath.bench.figure import draw

        draw(table, plot, threads=threads[0])


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    for command in (accuracy, exhaustive, bench):
        app.command()(command)
