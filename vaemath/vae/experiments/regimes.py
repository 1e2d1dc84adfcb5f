"""Fidelity only, regularisation only, and both: the three regimes of document 004."""

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse

from vaemath.vae.data import Dataset
from vaemath.vae.evaluation import Evaluation, evaluate
from vaemath.vae.experiments.common import fit, grey_digits
from vaemath.vae.experiments.outcome import Numbers, Outcome
from vaemath.vae.figures.style import DARK, GREY, LIGHT, MIDDLE, new_figure
from vaemath.vae.model import VAE

_REGIMES = {
    "fidelity": ("fidelity only", 1.0, 0.0),
    "regularisation": ("regularisation only", 0.0, 1.0),
    "both": ("both: the ELBO", 1.0, 1.0),
}
_SHOWN = ((0, DARK, "o"), (1, MIDDLE, "s"), (4, LIGHT, "^"))


def run(*, seed: int = 0, epochs: int = 150) -> Outcome:
    """Train a VAE with a 2-D latent three times, with one term, the other, and both."""
    data = grey_digits()
    models = {
        name: fit(data, latent=2, epochs=epochs, seed=seed, fidelity=fidelity, beta=beta)
        for name, (_, fidelity, beta) in _REGIMES.items()
    }
    numbers: Numbers = {}
    for name, model in models.items():
        result: Evaluation = evaluate(model, data.test, samples=10, seed=seed)
        loc, logvar = _posteriors(model, data)
        numbers[f"{name}_kl"] = result.kl
        numbers[f"{name}_reconstruction"] = result.reconstruction
        numbers[f"{name}_posterior_sd"] = float(torch.exp(0.5 * logvar).mean())
        numbers[f"{name}_spread"] = float(loc.std(0).mean())
    parts = [
        f"{title}: KL {numbers[f'{name}_kl']:.3g}, reconstruction "
        f"{numbers[f'{name}_reconstruction']:.2f}, mean posterior standard deviation "
        f"{numbers[f'{name}_posterior_sd']:.3f}, spread of the means {numbers[f'{name}_spread']:.3g}"
        for name, (title, _, _) in _REGIMES.items()
    ]
    caption = (
        f"Posteriors q(z | x) of 360 test images in a 2-D latent space ({data.title}), with ellipses "
        f"of one "
        f"standard deviation for the digits 0, 1 and 4; the dashed circle is the prior's. In nats per "
        f"image, "
        + "; ".join(parts)
        + ". Without the KL the posteriors shrink and drift away from the prior; without the "
        "reconstruction all of them are the prior and say nothing; the ELBO balances the two."
    )

    def draw() -> Figure:
        return _figure(models, data)

    return Outcome(numbers, caption, draw)


@torch.no_grad()
def _posteriors(model: VAE, data: Dataset) -> tuple[torch.Tensor, torch.Tensor]:
    return model.encode(data.test)


def _figure(models: dict[str, VAE], data: Dataset) -> Figure:
    with new_figure(height=2.9) as figure:
        panels = figure.subplots(1, 3)
        for axes, (name, model) in zip(panels, models.items(), strict=True):
            _panel(axes, model, data)
            axes.set(title=_REGIMES[name][0], xlabel="$z_1$", aspect="equal")
        panels[0].set_ylabel("$z_2$")
        handles, labels = panels[0].get_legend_handles_labels()
        names = [f"digit {label}" for label in labels]
        figure.legend(handles, names, loc="outside lower center", ncols=3, markerscale=2)
    return figure


def _panel(axes: Axes, model: VAE, data: Dataset) -> None:
    assert data.test_labels is not None
    loc, logvar = _posteriors(model, data)
    scale = torch.exp(0.5 * logvar)
    axes.scatter(loc[:, 0], loc[:, 1], s=3, color="#cccccc", linewidths=0)
    for digit, colour, marker in _SHOWN:
        rows = data.test_labels == digit
        axes.scatter(
            loc[rows, 0], loc[rows, 1], s=8, color=colour, marker=marker, label=str(digit), linewidths=0
        )
        for centre, width in zip(loc[rows].tolist(), (2 * scale[rows]).tolist(), strict=True):
            axes.add_patch(Ellipse((centre[0], centre[1]), *width, fill=False, color=colour, lw=0.4))
    axes.add_patch(Ellipse((0, 0), 2, 2, fill=False, color=GREY, linestyle="--"))
    reach = 1.15 * float((loc.abs() + scale).max().clamp_min(2.2))
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach))
