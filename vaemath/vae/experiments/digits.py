"""The reference run: the default VAE on the digits, as `vaemath train` makes it."""

import torch
from matplotlib.figure import Figure

from vaemath.vae.data import load
from vaemath.vae.evaluation import evaluate
from vaemath.vae.experiments.outcome import Outcome
from vaemath.vae.figures.style import DARK, MIDDLE, new_figure, show_images
from vaemath.vae.generate import reconstruct, sample
from vaemath.vae.importance import importance_bound
from vaemath.vae.options import TrainOptions
from vaemath.vae.training import train

_COLUMNS = 10


def run(*, seed: int = 0, epochs: int = 300) -> Outcome:
    """Train, evaluate on the held-out images, and show what the model makes."""
    data = load("digits", binarisation="dynamic")
    trained = train(data, options=TrainOptions(epochs=epochs, seed=seed), progress=False)
    model = trained.model
    result = evaluate(model, data.test, samples=20, seed=seed)
    bound = importance_bound(model, data.test, samples=500, seed=seed)
    numbers = {
        "elbo": result.elbo,
        "elbo_error": result.elbo_error,
        "reconstruction": result.reconstruction,
        "kl": result.kl,
        "active": float(result.active),
        "importance_500": float(bound.mean()),
        "train_elbo": trained.records[-1]["train"]["elbo"],
        "seconds": sum(r["seconds"] for r in trained.records),
    }
    caption = (
        f"The default VAE (64-256-8, Bernoulli decoder) on {data.title}, {epochs} epochs in "
        f"{numbers['seconds']:.0f} s. Held-out ELBO {result.elbo:.2f} +- {result.elbo_error:.2f} nats "
        f"per image "
        f"(standard error over {result.rows} images), of which reconstruction "
        f"{result.reconstruction:.2f} and "
        f"KL {result.kl:.2f}; importance-weighted bound, 500 samples, {numbers['importance_500']:.2f}; "
        f"{result.active} of 8 latent dimensions active. Below: test images, what the model makes of "
        f"them, and samples from the prior (probabilities of the pixels)."
    )

    def draw() -> Figure:
        assert data.shape is not None
        with new_figure(height=4.9) as figure:
            panels = figure.subplot_mosaic([["elbo", "parts"], ["made", "new"]], height_ratios=(1.2, 1))
            epoch = [r["epoch"] for r in trained.records]
            tested = [r for r in trained.records if "test" in r]
            panels["elbo"].plot(
                epoch, [r["train"]["elbo"] for r in trained.records], color=MIDDLE, label="training"
            )
            panels["elbo"].plot(
                [r["epoch"] for r in tested],
                [r["test"]["elbo"] for r in tested],
                color=DARK,
                linestyle="--",
                label="test",
            )
            panels["elbo"].set(xlabel="epoch", ylabel="ELBO (nats per image)", ylim=(-26, -22))
            panels["elbo"].legend(loc="lower right")
            panels["parts"].bar(range(1, 9), sorted(result.kl_by_dimension)[::-1], color=DARK)
            panels["parts"].set(xlabel="latent dimension, by its KL", ylabel="mean KL (nats)")
            images = torch.split(data.test[: 2 * _COLUMNS], _COLUMNS)
            rows = torch.cat([torch.cat([x, reconstruct(model, x)]) for x in images])
            show_images(panels["made"], rows, shape=data.shape, columns=_COLUMNS)
            panels["made"].set_title("test images, and E[x | z]")
            rows = sample(model, 4 * _COLUMNS, seed=seed)
            show_images(panels["new"], rows, shape=data.shape, columns=_COLUMNS)
            panels["new"].set_title("samples")
        return figure

    return Outcome(numbers, caption, draw)
