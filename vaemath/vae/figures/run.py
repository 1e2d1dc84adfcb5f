"""The pictures of one run: reconstructions, samples, the learning curve."""

from pathlib import Path
from typing import Any

import torch
from matplotlib.figure import Figure

from vaemath.errors import VaemathError
from vaemath.vae.data.dataset import Dataset
from vaemath.vae.figures.style import DARK, MIDDLE, new_figure, save, show_images
from vaemath.vae.generate import interpolate, reconstruct, sample
from vaemath.vae.model import VAE

_COLUMNS = 12


def draw_reconstructions(model: VAE, data: Dataset) -> Figure:
    """Test images above what the network makes of them."""
    rows = data.test[:_COLUMNS].to(device=model.device, dtype=model.dtype)
    made = reconstruct(model, rows)
    with new_figure(height=1.9) as figure:
        axes = figure.subplots()
        show_images(axes, torch.cat([rows, made]), shape=_shape(data), columns=_COLUMNS)
        axes.set_title(f"Test images (above) and E[x | z] at the posterior mean ({data.title})")
    return figure


def draw_samples(model: VAE, data: Dataset, *, seed: int = 0) -> Figure:
    """E[x | z] for z from the prior."""
    with new_figure(height=3.2) as figure:
        axes = figure.subplots()
        rows = sample(model, 4 * _COLUMNS, seed=seed)
        show_images(axes, rows, shape=_shape(data), columns=_COLUMNS)
        axes.set_title(f"E[x | z] for z from the prior ({data.title})")
    return figure


def draw_interpolation(model: VAE, data: Dataset, *, first: int, last: int) -> Figure:
    """The straight line between two test images in the latent space, decoded; the images at its ends."""
    for name, row in (("first", first), ("last", last)):
        if not 0 <= row < len(data.test):
            raise VaemathError(f"{name}: got {row}; expected a test row, 0 to {len(data.test) - 1}")
    ends = data.test[[first, last]].to(device=model.device, dtype=model.dtype)
    path = interpolate(model, ends[:1], ends[1:], steps=_COLUMNS - 2)[0]
    with new_figure(height=1.3) as figure:
        axes = figure.subplots()
        rows = torch.cat([ends[:1], path, ends[1:]])
        show_images(axes, rows, shape=_shape(data), columns=_COLUMNS)
        axes.set_title("Two test images (at the ends) and the line between their posterior means")
    return figure


def draw_learning_curve(records: list[dict[str, Any]], data: Dataset) -> Figure:
    """ELBO by epoch, and its two parts."""
    epochs = [record["epoch"] for record in records]
    tested = [record for record in records if "test" in record]
    with new_figure(height=3.0) as figure:
        left, right = figure.subplots(1, 2)
        left.plot(epochs, [r["train"]["elbo"] for r in records], color=MIDDLE, label="training")
        left.plot(
            [r["epoch"] for r in tested],
            [r["test"]["elbo"] for r in tested],
            color=DARK,
            marker="o",
            markersize=3,
            label="test",
        )
        left.set(xlabel="epoch", ylabel="ELBO (nats per image)", title=data.title)
        lowest = sorted(r["train"]["elbo"] for r in records)[len(records) // 20]
        left.set_ylim(bottom=lowest)
        left.legend(loc="lower right")
        for name, colour, style in (("reconstruction", MIDDLE, "-"), ("kl", DARK, "--")):
            values = [record["train"][name] for record in records]
            label = "KL" if name == "kl" else "-E log p(x | z)"
            right.plot(epochs, values, color=colour, linestyle=style, label=label)
        right.set(xlabel="epoch", ylabel="nats per training image", title="its two parts")
        right.legend()
    return figure


def save_run_pictures(model: VAE, data: Dataset, records: list[dict[str, Any]], out: Path) -> list[Path]:
    """Write the pictures that the data allows into `out`; the paths written."""
    pictures = {"learning-curve.png": draw_learning_curve(records, data)}
    if data.shape:
        pictures["reconstructions.png"] = draw_reconstructions(model, data)
        pictures["samples.png"] = draw_samples(model, data)
    for name, figure in pictures.items():
        save(figure, out / name)
    return [out / name for name in pictures]


def _shape(data: Dataset) -> tuple[int, int]:
    if data.shape is None:
        raise VaemathError(f"data: got {data.name}, which are not images; expected images")
    return data.shape
