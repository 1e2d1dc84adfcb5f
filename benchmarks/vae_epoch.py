"""An epoch of `train` against a plain hand-written PyTorch loop with the same network.

    python benchmarks/vae_epoch.py DATA_DIR [--epochs 8] [--threads 1]

Both run in one process, epoch by epoch in turn and each as often first; seconds are of processor time,
which other work on the machine disturbs less, and the ratio is that of the medians. The plain loop keeps
its tensors in memory, draws the same pixels and noise, and uses the same optimiser; its loss is the
textbook one. Prints JSON.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from vaemath.vae.data import Dataset, load
from vaemath.vae.interrupt import StopRequest
from vaemath.vae.model import VAE, make_model
from vaemath.vae.options import ModelOptions, TrainOptions
from vaemath.vae.process import join
from vaemath.vae.progress import Bar
from vaemath.vae.training import _Run

MODEL = ModelOptions(latent=50, hidden=(200, 200))
BATCH = 100


def textbook_loss(model: VAE, x: Tensor) -> Tensor:
    loc, logvar = model.encoder(x).chunk(2, dim=-1)
    z = loc + torch.exp(0.5 * logvar) * torch.randn_like(loc)
    logits = model.decoder(z)
    reconstruction = functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    kl = -0.5 * torch.sum(1 + logvar - loc.pow(2) - logvar.exp())
    return (reconstruction + kl) / len(x)


def plain_epoch(model: VAE, optimiser: torch.optim.Optimizer, rows: Tensor) -> float:
    total = 0.0
    for chosen in torch.randperm(len(rows)).split(BATCH):
        intensity = rows[chosen]
        x = (torch.rand_like(intensity) < intensity).to(rows.dtype)
        loss = textbook_loss(model, x)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        total += loss.item()
    return total


def our_epochs(data: Dataset) -> _Run:
    options = TrainOptions(epochs=10_000, batch_size=BATCH, learning_rate=1e-3, schedule="constant")
    return _Run(data, MODEL, options, None, join("cpu"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dir")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    data = load("idx", data_dir=asked.data_dir, binarisation="dynamic")
    ours = our_epochs(data)
    model = make_model(MODEL, average=data.train.mean(0), seed=0, dtype=torch.float32, device="cpu")
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    seconds: dict[str, list[float]] = {"vaemath": [], "plain": []}
    with StopRequest() as stop, Bar(total=1, show=False) as bar:
        runs: dict[str, Callable[[], object]] = {
            "vaemath": lambda: ours._epoch(stop, bar),
            "plain": lambda: plain_epoch(model, optimiser, data.train),
        }
        for k in range(asked.epochs):
            for name in list(runs)[:: 1 if k % 2 else -1]:
                began = time.process_time()
                runs[name]()
                seconds[name].append(time.process_time() - began)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    ratio = medians["vaemath"] / medians["plain"]
    print(json.dumps({"threads": asked.threads, "seconds": seconds, "ratio": round(ratio, 3)}))


if __name__ == "__main__":
    main()
