"""Shared by the tests of the VAE: one thread, small data, a model whose posterior is exact."""

import pytest
import torch

from vaemath.vae.data.linear_gaussian import best_linear_gaussian, linear_gaussian
from vaemath.vae.exact import exact_vae


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def exact():
    """Linear-Gaussian rows, their best model, and the VAE that is that model."""
    data = linear_gaussian(rows=400)
    best = best_linear_gaussian(data.train, latent=2)
    return data, best, exact_vae(best)
