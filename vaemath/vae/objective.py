"""The objective that is trained: generated kernels, and nothing else."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from vaemath.native.torch import kl_normal_diag_standard
from vaemath.vae.model import VAE, reparameterise


class Terms(NamedTuple):
    """Per image, in nats: what is minimised, its two parts, and nothing averaged yet."""

    objective: Tensor
    reconstruction: Tensor
    kl: Tensor


class Objective(nn.Module):
    """fidelity * E_q[-log p(x | z)] + beta * KL(q || p(z)) per image (document 000, eq. 26).

    With both weights 1 it is the negative ELBO, one call of `loss_bernoulli` or `loss_gaussian`. The
    expectation is the mean over the leading axis of the noise (V samples). A module, so that
    DistributedDataParallel can wrap it.
    """

    def __init__(
        self, model: VAE, *, fidelity: float = 1.0, beta: float = 1.0, autocast: bool = False
    ) -> None:
        super().__init__()
        self.model = model
        self.fidelity = fidelity
        self.beta = beta
        self.autocast = autocast

    def forward(self, x: Tensor, noise: Tensor) -> Terms:
        """x (m, D) and noise (V, m, d) -> three tensors (m,), detached but for the objective."""
        with torch.autocast(x.device.type, dtype=torch.bfloat16, enabled=self.autocast):
            loc, logvar = self.model.encode(x)
            draws = noise[0] if len(noise) == 1 else noise
            output = self.model.decode(reparameterise(loc, logvar, draws))
        loss = self.model.likelihood.negative_elbo(x, output, loc, logvar)
        if loss.ndim > 1:
            loss = loss.mean(dim=0)
        plain = self.fidelity == 1 and self.beta == 1
        with torch.set_grad_enabled(torch.is_grad_enabled() and not plain):
            kl = kl_normal_diag_standard(loc, logvar)
            reconstruction = loss - kl
        objective = loss if plain else self.fidelity * reconstruction + self.beta * kl
        return Terms(objective, reconstruction.detach(), kl.detach())
