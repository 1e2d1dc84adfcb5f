"""What `vaemath train` does: a run from start to pictures, on one process or under torchrun."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from vaemath.vae.data import Dataset
from vaemath.vae.options import ModelOptions, TrainOptions, expect
from vaemath.vae.run import finish_run, open_run
from vaemath.vae.training import train


@dataclass(frozen=True)
class Finished:
    """A run that ended: its report, its pictures, and whether it was broken off before its last epoch."""

    numbers: dict[str, Any]
    pictures: list[Path]
    epochs: int
    interrupted: bool


def train_command(
    data: Dataset,
    model: ModelOptions,
    options: TrainOptions,
    out: str | Path,
    *,
    threads: int | None = None,
    importance: int = 50,
    tensorboard: bool = False,
    progress: bool | None = None,
) -> Finished | None:
    """Train, evaluate, write report and pictures into `out`; None on the processes that do not lead."""
    if threads is not None:
        expect(threads >= 1, "threads", threads, "a whole number >= 1")
        torch.set_num_threads(threads)
    trained = train(data, model=model, options=options, out=out, progress=progress, tensorboard=tensorboard)
    if not trained.leads:
        return None
    if trained.interrupted:
        return Finished({}, [], trained.epochs, True)
    run = open_run(out, data=data, device=options.device)
    numbers, pictures = finish_run(run, importance=importance)
    return Finished(numbers, pictures, trained.epochs, False)
