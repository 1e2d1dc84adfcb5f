"""Evaluation, importance-weighted bounds, the aggregated posterior, and what a model generates."""

import math

import pytest
import torch
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from vaemath.errors import VaemathError
from vaemath.vae.aggregate import Mixture, compare_with_prior
from vaemath.vae.data import load
from vaemath.vae.evaluation import evaluate
from vaemath.vae.generate import interpolate, reconstruct, sample
from vaemath.vae.importance import importance_bound, log_weights
from vaemath.vae.model import make_model, reparameterise
from vaemath.vae.options import ModelOptions, TrainOptions
from vaemath.vae.training import train


@pytest.fixture(scope="module")
def small():
    torch.set_num_threads(1)
    data = load("digits", binarisation="dynamic")
    options = TrainOptions(epochs=30, learning_rate=5e-3, dtype="float64", evaluate_every=30)
    model = train(data, model=ModelOptions(hidden=(64,), latent=4), options=options).model
    return model, data.test.double()


def log_joint_minus_posterior(model, x, noise):
    """log p(x, z) - log q(z | x), with torch.distributions."""
    loc, logvar = model.encode(x)
    posterior = Independent(Normal(loc, torch.exp(0.5 * logvar)), 1)
    z = loc + torch.exp(0.5 * logvar) * noise
    prior = Independent(Normal(torch.zeros_like(z), torch.ones_like(z)), 1)
    decoder = Independent(Bernoulli(logits=model.decode(z)), 1)
    return decoder.log_prob(x) + prior.log_prob(z) - posterior.log_prob(z)


def test_importance_weights_are_those_of_torch_distributions(small):
    model, rows = small
    noise = torch.randn(6, 20, 4, generator=torch.Generator().manual_seed(1), dtype=rows.dtype)
    with torch.no_grad():
        ours = log_weights(model, rows[:20], *model.encode(rows[:20]), noise)
        theirs = log_joint_minus_posterior(model, rows[:20], noise)
    torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-10)


def test_the_stream_is_the_mean_of_all_weights(small):
    model, rows = small
    rows = rows[:20]
    bound = importance_bound(model, rows, samples=32, chunk=16, batch_size=20)
    generator = torch.Generator().manual_seed(0)
    noise = torch.cat([torch.empty(16, 20, 4).double().normal_(generator=generator) for _ in range(2)])
    with torch.no_grad():
        weights = log_joint_minus_posterior(model, rows, noise)
    expected = torch.logsumexp(weights, 0) - math.log(32)
    torch.testing.assert_close(bound, expected, rtol=1e-10, atol=1e-10)


def test_bounds_rise_with_the_samples_and_start_at_the_elbo(small):
    model, rows = small
    elbo = evaluate(model, rows, samples=50)
    bounds = [float(importance_bound(model, rows, samples=k).mean()) for k in (1, 10, 100, 1000)]
    # One draw a row: the standard deviation of a weight is about 1.5 nats, over 360 rows 0.08.
    assert abs(bounds[0] - elbo.elbo) < 0.4
    assert bounds[1] > bounds[0]
    assert bounds[3] > bounds[2] > elbo.elbo


def test_evaluation_against_torch_distributions(small):
    model, rows = small
    result = evaluate(model, rows, samples=3, seed=2, batch_size=1000)
    noise = torch.empty(3, len(rows), 4).double().normal_(generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        loc, logvar = model.encode(rows)
        z = reparameterise(loc, logvar, noise)
        reconstruction = -Bernoulli(logits=model.decode(z)).log_prob(rows).sum(-1).mean(0)
        prior = Normal(torch.zeros_like(loc), torch.ones_like(loc))
        kl = kl_divergence(Normal(loc, torch.exp(0.5 * logvar)), prior)
    loss = reconstruction + kl.sum(-1)
    assert result.elbo == pytest.approx(-float(loss.mean()), rel=1e-12)
    assert result.elbo_error == pytest.approx(float(loss.std()) / len(rows) ** 0.5, rel=1e-12)
    assert result.reconstruction == pytest.approx(float(reconstruction.mean()), rel=1e-12)
    assert result.kl == pytest.approx(float(kl.sum(-1).mean()), rel=1e-12)
    assert result.kl_by_dimension == pytest.approx(kl.mean(0).tolist(), rel=1e-12)
    assert result.active == int((loc.var(0) > 0.01).sum())


def test_a_dimension_that_says_nothing_is_not_active():
    options = ModelOptions(hidden=(), latent=3)
    model = make_model(options, average=torch.full((64,), 0.5), seed=0, dtype=torch.float64, device="cpu")
    with torch.no_grad():
        model.encoder[0].weight[1] *= 1e-3
    rows = load("digits").test.double()
    assert evaluate(model, rows).active == 2


def test_mixture_density_against_torch_distributions():
    generator = torch.Generator().manual_seed(3)
    loc, logvar, z = (torch.randn(n, 3, generator=generator, dtype=torch.float64) for n in (40, 40, 500))
    each = Independent(Normal(loc, torch.exp(0.5 * logvar)), 1).log_prob(z[:, None])
    expected = torch.logsumexp(each, 1) - math.log(40)
    torch.testing.assert_close(Mixture(loc, logvar).log_density(z, chunk=64), expected)
    prior = Independent(Normal(torch.zeros(3).double(), torch.ones(3).double()), 1)
    torch.testing.assert_close(Mixture(loc, logvar).log_ratio(z), expected - prior.log_prob(z))


def test_the_mean_kl_splits_into_information_and_divergence(small):
    model, rows = small
    parts = compare_with_prior(model, rows, samples=20_000)
    mean_kl = evaluate(model, rows).kl
    # Sampling noise: standard deviation about 2 nats a draw, over 20 000 draws 0.014, twice.
    assert abs(parts.information + parts.divergence - mean_kl) < 0.1
    assert 0 < parts.information < math.log(len(rows))
    assert 0 <= parts.hole < 1


def test_an_exact_model_has_the_prior_as_aggregated_posterior(exact):
    data, _, model = exact
    parts = compare_with_prior(model, data.train, samples=4000)
    assert abs(parts.divergence) < 0.1
    assert parts.hole < 0.02


def test_generated_rows(small):
    model, rows = small
    made = sample(model, 30, seed=1)
    assert made.shape == (30, 64)
    assert torch.equal(made, sample(model, 30, seed=1))
    assert not torch.equal(made, sample(model, 30, seed=2))
    assert ((made > 0) & (made < 1)).all()
    assert set(sample(model, 30, draw=True).unique().tolist()) == {0.0, 1.0}
    path = interpolate(model, rows[:5], rows[5:10], steps=7)
    assert path.shape == (5, 7, 64)
    torch.testing.assert_close(path[:, 0], reconstruct(model, rows[:5]))
    torch.testing.assert_close(path[:, -1], reconstruct(model, rows[5:10]))
    with torch.no_grad():
        ends = model.encode(rows[:5])[0], model.encode(rows[5:10])[0]
        middle = model.likelihood.mean(model.decode((ends[0] + ends[1]) / 2))
    torch.testing.assert_close(path[:, 3], middle)


def test_wrong_arguments_are_named(small):
    model, rows = small
    for call, named in (
        (lambda: evaluate(model, rows[:, :5]), r"rows: got shape \(360, 5\)"),
        (lambda: reconstruct(model, rows[0]), r"rows: got shape \(64,\)"),
        (lambda: interpolate(model, rows, rows, steps=1), "steps: got 1"),
        (lambda: sample(model, 0), "count: got 0"),
        (lambda: importance_bound(model, rows, samples=0), "samples: got 0"),
    ):
        with pytest.raises(VaemathError, match=named):
            call()


@pytest.mark.parametrize("changes", [{"beta": 4.0}, {"samples": 3}, {"autocast": True}, {"fidelity": 0.0}])
def test_other_objectives_train_too(changes):
    data = load("digits", binarisation="fixed")
    options = TrainOptions(epochs=8, evaluate_every=8, learning_rate=5e-3, **changes)
    records = train(data, model=ModelOptions(hidden=(32,), latent=3), options=options).records
    first, last = records[0]["train"], records[-1]["train"]
    weights = (changes.get("fidelity", 1.0), changes.get("beta", 1.0))
    before, after = (weights[0] * r["reconstruction"] + weights[1] * r["kl"] for r in (first, last))
    assert after < before
    assert records[-1]["test"]["elbo"] < 0
