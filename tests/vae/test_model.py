"""The network and the objective, piece by piece."""

import pytest
import torch
from torch.distributions import Independent, Normal

from vaemath.vae.data import load
from vaemath.vae.likelihood import Bernoulli, Gaussian
from vaemath.vae.model import make_model, reparameterise
from vaemath.vae.objective import Objective
from vaemath.vae.options import ModelOptions, TrainOptions
from vaemath.vae.training import train


def fresh(seed=0, **options):
    average = load("digits").train.mean(0)
    return make_model(
        ModelOptions(hidden=(16,), latent=3, **options),
        average=average,
        seed=seed,
        dtype=torch.float64,
        device="cpu",
    )


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_weights_come_from_the_seed_alone():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = fresh(seed=4)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    for left, right in zip(first.parameters(), fresh(seed=4).parameters(), strict=True):
        assert torch.equal(left, right)
    assert not torch.equal(first.encoder[0].weight, fresh(seed=5).encoder[0].weight)


def test_shapes():
    model = fresh()
    loc, logvar = model.encode(normal(5, 7, 64))
    assert loc.shape == logvar.shape == (5, 7, 3)
    assert model.decode(normal(2, 5, 7, 3)).shape == (2, 5, 7, 64)
    assert reparameterise(loc, logvar, normal(4, 5, 7, 3)).shape == (4, 5, 7, 3)


@pytest.mark.parametrize("hidden", [(), (9,), (20, 10)])
def test_the_decoder_mirrors_the_encoder(hidden):
    model = make_model(
        ModelOptions(hidden=hidden, latent=3),
        average=torch.full((64,), 0.5),
        seed=0,
        dtype=torch.float32,
        device="cpu",
    )
    sizes = [layer.out_features for layer in model.decoder if hasattr(layer, "out_features")]
    assert sizes == [*reversed(hidden), 64]
    assert isinstance(model.decoder[-1], torch.nn.Linear)


def test_it_starts_at_the_average():
    average = load("digits").train.mean(0).double()
    bias = fresh().decoder[-1].bias
    middling = (average > 0.05) & (average < 0.95)
    torch.testing.assert_close(torch.sigmoid(bias)[middling], average[middling])
    assert bias.abs().max() <= 4
    gaussian = fresh(decoder="gaussian").decoder[-1].bias
    torch.testing.assert_close(gaussian.detach(), average)


def test_reparameterised_draws_have_the_posterior_s_moments():
    loc, logvar = normal(3, seed=1), normal(3, seed=2)
    z = reparameterise(loc, logvar, normal(200_000, 3))
    scale = torch.exp(0.5 * logvar)
    # Six standard errors of a mean and of a standard deviation: false alarms below 1e-7.
    assert ((z.mean(0) - loc).abs() < 6 * scale / 200_000**0.5).all()
    assert ((z.std(0) - scale).abs() < 6 * scale / 400_000**0.5).all()


@pytest.mark.parametrize(("fidelity", "beta"), [(1.0, 1.0), (1.0, 4.0), (0.3, 1.0), (0.0, 1.0), (1.0, 0.0)])
@pytest.mark.parametrize("samples", [1, 3])
def test_the_objective_is_the_weighted_sum_and_so_is_its_gradient(fidelity, beta, samples):
    model = fresh(decoder="gaussian", scale=0.5)
    x, noise = load("digits").test[:9].double(), normal(samples, 9, 3)
    terms = Objective(model, fidelity=fidelity, beta=beta)(x, noise)
    expected = fidelity * terms.reconstruction + beta * terms.kl
    torch.testing.assert_close(terms.objective, expected)
    loc, logvar = model.encode(x)
    output = model.decode(loc + torch.exp(0.5 * logvar) * noise)
    reconstruction = -Independent(Normal(output, 0.5), 1).log_prob(x).mean(0)
    kl = 0.5 * (logvar.exp() + loc**2 - 1 - logvar).sum(-1)
    torch.testing.assert_close(terms.reconstruction, reconstruction.detach())
    torch.testing.assert_close(terms.kl, kl.detach())
    weights = list(model.parameters())[:-1]
    ours = torch.autograd.grad(terms.objective.sum(), weights, allow_unused=True)
    theirs = torch.autograd.grad((fidelity * reconstruction + beta * kl).sum(), weights, allow_unused=True)
    for left, right in zip(ours, theirs, strict=True):
        if right is not None:
            torch.testing.assert_close(left, right, rtol=1e-9, atol=1e-9)


def test_draws_from_the_decoders():
    generator = torch.Generator().manual_seed(0)
    pixels = Bernoulli().sample(torch.full((100_000,), 1.0), generator)
    assert abs(float(pixels.mean()) - 0.7311) < 6 * (0.7311 * 0.2689 / 100_000) ** 0.5
    values = Gaussian(scale=0.25, learn=False).sample(torch.full((100_000,), 2.0), generator)
    assert abs(float(values.mean()) - 2) < 6 * 0.25 / 100_000**0.5
    assert abs(float(values.std()) - 0.25) < 6 * 0.25 / 200_000**0.5


def test_a_learned_scale_learns():
    data = load("digits")
    model = ModelOptions(hidden=(32,), latent=4, decoder="gaussian", scale=1.0, learn_scale=True)
    options = TrainOptions(epochs=30, learning_rate=1e-2, evaluate_every=30)
    trained = train(data, model=model, options=options).model
    rows = data.test
    with torch.no_grad():
        loc, logvar = trained.encode(rows)
        z = reparameterise(loc, logvar, normal(20, *loc.shape).float())
        residual = (trained.decode(z) - rows).square().mean().sqrt()
    assert float(residual) < 0.27
    assert trained.likelihood.scale.item() == pytest.approx(float(residual), rel=0.1)
