"""The two decoders' likelihoods: every number they give comes from a generated kernel."""

import math
from typing import Protocol

import torch
from torch import Tensor, nn

from vaemath.native.torch import loss_bernoulli, loss_gaussian
from vaemath.vae.options import ModelOptions


class Likelihood(Protocol):
    """p(x | z) as a function of the decoder network's output."""

    def negative_elbo(self, x: Tensor, output: Tensor, loc: Tensor, logvar: Tensor) -> Tensor:
        """-log p(x | z) + KL(N(loc, exp(logvar)) || N(0, I)) in nats: (..., D) -> (...)."""
        ...

    def mean(self, output: Tensor) -> Tensor:
        """E[x | z], the picture that is shown."""
        ...

    def sample(self, output: Tensor, generator: torch.Generator) -> Tensor:
        """One draw from p(x | z)."""
        ...

    def start(self, average: Tensor) -> Tensor:
        """The output for which E[x | z] is the data's average: a good place to start."""
        ...


class Bernoulli(nn.Module):
    """Independent binary pixels; the network gives their logits."""

    def negative_elbo(self, x: Tensor, output: Tensor, loc: Tensor, logvar: Tensor) -> Tensor:
        """See `Likelihood`; theorem loss-bernoulli."""
        return loss_bernoulli(x, output, loc, logvar)

    def mean(self, output: Tensor) -> Tensor:
        """Probability of each pixel."""
        return torch.sigmoid(output)

    def sample(self, output: Tensor, generator: torch.Generator) -> Tensor:
        """Binary pixels."""
        return torch.bernoulli(self.mean(output), generator=generator)

    def start(self, average: Tensor) -> Tensor:
        """Logit of the average, kept within [-4, 4] where a pixel never varies."""
        return torch.logit(average, eps=1e-12).clamp(-4, 4)


class Gaussian(nn.Module):
    """N(output, s^2 I), with s fixed or learned (one s for all pixels)."""

    def __init__(self, *, scale: float, learn: bool) -> None:
        super().__init__()
        self.fixed = scale
        self.log_scale = nn.Parameter(torch.tensor(math.log(scale), dtype=torch.float64), requires_grad=learn)

    @property
    def scale(self) -> Tensor:
        """The decoder's standard deviation s, a scalar."""
        return self.log_scale.exp()

    def negative_elbo(self, x: Tensor, output: Tensor, loc: Tensor, logvar: Tensor) -> Tensor:
        """See `Likelihood`; theorem loss-gaussian.

        The kernel takes s as a number. A learned s is absorbed by a change of units, so that the kernel's
        gradient reaches it: log N(x; m, s^2 I) = log N(0; (m - x)/s, I) - D log s.
        """
        if not self.log_scale.requires_grad:
            return loss_gaussian(x, output, loc, logvar, scale=self.fixed)
        residual = (output - x) / self.scale
        loss = loss_gaussian(torch.zeros_like(x), residual, loc, logvar)
        return loss + x.shape[-1] * self.log_scale

    def mean(self, output: Tensor) -> Tensor:
        """The network's output itself."""
        return output

    def sample(self, output: Tensor, generator: torch.Generator) -> Tensor:
        """The mean plus noise of standard deviation s."""
        noise = torch.empty_like(output).normal_(generator=generator)
        return output + self.scale * noise

    def start(self, average: Tensor) -> Tensor:
        """The average."""
        return average


def make_likelihood(options: ModelOptions) -> Bernoulli | Gaussian:
    """The likelihood that the options name."""
    if options.decoder == "bernoulli":
        return Bernoulli()
    return Gaussian(scale=options.scale, learn=options.learn_scale)
