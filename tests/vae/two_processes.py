"""What each process of `test_distributed.py` runs under torchrun; not a test itself."""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

from vaemath.vae.data import load
from vaemath.vae.model import make_model
from vaemath.vae.objective import Objective
from vaemath.vae.options import ModelOptions, TrainOptions
from vaemath.vae.process import join
from vaemath.vae.training import train

MODEL = ModelOptions(hidden=(16,), latent=3)
OPTIONS = TrainOptions(epochs=2, batch_size=101, samples=2, dtype="float64", checkpoint_seconds=0)
ROWS = 101


def gradient() -> dict[str, torch.Tensor]:
    """The averaged gradient of one batch whose rows the processes cannot share evenly."""
    data = load("digits", binarisation="fixed")
    model = make_model(MODEL, average=data.train.mean(0), seed=1, dtype=torch.float64, device="cpu")
    x = data.train[:ROWS].double()
    noise = torch.randn(2, ROWS, 3, generator=torch.Generator().manual_seed(2), dtype=x.dtype)
    process = join("cpu")
    share = process.share(ROWS)
    objective = process.wrap(Objective(model))
    terms = objective(x[share], noise[:, share])
    torch.autograd.backward(terms.objective.sum() * (process.world / ROWS))
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    mine = gradient()
    result = train(load("digits", binarisation="dynamic"), model=MODEL, options=OPTIONS, out=folder)
    if result.leads:
        save_file(mine, folder / "gradient.safetensors")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
