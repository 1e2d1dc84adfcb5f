"""What a trained VAE can make: samples, reconstructions, and paths between two inputs."""

import torch
from torch import Tensor

from vaemath.errors import VaemathError
from vaemath.vae.model import VAE


@torch.no_grad()
def sample(model: VAE, count: int, *, seed: int = 0, draw: bool = False) -> Tensor:
    """`count` new rows: z from the prior, then E[x | z], or with `draw` a draw from p(x | z)."""
    if count < 1:
        raise VaemathError(f"count: got {count}; expected a whole number >= 1")
    generator = torch.Generator(model.device).manual_seed(seed)
    z = torch.empty(count, model.options.latent, dtype=model.dtype, device=model.device)
    output = model.decode(z.normal_(generator=generator))
    likelihood = model.likelihood
    return likelihood.sample(output, generator) if draw else likelihood.mean(output)


@torch.no_grad()
def reconstruct(model: VAE, rows: Tensor) -> Tensor:
    """E[x | z] at the posterior mean of each row: (n, D) -> (n, D)."""
    loc, _ = model.encode(_checked(model, rows, "rows"))
    return model.likelihood.mean(model.decode(loc))


@torch.no_grad()
def interpolate(model: VAE, first: Tensor, last: Tensor, *, steps: int = 9) -> Tensor:
    """E[x | z] along the straight line between two posterior means: (n, D) twice -> (n, steps, D).

    The ends are the reconstructions; the middle is z = (z_1 + z_2) / 2 of document 004.
    """
    if steps < 2:
        raise VaemathError(f"steps: got {steps}; expected a whole number >= 2")
    start, _ = model.encode(_checked(model, first, "first"))
    end, _ = model.encode(_checked(model, last, "last"))
    weight = torch.linspace(0, 1, steps, dtype=model.dtype, device=model.device)[:, None]
    return model.likelihood.mean(model.decode(torch.lerp(start[:, None], end[:, None], weight)))


def _checked(model: VAE, rows: Tensor, name: str) -> Tensor:
    if rows.ndim != 2 or rows.shape[1] != model.data_dim:
        raise VaemathError(f"{name}: got shape {tuple(rows.shape)}; expected (n, {model.data_dim})")
    return rows
