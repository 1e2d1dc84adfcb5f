"""The aggregated posterior q(z) = 1/n sum_i q(z | x_i), held against the prior."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from vaemath.vae.importance import log_standard
from vaemath.vae.model import VAE, reparameterise


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """Estimates in nats.

    `divergence` is KL(q(z) || p(z)) and `information` is I(x; z) under q, at most log n; their sum is
    the mean KL of the ELBO (Hoffman and Johnson, 2016). `hole` is the share of the prior's samples
    at which the density q(z) is less than a tenth of the prior's.
    """

    divergence: float
    information: float
    hole: float


@dataclass(frozen=True)
class Mixture:
    """The aggregated posterior of n rows, a mixture of n normals: loc and logvar (n, d)."""

    loc: Tensor
    logvar: Tensor

    def log_density(self, z: Tensor, *, chunk: int = 256) -> Tensor:
        """log q(z) in nats: (k, d) -> (k,), float64, `chunk * n * d` numbers at a time."""
        loc, logvar = self.loc.double(), self.logvar.double()
        parts = []
        for some in torch.split(z.double(), chunk):
            white = (some[:, None] - loc) * torch.exp(-0.5 * logvar)
            each = log_standard(white) - 0.5 * logvar.sum(-1)
            parts.append(torch.logsumexp(each, dim=1) - math.log(len(loc)))
        return torch.cat(parts)

    def log_ratio(self, z: Tensor) -> Tensor:
        """log q(z) - log p(z): very negative where the prior reaches and no posterior does."""
        return self.log_density(z) - log_standard(z.double())


@torch.no_grad()
def aggregated_posterior(model: VAE, rows: Tensor) -> Mixture:
    """The mixture of the posteriors of rows (n, D)."""
    return Mixture(*model.encode(rows))


@torch.no_grad()
def compare_with_prior(model: VAE, rows: Tensor, *, samples: int = 2000, seed: int = 0) -> Aggregate:
    """Estimate from `samples` draws of q(z) and as many of p(z); depends on `seed` alone."""
    mixture = aggregated_posterior(model, rows)
    generator = torch.Generator(rows.device).manual_seed(seed)
    chosen = torch.randint(len(rows), (samples,), generator=generator, device=rows.device)
    noise = mixture.loc.new_empty(samples, model.options.latent).normal_(generator=generator)
    loc, logvar = mixture.loc[chosen], mixture.logvar[chosen]
    z = reparameterise(loc, logvar, noise)
    own = log_standard(noise.double()) - 0.5 * logvar.double().sum(-1)
    information = own - mixture.log_density(z)
    prior = torch.empty_like(noise).normal_(generator=generator)
    return Aggregate(
        divergence=float(mixture.log_ratio(z).mean()),
        information=float(information.mean()),
        hole=float((mixture.log_ratio(prior) < -math.log(10)).double().mean()),
    )
