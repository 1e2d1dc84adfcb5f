"""Linear VAEs whose encoder is known in closed form: what an ELBO or a bound is checked on."""

import torch
from torch import Tensor, nn

from vaemath.kernels.torch import kl_mvn_covariance
from vaemath.vae.data.linear_gaussian import LinearGaussian
from vaemath.vae.likelihood import Gaussian
from vaemath.vae.model import VAE
from vaemath.vae.options import ModelOptions


def exact_vae(truth: LinearGaussian, *, inflate: float = 1.0, blind: bool = False) -> VAE:
    """A linear VAE with the decoder of `truth` and its posterior as encoder, in float64.

    The posterior is exact if W'W is diagonal, as in `best_linear_gaussian`; `inflate` multiplies its
    variances, and `blind` puts the prior in its place, whatever x is.
    """
    dim, latent = truth.weight.shape
    options = ModelOptions(latent=latent, hidden=(), decoder="gaussian", scale=truth.scale)
    model = VAE(data_dim=dim, options=options).double()
    loc, covariance = truth.posterior(torch.eye(dim, dtype=torch.float64) + truth.bias)
    encoder, decoder = model.encoder[0], model.decoder[0]
    assert isinstance(encoder, nn.Linear)
    assert isinstance(decoder, nn.Linear)
    assert isinstance(model.likelihood, Gaussian)
    with torch.no_grad():
        encoder.weight.zero_()
        encoder.bias.zero_()
        if not blind:
            encoder.weight[:latent] = loc.mT
            encoder.bias[:latent] = -loc.mT @ truth.bias
            encoder.bias[latent:] = (inflate * covariance.diagonal()).log()
        decoder.weight.copy_(truth.weight)
        decoder.bias.copy_(truth.bias)
    return model


def learned_model(model: VAE) -> LinearGaussian:
    """The linear-Gaussian model that a trained linear VAE is."""
    decoder = model.decoder[0]
    assert isinstance(decoder, nn.Linear)
    assert isinstance(model.likelihood, Gaussian)
    scale = model.likelihood.scale.item()
    weight, bias = decoder.weight.detach().double(), decoder.bias.detach().double()
    return LinearGaussian(weight=weight, bias=bias, scale=scale)


@torch.no_grad()
def exact_elbo(model: VAE, rows: Tensor) -> Tensor:
    """The ELBO of a linear VAE without sampling, in nats: (n, D) -> (n,).

    log p(x) - KL(q(z | x) || p(z | x)), theorem elbo-decomposition; both normal, so kernel kl_mvn has it.
    """
    learned = learned_model(model)
    loc, logvar = model.encode(rows)
    exact_loc, covariance = learned.posterior(rows)
    gap: Tensor = kl_mvn_covariance(loc, torch.diag_embed(logvar.exp()), exact_loc, covariance)
    return learned.log_likelihood(rows) - gap
