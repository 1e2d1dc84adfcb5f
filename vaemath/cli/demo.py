"""`vaemath demo`: the main job, from the scripts to the pictures of a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(demo)


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the run and its pictures.")] = Path("runs/demo"),
    epochs: Annotated[int, typer.Option(help="Passes over the training digits.")] = 150,
) -> None:
    """Derive, verify, generate, test the kernels, train a VAE with them, and say where the pictures are."""
    from vaemath.demo import run

    run(out, epochs=epochs, say=typer.echo)
