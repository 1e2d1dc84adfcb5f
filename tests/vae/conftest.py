"""Shared by the tests of the VAE: one thread, small data, a model whose posterior is exact."""

import pytest
import torch
from torch import nn

from vaemath.vae.data.linear_gaussian import LinearGaussian, best_linear_gaussian, linear_gaussian
from vaemath.vae.model import VAE
from vaemath.vae.options import ModelOptions


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def exact_vae(truth: LinearGaussian) -> VAE:
    """A linear VAE whose encoder is the exact posterior of `truth` (which must be diagonal)."""
    dim, latent = truth.weight.shape
    options = ModelOptions(latent=latent, hidden=(), decoder="gaussian", scale=truth.scale)
    model = VAE(data_dim=dim, options=options).double()
    loc, covariance = truth.posterior(torch.eye(dim, dtype=torch.float64) + truth.bias)
    encoder, decoder = model.encoder[0], model.decoder[0]
    assert isinstance(encoder, nn.Linear) and isinstance(decoder, nn.Linear)
    with torch.no_grad():
        encoder.weight[:latent] = loc.mT
        encoder.weight[latent:] = 0
        encoder.bias[:latent] = -loc.mT @ truth.bias
        encoder.bias[latent:] = covariance.diagonal().log()
        decoder.weight.copy_(truth.weight)
        decoder.bias.copy_(truth.bias)
        model.likelihood.log_scale.fill_(torch.tensor(truth.scale).double().log())
    return model


@pytest.fixture
def exact():
    """Linear-Gaussian rows, their best model, and the VAE that is that model."""
    data = linear_gaussian(rows=400)
    best = best_linear_gaussian(data.train, latent=2)
    return data, best, exact_vae(best)
