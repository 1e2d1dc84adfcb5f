"""Shared by the experiments on digits: a model fitted in memory, and a judge of images."""

from collections.abc import Callable

import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from vaemath.vae.data import Dataset, load
from vaemath.vae.model import VAE
from vaemath.vae.options import ModelOptions, TrainOptions
from vaemath.vae.training import train


def grey_digits() -> Dataset:
    """The digits with their grey levels as probabilities: clean to look at."""
    return load("digits", binarisation="none")


def fit(
    data: Dataset,
    *,
    latent: int,
    epochs: int,
    seed: int,
    fidelity: float = 1.0,
    beta: float = 1.0,
    decoder: str = "bernoulli",
) -> VAE:
    """A VAE trained in memory; a Gaussian decoder learns its scale."""
    model = ModelOptions(latent=latent, decoder=decoder, scale=0.3, learn_scale=decoder == "gaussian")
    options = TrainOptions(
        epochs=epochs,
        seed=seed,
        fidelity=fidelity,
        beta=beta,
        evaluate_every=epochs,
    )
    return train(data, model=model, options=options, progress=False).model


def digit_judge(data: Dataset) -> Callable[[Tensor], Tensor]:
    """A logistic regression on the training images: rows (n, D) -> probabilities (n, 10)."""
    assert data.labels is not None
    judge = LogisticRegression(max_iter=2000, C=0.1)
    judge.fit(data.train.numpy(), data.labels.numpy())

    def probabilities(rows: Tensor) -> Tensor:
        return torch.tensor(judge.predict_proba(rows.detach().numpy()))

    return probabilities
