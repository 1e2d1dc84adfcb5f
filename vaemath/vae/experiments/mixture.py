"""Three normals mixed: one normal against fits with a latent (documents 000 and 001, figure 1)."""

import math

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

from vaemath.vae.data import Dataset
from vaemath.vae.experiments.outcome import Outcome
from vaemath.vae.figures.style import DARK, GREY, LIGHT, MIDDLE, new_figure
from vaemath.vae.importance import importance_bound
from vaemath.vae.model import VAE
from vaemath.vae.options import ModelOptions, TrainOptions
from vaemath.vae.training import train

Array = NDArray[np.float64]
_WEIGHTS, _MEANS, _SCALES = (0.3, 0.4, 0.3), (-4.0, 0.0, 3.5), (0.6, 0.9, 0.5)


def run(*, seed: int = 0, rows: int = 2000, epochs: int = 150) -> Outcome:
    """Fit one normal, three normals by expectation maximisation, and a VAE; compare on held-out rows."""
    generator = np.random.default_rng(seed)
    train_x, test_x = _draw(generator, rows), _draw(generator, rows)
    truth = (np.array(_WEIGHTS), np.array(_MEANS), np.array(_SCALES))
    one = (np.ones(1), train_x.mean(keepdims=True), train_x.std(keepdims=True))
    three = _expectation_maximisation(train_x, parts=3)
    vae = _vae(train_x, test_x, epochs=epochs, seed=seed)
    bound = importance_bound(vae, torch.tensor(test_x)[:, None], samples=500, seed=seed, chunk=100)
    numbers = {
        "truth": float(log_density(test_x, truth).mean()),
        "one_normal": float(log_density(test_x, one).mean()),
        "three_normals": float(log_density(test_x, three).mean()),
        "vae_bound": float(bound.mean()),
    }
    caption = (
        f"A mixture of three normals, {rows} training and {rows} held-out numbers. Mean held-out "
        f"log-likelihood in nats: one normal {numbers['one_normal']:.3f}; three normals, p(x | z) "
        f"with a discrete latent z, {numbers['three_normals']:.3f}; a VAE with one normal latent, at "
        f"least {numbers['vae_bound']:.3f} (importance-weighted bound, 500 samples); the true density "
        f"{numbers['truth']:.3f}. The conditional p(x | z) is simpler than p(x), and the marginal "
        f"that it gives is {numbers['three_normals'] - numbers['one_normal']:.2f} nats better."
    )

    def draw() -> Figure:
        return _figure(train_x, {"true": truth, "one": one, "three": three}, vae)

    return Outcome(numbers, caption, draw)


def _draw(generator: np.random.Generator, rows: int) -> Array:
    part = generator.choice(len(_WEIGHTS), size=rows, p=_WEIGHTS)
    return generator.normal(np.array(_MEANS)[part], np.array(_SCALES)[part])


def log_density(x: Array, mixture: tuple[Array, Array, Array]) -> Array:
    """log sum_k w_k N(x; m_k, s_k^2): (n,) -> (n,)."""
    weights, means, scales = mixture
    white = (x[:, None] - means) / scales
    each = np.log(weights) - np.log(scales) - 0.5 * white**2 - 0.5 * math.log(2 * math.pi)
    total: Array = np.logaddexp.reduce(each, axis=1)
    return total


def _expectation_maximisation(x: Array, *, parts: int, steps: int = 200) -> tuple[Array, Array, Array]:
    means = np.quantile(x, (np.arange(parts) + 0.5) / parts)
    weights, scales = np.full(parts, 1 / parts), np.full(parts, x.std() / parts)
    for _ in range(steps):
        white = (x[:, None] - means) / scales
        each = np.log(weights) - np.log(scales) - 0.5 * white**2
        belongs = np.exp(each - np.logaddexp.reduce(each, axis=1, keepdims=True))
        count = belongs.sum(0)
        weights, means = count / len(x), (belongs * x[:, None]).sum(0) / count
        scales = np.sqrt((belongs * (x[:, None] - means) ** 2).sum(0) / count)
    return weights, means, scales


def _vae(train_x: Array, test_x: Array, *, epochs: int, seed: int) -> VAE:
    rows = (torch.tensor(train_x)[:, None], torch.tensor(test_x)[:, None])
    data = Dataset(name="mixture", train=rows[0], test=rows[1], shape=None)
    model = ModelOptions(latent=1, hidden=(64, 64), decoder="gaussian", learn_scale=True)
    options = TrainOptions(
        epochs=epochs,
        batch_size=200,
        learning_rate=5e-3,
        dtype="float64",
        seed=seed,
        evaluate_every=epochs,
    )
    return train(data, model=model, options=options, progress=False).model


def _figure(x: Array, mixtures: dict[str, tuple[Array, Array, Array]], vae: VAE) -> Figure:
    grid = np.linspace(-7, 6, 400)
    with new_figure(height=3.2) as figure:
        axes = figure.subplots()
        axes.hist(x, bins=80, density=True, color="#dddddd", label="training data")
        styles = {
            "true": (GREY, "-", "true density"),
            "one": (MIDDLE, "--", "one normal"),
            "three": (DARK, ":", "three normals"),
        }
        for name, (colour, line, label) in styles.items():
            density = np.exp(log_density(grid, mixtures[name]))
            axes.plot(grid, density, color=colour, linestyle=line, label=label)
        axes.plot(grid, _vae_density(vae, grid), color=LIGHT, linestyle="-.", label="VAE")
        axes.set(xlabel="x", ylabel="density (1 / unit of x)")
        axes.set_ylim(top=0.31)
        axes.legend(loc="upper center", ncols=3, fontsize=9)
    return figure


@torch.no_grad()
def _vae_density(vae: VAE, grid: Array, *, draws: int = 4000) -> Array:
    """1/m sum_i p(x | z_i) with z_i from the prior (document 000, eq. 1)."""
    z = torch.randn(draws, 1, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    x = torch.tensor(grid)[:, None]
    zero = torch.zeros(len(grid), 1, dtype=torch.float64)
    log_p = -vae.likelihood.negative_elbo(x, vae.decode(z).expand(-1, len(grid), -1), zero, zero)
    density: Array = log_p.exp().mean(0).numpy()
    return density
