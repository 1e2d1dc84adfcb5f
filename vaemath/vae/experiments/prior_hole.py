"""Where the prior reaches and no posterior does, and what the decoder makes of such places."""

import math

import torch
from matplotlib.figure import Figure
from torch import Tensor

from vaemath.vae.aggregate import Mixture, aggregated_posterior, compare_with_prior
from vaemath.vae.data import Dataset
from vaemath.vae.experiments.common import digit_judge, fit, grey_digits
from vaemath.vae.experiments.outcome import Outcome
from vaemath.vae.figures.style import SEQUENTIAL, new_figure, show_images

_SHOWN = 18


@torch.no_grad()
def run(*, seed: int = 0, epochs: int = 200, draws: int = 2000) -> Outcome:
    """Rank prior samples by the density ratio q(z) / p(z) and decode both ends of the list."""
    data = grey_digits()
    with torch.enable_grad():
        model = fit(data, latent=2, epochs=epochs, seed=seed, decoder="gaussian")
    mixture = aggregated_posterior(model, data.train)
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(draws, 2, generator=generator)
    ratio = mixture.log_ratio(z)
    hole, dense = z[ratio < -math.log(10)], z[ratio > 0]
    images = {name: model.likelihood.mean(model.decode(v)) for name, v in _named(hole, dense)}
    judge = digit_judge(data)
    confidence = {name: float(judge(v).max(1).values.mean()) for name, v in images.items()}
    distance = {name: _distance(v, data.train) for name, v in images.items()}
    overall = compare_with_prior(model, data.train, samples=draws, seed=seed)
    numbers = {
        "hole": len(hole) / draws,
        "divergence": overall.divergence,
        "information": overall.information,
        "confidence_hole": confidence["hole"],
        "confidence_dense": confidence["dense"],
        "distance_hole": distance["hole"],
        "distance_dense": distance["dense"],
    }
    caption = (
        f"Left: log q(z) - log p(z) of the aggregated posterior q(z) of {len(data.train)} training "
        f"images and "
        f"the prior, in a 2-D latent space ({data.title}, Gaussian decoder); the white line is a "
        f"density ratio of 1/10. "
        f"{100 * numbers['hole']:.1f} % of {draws} prior samples fall below it; KL(q(z) || p(z)) = "
        f"{numbers['divergence']:.2f} nats, I(x; z) = {numbers['information']:.2f} nats. Right: "
        f"decoded prior "
        f"samples from places with q(z) > p(z) (above) and from below the line (below). A classifier of "
        f"digits gives its first choice probability {confidence['dense']:.2f} in the first and "
        f"{confidence['hole']:.2f} in the second; the distance to the nearest training image is "
        f"{distance['dense']:.2f} and {distance['hole']:.2f} (root of the summed squares, grey levels "
        f"in [0, 1])."
    )
    pictures = torch.cat([images["dense"][:_SHOWN], images["hole"][:_SHOWN]])

    def draw() -> Figure:
        return _figure(mixture, pictures, data)

    return Outcome(numbers, caption, draw)


def _named(hole: Tensor, dense: Tensor) -> tuple[tuple[str, Tensor], tuple[str, Tensor]]:
    return ("hole", hole), ("dense", dense)


def _distance(images: Tensor, training: Tensor) -> float:
    return float(torch.cdist(images, training).min(1).values.mean())


def _figure(mixture: Mixture, pictures: Tensor, data: Dataset) -> Figure:
    assert data.shape is not None
    axis = torch.linspace(-3.5, 3.5, 81)
    grid = torch.cartesian_prod(axis, axis)
    ratio = mixture.log_ratio(grid).reshape(81, 81).mT.clamp(-8, 4).numpy()
    with new_figure(height=3.3) as figure:
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.15))
        mesh = left.pcolormesh(
            axis.numpy(), axis.numpy(), ratio, cmap=SEQUENTIAL, shading="nearest", rasterized=True
        )
        left.contour(
            axis.numpy(), axis.numpy(), ratio, levels=[-math.log(10)], colors="white", linewidths=1.2
        )
        left.set(xlabel="$z_1$", ylabel="$z_2$", aspect="equal")
        figure.colorbar(mesh, ax=left, label="log q(z) - log p(z)  (nats, cut at -8)", shrink=0.9)
        gap = torch.zeros(6, pictures.shape[1])
        sheet = torch.cat([pictures[:_SHOWN], gap, pictures[_SHOWN:]])
        show_images(right, sheet, shape=data.shape, columns=6)
        right.set_title("above: q(z) > p(z); below: in the hole")
    return figure
