"""The importance-weighted bound: log (1/K) sum_k p(x, z_k) / q(z_k | x), streamed over K."""

import math

import torch
from torch import Tensor

from vaemath.errors import VaemathError
from vaemath.native.torch import loss_gaussian
from vaemath.vae.model import VAE, reparameterise


@torch.no_grad()
def importance_bound(
    model: VAE,
    rows: Tensor,
    *,
    samples: int,
    seed: int = 0,
    batch_size: int = 100,
    chunk: int = 10,
) -> Tensor:
    """The bound with `samples` = K draws for every row, in nats: (n, D) -> (n,), float64.

    K = 1 estimates the ELBO; the bound rises with K to log p(x) (Burda, Grosse and Salakhutdinov, 2015).
    A running log-sum-exp keeps memory at `chunk * batch_size` decoded rows, whatever K is.
    """
    if samples < 1 or chunk < 1:
        raise VaemathError(f"samples: got {samples} in chunks of {chunk}; expected both >= 1")
    generator = torch.Generator(rows.device).manual_seed(seed)
    bounds = []
    for x in torch.split(rows, batch_size):
        loc, logvar = model.encode(x)
        total = torch.full((len(x),), -math.inf, dtype=torch.float64, device=x.device)
        for first in range(0, samples, chunk):
            count = min(chunk, samples - first)
            noise = x.new_empty(count, *loc.shape).normal_(generator=generator)
            weights = log_weights(model, x, loc, logvar, noise)
            total = torch.logaddexp(total, torch.logsumexp(weights.double(), dim=0))
        bounds.append(total - math.log(samples))
    return torch.cat(bounds)


def log_weights(model: VAE, x: Tensor, loc: Tensor, logvar: Tensor, noise: Tensor) -> Tensor:
    """log p(x, z) - log q(z | x) at z = loc + sigma * noise: noise (K, m, d) -> (K, m).

    With the posterior put at the prior the kernel's KL is zero, so it gives -log p(x | z) alone; and
    log q(z | x) = log N(noise; 0, I) - 1/2 sum(logvar), by the change of variables z(noise).
    """
    z = reparameterise(loc, logvar, noise)
    prior = torch.zeros_like(loc)
    log_likelihood = -model.likelihood.negative_elbo(x, model.decode(z), prior, prior)
    return log_likelihood + log_standard(z) - log_standard(noise) + 0.5 * logvar.sum(dim=-1)


def log_standard(z: Tensor) -> Tensor:
    """log N(z; 0, I) in nats, from the Gaussian loss with its KL at zero: (..., d) -> (...)."""
    zero = torch.zeros_like(z)
    return -loss_gaussian(z, zero, zero, zero)
