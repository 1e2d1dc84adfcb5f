"""Element-wise against batch-wise KL: the misreading that document 003 warns of."""

import torch
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from vaemath.kernels.torch import kl_normal_standard
from vaemath.vae.aggregate import compare_with_prior
from vaemath.vae.data import Dataset
from vaemath.vae.experiments.common import grey_digits
from vaemath.vae.experiments.outcome import Numbers, Outcome
from vaemath.vae.figures.style import DARK, MIDDLE, new_figure
from vaemath.vae.model import VAE, make_model, reparameterise
from vaemath.vae.options import ModelOptions

_LATENT, _BATCH = 8, 200
_READINGS = {"element": "element-wise (the ELBO)", "batch": "batch-wise (the misreading)"}


def run(*, seed: int = 0, epochs: int = 120) -> Outcome:
    """Train once with each KL; measure both, the information in the code, and what a reader gets from "
    "it."""
    data = grey_digits()
    models = {reading: _fit(data, reading, epochs=epochs, seed=seed) for reading in _READINGS}
    numbers: Numbers = {}
    for reading, model in models.items():
        with torch.no_grad():
            loc, logvar = model.encode(data.test)
            element, batch = element_wise(loc, logvar), batch_wise(loc, logvar)
        numbers[f"{reading}_element_kl"] = float(element)
        numbers[f"{reading}_batch_kl"] = float(batch)
        numbers[f"{reading}_information"] = compare_with_prior(model, data.test, seed=seed).information
        numbers[f"{reading}_accuracy"] = _accuracy(model, data, seed=seed)
    caption = (
        f"Two VAEs on {data.title}, {_LATENT} latent dimensions, one trained with the KL of each "
        f"image's posterior (element-wise, as in the ELBO), one with the KL of the normal fitted to "
        f"the batch "
        f"(batch-wise). The batch-wise code looks standard normal: its batch-wise KL is "
        f"{numbers['batch_batch_kl']:.2f} nats. Yet its element-wise KL is "
        f"{numbers['batch_element_kl']:.1f} nats, against {numbers['element_element_kl']:.1f} for the "
        f"ELBO's "
        f"code. A batch of 360 codes carries {numbers['batch_information']:.2f} of at most 5.89 nats about "
        f"which image it was (ELBO: {numbers['element_information']:.2f}), and a linear reader of one "
        f"sampled "
        f"code names the digit in {100 * numbers['batch_accuracy']:.0f} % of the test images "
        f"(ELBO: {100 * numbers['element_accuracy']:.0f} %). Matching the prior batch by batch does not "
        f"take the information out of the code; the KL of the ELBO is element-wise, and does charge for it."
    )

    def draw() -> Figure:
        return _figure(models, data, numbers)

    return Outcome(numbers, caption, draw)


def element_wise(loc: Tensor, logvar: Tensor) -> Tensor:
    """Mean over the batch of KL(q(z | x_i) || N(0, I)): what the ELBO has."""
    return kl_normal_standard(loc, logvar).sum(-1).mean()


def batch_wise(loc: Tensor, logvar: Tensor) -> Tensor:
    """KL to N(0, I) of the normal with the batch's mean and variance in each dimension."""
    variance = loc.var(0, correction=0) + logvar.exp().mean(0)
    return kl_normal_standard(loc.mean(0), variance.log()).sum()


def _fit(data: Dataset, reading: str, *, epochs: int, seed: int) -> VAE:
    model = make_model(
        ModelOptions(latent=_LATENT),
        average=data.train.mean(0),
        seed=seed,
        dtype=torch.float32,
        device="cpu",
    )
    penalty = element_wise if reading == "element" else batch_wise
    optimiser = torch.optim.Adam(model.parameters(), lr=2e-3)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        for rows in torch.split(torch.randperm(len(data.train), generator=generator), _BATCH):
            x = data.train[rows]
            loc, logvar = model.encode(x)
            noise = torch.randn(loc.shape, generator=generator)
            output = model.decode(reparameterise(loc, logvar, noise))
            prior = torch.zeros_like(loc)
            fidelity = model.likelihood.negative_elbo(x, output, prior, prior).mean()
            optimiser.zero_grad()
            torch.autograd.backward(fidelity + penalty(loc, logvar))
            optimiser.step()
    return model


@torch.no_grad()
def _accuracy(model: VAE, data: Dataset, *, seed: int) -> float:
    assert data.labels is not None
    assert data.test_labels is not None
    generator = torch.Generator().manual_seed(seed)
    codes = []
    for rows in (data.train, data.test):
        loc, logvar = model.encode(rows)
        noise = torch.randn(loc.shape, generator=generator)
        codes.append(reparameterise(loc, logvar, noise).numpy())
    reader = LogisticRegression(max_iter=2000).fit(codes[0], data.labels.numpy())
    return float(reader.score(codes[1], data.test_labels.numpy()))


@torch.no_grad()
def _figure(models: dict[str, VAE], data: Dataset, numbers: Numbers) -> Figure:
    grid = torch.linspace(-3.5, 3.5, 300)
    with new_figure(height=3.0) as figure:
        panels = figure.subplots(1, 2, sharey=True)
        for axes, (reading, model) in zip(panels, models.items(), strict=True):
            loc, logvar = model.encode(data.test)
            widest = int(loc.var(0).argmax())
            centre, scale = loc[:, widest, None], torch.exp(0.5 * logvar[:, widest, None])
            each = torch.exp(-0.5 * ((grid - centre) / scale) ** 2) / scale / (2 * torch.pi) ** 0.5
            for curve in each[:12]:
                axes.plot(grid, curve, color=MIDDLE, linewidth=0.9, alpha=0.8)
            axes.plot([], [], color=MIDDLE, linewidth=0.9, label="q(z | x) of 12 images")
            axes.plot(grid, each.mean(0), color=DARK, label="the whole batch")
            normal = torch.exp(-0.5 * grid**2) / (2 * torch.pi) ** 0.5
            axes.plot(grid, normal, color="black", linestyle=":", label="N(0, 1)")
            title = (
                f"{_READINGS[reading]}\nbatch-wise KL {numbers[f'{reading}_batch_kl']:.2f}, "
                f"element-wise KL {numbers[f'{reading}_element_kl']:.1f}"
            )
            axes.set(xlabel=f"$z_{widest + 1}$, the most varied dimension", title=title)
        panels[0].set(ylabel="density (1 / unit of z)", ylim=(0, 3))
        panels[0].legend(fontsize=8, loc="upper left")
    return figure
