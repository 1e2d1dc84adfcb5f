"""Linear-Gaussian data: exact log-likelihood, posterior and optimum are known.

x = W z + b + s e with z and e standard normal (probabilistic principal components; Tipping and Bishop,
1999). It is the data set against which an ELBO can be checked, not only compared.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from vaemath.vae.data.dataset import Dataset


@dataclass(frozen=True, kw_only=True)
class LinearGaussian:
    """p(z) = N(0, I), p(x | z) = N(W z + b, s^2 I); float64 throughout."""

    weight: Tensor
    bias: Tensor
    scale: float

    @property
    def covariance(self) -> Tensor:
        """Covariance of x: W W' + s^2 I, (D, D)."""
        identity = torch.eye(len(self.bias), dtype=self.bias.dtype)
        return self.weight @ self.weight.mT + self.scale**2 * identity

    def log_likelihood(self, x: Tensor) -> Tensor:
        """Exact log p(x) in nats: (n, D) -> (n,)."""
        factor = torch.linalg.cholesky(self.covariance)
        white = torch.linalg.solve_triangular(factor, (x - self.bias).mT, upper=False)
        logdet = 2 * factor.diagonal().log().sum()
        log_density: Tensor = -0.5 * (white.square().sum(0) + logdet + len(self.bias) * math.log(2 * math.pi))
        return log_density

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Exact p(z | x): means (n, d) and the covariance (d, d) that all x share."""
        identity = torch.eye(self.weight.shape[1], dtype=self.bias.dtype)
        precision = identity + self.weight.mT @ self.weight / self.scale**2
        covariance = torch.linalg.inv(precision)
        loc = (x - self.bias) @ self.weight @ covariance / self.scale**2
        return loc, covariance


def random_linear_gaussian(
    *, dim: int = 8, latent: int = 2, scale: float = 1.0, seed: int = 0
) -> LinearGaussian:
    """A model with random weights, each column shorter than the one before."""
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(dim, latent, generator=generator, dtype=torch.float64)
    weight /= torch.arange(1, latent + 1, dtype=torch.float64)
    bias = torch.randn(dim, generator=generator, dtype=torch.float64)
    return LinearGaussian(weight=weight, bias=bias, scale=scale)


def linear_gaussian(*, truth: LinearGaussian | None = None, rows: int = 2000, seed: int = 0) -> Dataset:
    """`rows` training and `rows` test draws from a linear-Gaussian model (a random one by default)."""
    truth = truth or random_linear_gaussian(seed=seed)
    generator = torch.Generator().manual_seed(seed + 1)
    dim, latent = truth.weight.shape
    z = torch.randn(2 * rows, latent, generator=generator, dtype=torch.float64)
    noise = torch.randn(2 * rows, dim, generator=generator, dtype=torch.float64)
    x = z @ truth.weight.mT + truth.bias + truth.scale * noise
    return Dataset(name="linear-gaussian", train=x[:rows], test=x[rows:], shape=None)


def best_linear_gaussian(x: Tensor, *, latent: int) -> LinearGaussian:
    """The maximum-likelihood model for rows x (n, D), in closed form, columns of W orthogonal.

    Its likelihood is also the greatest ELBO that a VAE with a linear decoder and a diagonal posterior can
    reach, because W'W is diagonal, so the exact posterior is (Tipping and Bishop, 1999, section 3.2).
    """
    x = x.to(torch.float64)
    centred = x - x.mean(0)
    values, vectors = torch.linalg.eigh(centred.mT @ centred / len(x))
    values, vectors = values.flip(0), vectors.flip(1)
    variance = values[latent:].mean()
    weight = vectors[:, :latent] * (values[:latent] - variance).clamp_min(0).sqrt()
    return LinearGaussian(weight=weight, bias=x.mean(0), scale=math.sqrt(float(variance)))
