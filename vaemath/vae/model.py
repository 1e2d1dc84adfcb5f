"""The network: an encoder to N(loc, exp(logvar)) and a decoder, both multilayer perceptrons."""

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from vaemath.vae.likelihood import make_likelihood
from vaemath.vae.options import ModelOptions


def perceptron(sizes: Sequence[int], activation: str) -> nn.Sequential:
    """Linear layers of the given sizes, the activation between them and none after the last."""
    layers: list[nn.Module] = []
    for index, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
        if index > 0:
            layers.append(nn.Tanh() if activation == "tanh" else nn.ReLU())
        layers.append(nn.Linear(inputs, outputs))
    return nn.Sequential(*layers)


class VAE(nn.Module):
    """p(z) = N(0, I), p(x | z) by the decoder, q(z | x) = N(loc(x), diag exp(logvar(x)))."""

    def __init__(self, *, data_dim: int, options: ModelOptions) -> None:
        super().__init__()
        self.data_dim = data_dim
        self.options = options
        hidden = list(options.hidden)
        self.encoder = perceptron([data_dim, *hidden, 2 * options.latent], options.activation)
        self.decoder = perceptron([options.latent, *hidden[::-1], data_dim], options.activation)
        self.likelihood = make_likelihood(options)

    @property
    def dtype(self) -> torch.dtype:
        """The parameters' dtype."""
        return next(self.parameters()).dtype

    @property
    def device(self) -> torch.device:
        """Where the parameters live."""
        return next(self.parameters()).device

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """loc and logvar of q(z | x): (..., D) -> twice (..., d)."""
        loc, logvar = self.encoder(x).to(self.dtype).chunk(2, dim=-1)
        return loc, logvar

    def decode(self, z: Tensor) -> Tensor:
        """The decoder network's output, of which `likelihood` makes p(x | z): (..., d) -> (..., D)."""
        output: Tensor = self.decoder(z)
        return output.to(self.dtype)


def reparameterise(loc: Tensor, logvar: Tensor, noise: Tensor) -> Tensor:
    """z = loc + sigma * noise (theorem reparameterization); noise leads with its sample axis."""
    return torch.addcmul(loc, torch.exp(0.5 * logvar), noise)


def make_model(
    options: ModelOptions,
    *,
    average: Tensor,
    seed: int,
    dtype: torch.dtype,
    device: str | torch.device,
) -> VAE:
    """A fresh network: weights drawn from `seed` alone, output bias at the data's average."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = VAE(data_dim=average.shape[-1], options=options)
    model = model.to(dtype=dtype)
    last = model.decoder[-1]
    assert isinstance(last, nn.Linear)
    with torch.no_grad():
        last.bias.copy_(model.likelihood.start(average.to("cpu", dtype)))
    return model.to(device)
