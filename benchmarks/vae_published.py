"""The 784-200-200-50 network of Burda, Grosse and Salakhutdinov (2015) on MNIST, with either loss.

    python benchmarks/vae_published.py DATA_DIR OUT --loss generated --epochs 150
    python benchmarks/vae_published.py DATA_DIR OUT --loss torch.distributions --epochs 150

Dynamic binarisation, Adam with epsilon 1e-4, batches of 100 (20 in the paper). The paper's staircase of
learning rates spends two thirds of its 3280 epochs at a tenth of the first rate; a short run gets
further with `--schedule cosine`, the default. Broken off, the same command goes on.
"""

import argparse
import json
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.distributions import Bernoulli, Normal, kl_divergence

import vaemath.vae.training as training
from vaemath.vae.data import load
from vaemath.vae.evaluation import evaluate
from vaemath.vae.importance import importance_bound
from vaemath.vae.model import VAE
from vaemath.vae.objective import Terms
from vaemath.vae.options import ModelOptions, TrainOptions


class DistributionsObjective(nn.Module):
    """The same negative ELBO, written with torch.distributions and differentiated by autograd."""

    def __init__(self, model: VAE, **_: object) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor, noise: Tensor) -> Terms:
        """x (m, D) and noise (V, m, d) -> three tensors (m,)."""
        loc, logvar = self.model.encode(x)
        posterior = Normal(loc, torch.exp(0.5 * logvar))
        prior = Normal(torch.zeros_like(loc), torch.ones_like(loc))
        logits = self.model.decode(loc + posterior.scale * noise)
        reconstruction = -Bernoulli(logits=logits).log_prob(x).sum(-1).mean(0)
        kl = kl_divergence(posterior, prior).sum(-1)
        return Terms(reconstruction + kl, reconstruction.detach(), kl.detach())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dir")
    parser.add_argument("out", type=Path)
    parser.add_argument("--loss", choices=("generated", "torch.distributions"), required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--importance", type=int, default=5000)
    parser.add_argument("--rows", type=int, default=10000, help="test rows for the bound")
    parser.add_argument("--schedule", choices=("cosine", "staircase"), default="cosine")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    if asked.loss != "generated":
        training.Objective = DistributionsObjective  # type: ignore[misc,assignment]
    data = load("idx", data_dir=asked.data_dir, binarisation="dynamic")
    began = time.monotonic()
    trained = training.train(
        data,
        model=ModelOptions(latent=50, hidden=(200, 200)),
        options=TrainOptions(
            epochs=asked.epochs,
            learning_rate=1e-3,
            adam_eps=1e-4,
            schedule=asked.schedule,
            seed=asked.seed,
        ),
        out=asked.out,
    )
    wall = time.monotonic() - began
    result = evaluate(trained.model, data.test, samples=10)
    numbers = {
        "loss": asked.loss,
        "data": data.title,
        "epochs": trained.epochs,
        "seed": asked.seed,
        "schedule": asked.schedule,
        "wall_seconds_of_this_call": round(wall, 1),
        "training_seconds": round(sum(r["seconds"] for r in trained.records), 1),
        "elbo": result.elbo,
        "elbo_error": result.elbo_error,
        "reconstruction": result.reconstruction,
        "kl": result.kl,
        "active": result.active,
    }
    print(json.dumps(numbers), flush=True)
    if asked.importance:
        rows = data.test[: asked.rows]
        bound = importance_bound(trained.model, rows, samples=asked.importance)
        numbers["importance"] = {
            "samples": asked.importance,
            "rows": len(rows),
            "bound": float(bound.mean()),
            "error": float(bound.std()) / len(bound) ** 0.5,
        }
    (asked.out / "published.json").write_text(json.dumps(numbers, indent=1) + "\n")
    print(json.dumps(numbers))


if __name__ == "__main__":
    main()
