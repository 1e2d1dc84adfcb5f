"""``vaemath check``: what is right or wrong with somebody's own KL divergence, loss or sampling
function.
"""

from __future__ import annotations

import json
from typing import Annotated

import typer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("check")(check)


def check(
    target: Annotated[
        str, typer.Argument(help="package.module:function, path/to/file.py:function, file.py:Class.method")
    ],
    against: Annotated[
        str | None, typer.Option(help="the theorem that it should obey, such as kl-normal-standard")
    ] = None,
    takes: Annotated[
        str | None,
        typer.Option(help="what its parameters are, such as mu,logvar or x,recon,mu,logvar"),
    ] = None,
    call: Annotated[
        str | None, typer.Option(help="an expression that calls it, such as 'f(None, (mu, logvar), n=1)'")
    ] = None,
    make: Annotated[
        str | None, typer.Option(help="an expression that makes the object of a method, such as 'VAE(20)'")
    ] = None,
    pick: Annotated[
        str | None, typer.Option(help="the part of its result to look at, such as 1 or kl")
    ] = None,
    reduction: Annotated[str | None, typer.Option(help="mean: averaging over all elements is meant")] = None,
    time_limit: Annotated[float, typer.Option(help="seconds that its calls may take together")] = 60.0,
    seed: Annotated[int, typer.Option(help="seed of the random inputs")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="print the verdict as JSON")] = False,
) -> None:
    """Say whether a function is the KL divergence (or loss, or sample) that it means to be.

    Exit status: 0 correct, 1 wrong, 2 undecided or bad usage, 3 right up to a positive factor.
    """
    from vaemath.check.examine import check as diagnose
    from vaemath.check.report.text import report
    from vaemath.errors import VaemathError

    try:
        verdict = diagnose(
            target,
            against=against,
            takes=takes,
            call=call,
            make=make,
            pick=pick,
            reduction=reduction,
            seed=seed,
            time_limit=time_limit,
        )
    except VaemathError as error:
        typer.echo(f"vaemath check: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(json.dumps(verdict.as_json(), indent=2) if as_json else report(verdict))
    raise typer.Exit(verdict.exit_code)
