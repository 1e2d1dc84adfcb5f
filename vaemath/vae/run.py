"""A run on disk: train, evaluate, draw, and find it all again."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from vaemath.errors import VaemathError
from vaemath.files import write
from vaemath.vae.aggregate import compare_with_prior
from vaemath.vae.checkpoint import load_checkpoint
from vaemath.vae.data import Dataset, load
from vaemath.vae.evaluation import evaluate
from vaemath.vae.importance import importance_bound
from vaemath.vae.metrics import read_metrics
from vaemath.vae.model import VAE, make_model
from vaemath.vae.options import model_options
from vaemath.vae.state import load_model


@dataclass(frozen=True)
class Run:
    """A trained model with the data it was trained on."""

    folder: Path
    model: VAE
    data: Dataset
    epochs: int

    @property
    def test(self) -> torch.Tensor:
        """The test rows, where and as the model wants them."""
        return self.data.test.to(device=self.model.device, dtype=self.model.dtype)


def open_run(folder: str | Path, *, data: Dataset | None = None, device: str = "cpu") -> Run:
    """The model of a folder that `train` wrote, and its data (loaded again unless given).

    Raises `VaemathError` if there is no checkpoint, it is damaged, or the data are not those it was
    trained on.
    """
    folder = Path(folder)
    checkpoint = load_checkpoint(folder)
    if checkpoint is None:
        raise VaemathError(f"run: no checkpoint.json in {folder}; expected a folder of `train`")
    meta = checkpoint.meta
    about = meta["data"]
    if data is None:
        source = about["source"]
        data = load(about["name"], data_dir=source, binarisation=about["binarisation"])
    if data.digest() != about["digest"]:
        raise VaemathError(f"data: got other rows than {folder} was trained on; expected the same")
    model = make_model(
        model_options(meta["model"]),
        average=data.train.mean(0),
        seed=0,
        dtype=getattr(torch, meta["training"]["dtype"]),
        device=device,
    )
    load_model(model, checkpoint)
    return Run(folder, model, data, meta["epoch"])


def report(run: Run, *, samples: int = 20, importance: int = 0, seed: int = 0) -> dict[str, Any]:
    """Everything measured about a run, as JSON data; nats per row.

    `samples` draws per row for the ELBO; `importance` = K of the importance-weighted bound, 0 for none.
    """
    result = evaluate(run.model, run.test, samples=samples, seed=seed)
    numbers: dict[str, Any] = {
        "data": run.data.title,
        "epochs": run.epochs,
        **dataclasses.asdict(result),
        "latent": run.model.options.latent,
        "aggregate": dataclasses.asdict(compare_with_prior(run.model, run.test, seed=seed)),
    }
    if importance:
        bound = importance_bound(run.model, run.test, samples=importance, seed=seed)
        numbers["importance"] = {
            "samples": importance,
            "bound": float(bound.mean()),
            "error": float(bound.std()) / len(bound) ** 0.5,
        }
    return numbers


def finish_run(run: Run, *, importance: int = 50) -> tuple[dict[str, Any], list[Path]]:
    """Evaluate, write `report.json` and the pictures beside the checkpoint; the numbers and paths."""
    from vaemath.vae.figures.run import save_run_pictures

    numbers = report(run, importance=importance)
    write(run.folder / "report.json", json.dumps(numbers, indent=1) + "\n")
    pictures = save_run_pictures(run.model, run.data, read_metrics(run.folder), run.folder)
    return numbers, pictures
