"""Between two digits: the line in the latent space against the mixture of pixels (document 004)."""

import torch
from matplotlib.figure import Figure

from vaemath.vae.experiments.common import digit_judge, fit, grey_digits
from vaemath.vae.experiments.outcome import Outcome
from vaemath.vae.figures.style import DARK, MIDDLE, new_figure, show_images
from vaemath.vae.generate import interpolate

_STEPS = 11


def run(*, seed: int = 0, epochs: int = 250, pairs: int = 300) -> Outcome:
    """Decode (1 - t) z_1 + t z_2 for pairs of test images of different digits; let a classifier judge."""
    data = grey_digits()
    model = fit(data, latent=8, epochs=epochs, seed=seed)
    assert data.test_labels is not None
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randint(len(data.test), (4 * pairs, 2), generator=generator)
    differ = data.test_labels[chosen[:, 0]] != data.test_labels[chosen[:, 1]]
    chosen = chosen[differ][:pairs]
    first, last = data.test[chosen[:, 0]], data.test[chosen[:, 1]]
    latent = interpolate(model, first, last, steps=_STEPS)
    weight = torch.linspace(0, 1, _STEPS)[:, None]
    pixels = torch.lerp(latent[:, :1], latent[:, -1:], weight)
    judge = digit_judge(data)
    sure = {
        name: judge(path.flatten(0, 1)).max(1).values.reshape(-1, _STEPS)
        for name, path in (("latent", latent), ("pixel", pixels))
    }
    near = {
        name: torch.cdist(path.flatten(0, 1), data.train).min(1).values.reshape(-1, _STEPS)
        for name, path in (("latent", latent), ("pixel", pixels))
    }
    middle = _STEPS // 2
    numbers = {
        "latent_confidence": float(sure["latent"][:, middle].mean()),
        "pixel_confidence": float(sure["pixel"][:, middle].mean()),
        "latent_distance": float(near["latent"][:, middle].mean()),
        "pixel_distance": float(near["pixel"][:, middle].mean()),
        "nearer": float((near["latent"] < near["pixel"])[:, middle].double().mean()),
    }
    caption = (
        f"Straight lines between the posterior means of two test images, decoded (upper row of each "
        f"pair), and "
        f"the same ends mixed pixel by pixel (lower row; {data.title}). Over {len(chosen)} pairs of "
        f"different "
        f"digits, halfway, the decoded image is {numbers['latent_distance']:.2f} from the nearest training "
        f"image and the mixed one {numbers['pixel_distance']:.2f} (it is the nearer in "
        f"{100 * numbers['nearer']:.0f} % of the pairs), and a classifier gives its first choice "
        f"probability "
        f"{numbers['latent_confidence']:.2f} and {numbers['pixel_confidence']:.2f}."
    )

    def draw() -> Figure:
        assert data.shape is not None
        with new_figure(height=3.0) as figure:
            left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
            rows = torch.cat([torch.cat([latent[i], pixels[i]]) for i in range(4)])
            show_images(left, rows, shape=data.shape, columns=_STEPS)
            left.set_title("latent (above) and pixel (below) paths, four pairs")
            styles = {"latent": (DARK, "-", "o"), "pixel": (MIDDLE, "--", "s")}
            for name, (colour, line, marker) in styles.items():
                values = near[name].mean(0)
                style = {"color": colour, "linestyle": line, "marker": marker, "markersize": 4}
                right.plot(weight[:, 0], values, label=f"{name} path", **style)
            right.set(xlabel="t, from the first to the second", ylabel="distance to nearest training image")
            right.legend(fontsize=9)
        return figure

    return Outcome(numbers, caption, draw)
