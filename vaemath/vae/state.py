"""All that a run is at one moment: enough to go on from it, bit for bit."""

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from vaemath.errors import FalseError, VaemathError
from vaemath.vae.checkpoint import Checkpoint
from vaemath.vae.data.dataset import Dataset
from vaemath.vae.model import VAE
from vaemath.vae.options import ModelOptions, TrainOptions, as_json

_MAY_CHANGE = ("epochs", "evaluate_every", "checkpoint_seconds", "device")


@dataclass
class State:
    """The model and its optimiser, one generator for everything random, and the place in the epoch.

    `order` is the epoch's permutation of the rows (empty between epochs); `totals` are its sums of
    reconstruction and KL so far.
    """

    model: VAE
    optimiser: torch.optim.Adam
    generator: torch.Generator
    totals: Tensor
    epoch: int = 0
    step: int = 0
    order: Tensor = field(default_factory=lambda: torch.empty(0, dtype=torch.int64))

    def checkpoint(self, *, data: Dataset, options: TrainOptions) -> Checkpoint:
        """The state and what it belongs to; raise `FalseError` if a parameter is not finite."""
        tensors: dict[str, Tensor] = {
            "generator": self.generator.get_state(),
            "totals": self.totals,
            "order": self.order,
        }
        for name, value in self.model.state_dict().items():
            if not bool(torch.isfinite(value).all()):
                raise FalseError(
                    f"training stopped: parameter {name} is not finite after epoch {self.epoch}; "
                    "the last good checkpoint is kept"
                )
            tensors[f"model/{name}"] = value
        for index, moments in self.optimiser.state_dict()["state"].items():
            for name, value in moments.items():
                tensors[f"optimiser/{index}/{name}"] = value
        meta = _belongs_to(self.model, data, options)
        return Checkpoint({**meta, "epoch": self.epoch, "step": self.step}, tensors)

    def restore(self, checkpoint: Checkpoint, *, data: Dataset, options: TrainOptions) -> None:
        """Take the checkpoint's place; raise `VaemathError` naming the first thing that differs."""
        expected = _belongs_to(self.model, data, options)
        for part, what in expected.items():
            for name, value in what.items():
                came = checkpoint.meta[part].get(name)
                free = (part == "training" and name in _MAY_CHANGE) or name == "source"
                if came != value and not free:
                    raise VaemathError(
                        f"checkpoint: got one with {part} {name} = {came}; expected {value} "
                        "(choose another folder, or the options it was made with)"
                    )
        tensors = checkpoint.tensors
        load_model(self.model, checkpoint)
        moments: dict[int, dict[str, Tensor]] = {}
        for name, value in tensors.items():
            if name.startswith("optimiser/"):
                _, index, moment = name.split("/")
                moments.setdefault(int(index), {})[moment] = value
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": moments, "param_groups": groups})
        self.generator.set_state(tensors["generator"])
        self.totals = tensors["totals"].to(self.totals.device)
        self.order = tensors["order"].to(self.totals.device)
        self.epoch, self.step = checkpoint.meta["epoch"], checkpoint.meta["step"]


def load_model(model: VAE, checkpoint: Checkpoint) -> None:
    """Put the checkpoint's weights into a network of its architecture."""
    prefix = "model/"
    weights = {n.removeprefix(prefix): t for n, t in checkpoint.tensors.items() if n.startswith(prefix)}
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        first = str(error).splitlines()[1].strip()
        raise VaemathError(f"checkpoint: its weights do not fit the network: {first}") from None


def new_state(model: VAE, options: TrainOptions) -> State:
    """The state before the first step; the generator is seeded from the options alone."""
    device = model.device
    parameters = [p for p in model.parameters() if p.requires_grad]
    fused = device.type in ("cpu", "cuda")
    optimiser = torch.optim.Adam(parameters, lr=options.learning_rate, eps=options.adam_eps, fused=fused)
    generator = torch.Generator(device).manual_seed(options.seed)
    totals = torch.zeros(2, dtype=torch.float64, device=device)
    return State(model, optimiser, generator, totals)


def _belongs_to(model: VAE, data: Dataset, options: TrainOptions) -> dict[str, dict[str, Any]]:
    network: ModelOptions = model.options
    described = {
        "name": data.name,
        "source": data.source,
        "binarisation": data.binarisation,
        "dim": data.dim,
        "digest": data.digest(),
    }
    return {"model": as_json(network), "training": as_json(options), "data": described}
