"""Evaluation: the test ELBO with its standard error, and what it is made of."""

from dataclasses import dataclass

import torch
from torch import Tensor

from vaemath.errors import VaemathError
from vaemath.native.torch import kl_normal_standard
from vaemath.vae.model import VAE, reparameterise

_ACTIVE_VARIANCE = 0.01


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Means over the rows, in nats per row; `reconstruction` is the cost E_q[-log p(x | z)].

    `elbo_error` is the standard error of the ELBO over the rows. `active` counts the latent dimensions
    whose posterior mean varies over the rows with a variance above 0.01 (Burda et al., 2015).
    """

    rows: int
    samples: int
    elbo: float
    elbo_error: float
    reconstruction: float
    kl: float
    kl_by_dimension: tuple[float, ...]
    active: int


@torch.no_grad()
def evaluate(
    model: VAE, rows: Tensor, *, samples: int = 1, seed: int = 0, batch_size: int = 500
) -> Evaluation:
    """Evaluate on rows (n, D) with `samples` draws of the latent for each; depends on `seed` alone."""
    if rows.ndim != 2 or rows.shape[1] != model.data_dim or len(rows) < 2:
        raise VaemathError(f"rows: got shape {tuple(rows.shape)}; expected (n >= 2, {model.data_dim})")
    generator = torch.Generator(rows.device).manual_seed(seed)
    losses, locs = [], []
    by_dimension = torch.zeros(model.options.latent, dtype=torch.float64, device=rows.device)
    for x in torch.split(rows, batch_size):
        loc, logvar = model.encode(x)
        noise = x.new_empty(samples, *loc.shape).normal_(generator=generator)
        loss = torch.zeros(len(x), dtype=torch.float64, device=x.device)
        for draw in noise:
            output = model.decode(reparameterise(loc, logvar, draw))
            loss += model.likelihood.negative_elbo(x, output, loc, logvar) / samples
        losses.append(loss)
        locs.append(loc)
        by_dimension += kl_normal_standard(loc, logvar).double().sum(0)
    loss_by_row = torch.cat(losses)
    by_dimension /= len(rows)
    elbo, kl = -float(loss_by_row.mean()), float(by_dimension.sum())
    variance = torch.cat(locs).double().var(0)
    return Evaluation(
        rows=len(rows),
        samples=samples,
        elbo=elbo,
        elbo_error=float(loss_by_row.std()) / len(rows) ** 0.5,
        reconstruction=-elbo - kl,
        kl=kl,
        kl_by_dimension=tuple(by_dimension.tolist()),
        active=int((variance > _ACTIVE_VARIANCE).sum()),
    )
