"""Samples of an autoencoder against samples of a VAE (documents 002 and 004)."""

import torch
from matplotlib.figure import Figure
from torch import Tensor

from vaemath.kernels.torch import kl_mvn_covariance
from vaemath.vae.data import Dataset
from vaemath.vae.evaluation import evaluate
from vaemath.vae.experiments.common import digit_judge, fit, grey_digits
from vaemath.vae.experiments.outcome import Numbers, Outcome
from vaemath.vae.figures.style import new_figure, show_images
from vaemath.vae.generate import sample

_NAMES = {"autoencoder": "autoencoder (no KL)", "vae": "VAE"}
_COORDINATES, _SHOWN = 16, 32


def run(*, seed: int = 0, epochs: int = 200, draws: int = 1000) -> Outcome:
    """The same network without and with the KL; decode the same draws of the prior with both."""
    data = grey_digits()
    models = {
        "autoencoder": fit(data, latent=8, epochs=epochs, seed=seed, beta=0.0),
        "vae": fit(data, latent=8, epochs=epochs, seed=seed),
    }
    samples = {name: sample(model, draws, seed=seed) for name, model in models.items()}
    judge = digit_judge(data)
    numbers: Numbers = {"test_confidence": float(judge(data.test).max(1).values.mean())}
    numbers["test_divergence"] = divergence(data.test, data)
    for name, model in models.items():
        numbers[f"{name}_divergence"] = divergence(samples[name], data)
        numbers[f"{name}_confidence"] = float(judge(samples[name]).max(1).values.mean())
        numbers[f"{name}_distance"] = _distance(samples[name], data)
        numbers[f"{name}_reconstruction"] = evaluate(model, data.test, samples=10).reconstruction
    parts = [
        f"{title}: divergence {numbers[f'{name}_divergence']:.1f} nats, distance to the nearest "
        f"training image "
        f"{numbers[f'{name}_distance']:.2f}, reconstruction {numbers[f'{name}_reconstruction']:.2f} nats"
        for name, title in _NAMES.items()
    ]
    caption = (
        f"The same network trained without the KL (an autoencoder) and with it, on "
        f"{data.title}; both "
        f"decode the same draws from N(0, I). Divergence is the KL, by the kernel kl_mvn_covariance, of "
        f"the normal fitted to {draws} samples from the normal fitted to the training images, in their "
        f"first {_COORDINATES} principal coordinates (test images themselves: "
        f"{numbers['test_divergence']:.1f} nats). "
        + "; ".join(parts)
        + ". The autoencoder rebuilds better and samples worse: nothing brought its codes to the prior."
    )

    def draw() -> Figure:
        return _figure(samples, data)

    return Outcome(numbers, caption, draw)


def divergence(rows: Tensor, data: Dataset) -> float:
    """KL of the normal fitted to rows (n, D) from the one fitted to the training rows, in nats."""
    training = data.train.double()
    _, _, axes = torch.linalg.svd(training - training.mean(0), full_matrices=False)
    basis = axes[:_COORDINATES].mT
    ours, theirs = rows.double() @ basis, training @ basis
    return float(kl_mvn_covariance(ours.mean(0), ours.mT.cov(), theirs.mean(0), theirs.mT.cov()))


def _distance(rows: Tensor, data: Dataset) -> float:
    return float(torch.cdist(rows, data.train).min(1).values.mean())


def _figure(samples: dict[str, Tensor], data: Dataset) -> Figure:
    assert data.shape is not None
    with new_figure(height=2.3) as figure:
        panels = figure.subplots(1, 2)
        for axes, (name, title) in zip(panels, _NAMES.items(), strict=True):
            show_images(axes, samples[name][:_SHOWN], shape=data.shape, columns=8)
            axes.set_title(f"samples of the {title}")
    return figure
