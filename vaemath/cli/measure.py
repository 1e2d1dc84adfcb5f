"""Commands that measure the kernels: accuracy, float32 exhaustively, speed. They take minutes."""

from __future__ import annotations

import dataclasses
import json

import typer


def accuracy(
    samples: int = typer.Option(20_000, min=1, help="Arguments to try for each elementwise kernel."),
    seed: int = typer.Option(0, help="Of the arguments."),
    json_: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Measure the error of every kernel, and of what others offer, against ball arithmetic."""
    from vaemath.accuracy.table import markdown, rows

    table = list(rows(samples=samples, seed=seed))
    typer.echo(json.dumps([dataclasses.asdict(r) for r in table]) if json_ else markdown(table), nl=json_)


def exhaustive(
    stride: int = typer.Option(1, min=1, help="Try every stride-th million of bit patterns."),
    json_: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Try the special functions of the torch kernels on all 2^32 float32 numbers."""
    from rich.console import Console

    from vaemath.accuracy.exhaustive import FUNCTIONS, Tried, sweep

    found: list[Tried] = []
    console = Console(stderr=True)
    for name in FUNCTIONS:
        last: Tried | None = None
        with console.status(name) as status:
            for last in sweep(name, stride=stride):
                status.update(f"{name}: {last.inputs:,} numbers, worst {last.ulp:.4f} ULP")
        if last is not None:
            found.append(last)
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
    threads: int = typer.Option(1, min=1, help="Threads of torch."),
    compiled: bool = typer.Option(False, help="Also torch.compile of the elementwise kernel."),
    seconds: float = typer.Option(2.0, min=0.0, help="For each size."),
    json_: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Time the torch kernels, forward and backward, beside what others offer."""
    from vaemath.bench.table import markdown, rows

    table = list(rows(threads=threads, compiled=compiled, seconds=seconds))
    typer.echo(json.dumps([dataclasses.asdict(r) for r in table]) if json_ else markdown(table), nl=json_)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    for command in (accuracy, exhaustive, bench):
        app.command()(command)
