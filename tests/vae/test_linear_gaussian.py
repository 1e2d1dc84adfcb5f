"""On linear-Gaussian data everything is known: likelihood, posterior, optimum."""

import pytest
import torch
from torch.distributions import MultivariateNormal

from vaemath.vae.data.linear_gaussian import (
    LinearGaussian,
    best_linear_gaussian,
    linear_gaussian,
    random_linear_gaussian,
)
from vaemath.vae.evaluation import evaluate
from vaemath.vae.exact import exact_elbo, learned_model
from vaemath.vae.importance import importance_bound
from vaemath.vae.options import ModelOptions, TrainOptions
from vaemath.vae.training import train


def test_exact_log_likelihood_and_posterior():
    truth = random_linear_gaussian(dim=5, latent=3, scale=0.7, seed=1)
    x = linear_gaussian(truth=truth, rows=50, seed=1).train
    marginal = MultivariateNormal(truth.bias, truth.covariance)
    torch.testing.assert_close(truth.log_likelihood(x), marginal.log_prob(x))
    loc, covariance = truth.posterior(x)
    z = torch.randn(50, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    joint = MultivariateNormal(torch.zeros(3).double(), torch.eye(3).double()).log_prob(
        z
    ) + MultivariateNormal(z @ truth.weight.mT + truth.bias, 0.49 * torch.eye(5).double()).log_prob(x)
    posterior = MultivariateNormal(loc, covariance).log_prob(z)
    torch.testing.assert_close(joint - posterior, truth.log_likelihood(x))


def test_closed_form_optimum_is_a_maximum():
    data = linear_gaussian(rows=500)
    best = best_linear_gaussian(data.train, latent=2)
    top = best.log_likelihood(data.train).mean()
    generator = torch.Generator().manual_seed(0)
    for size in (1e-3, 1e-2, 1e-1):
        for _ in range(10):
            moved = LinearGaussian(
                weight=best.weight
                + size * torch.randn(best.weight.shape, generator=generator, dtype=torch.float64),
                bias=best.bias,
                scale=best.scale * (1 + size * float(torch.rand(1, generator=generator) - 0.5)),
            )
            assert moved.log_likelihood(data.train).mean() < top


def test_exact_posterior_makes_every_bound_tight(exact):
    data, best, model = exact
    likelihood = best.log_likelihood(data.test)
    for samples in (1, 7):
        bound = importance_bound(model, data.test, samples=samples, chunk=3)
        torch.testing.assert_close(bound, likelihood, rtol=1e-9, atol=1e-9)
    elbo = evaluate(model, data.test, samples=2000).elbo
    # The ELBO's noise is that of E_q alone: standard deviation about 1 nat / sqrt(2000 * 400).
    assert abs(elbo - float(likelihood.mean())) < 0.01


@pytest.fixture(scope="module")
def trained():
    torch.set_num_threads(1)
    data = linear_gaussian()
    model = ModelOptions(latent=2, hidden=(), decoder="gaussian", learn_scale=True)
    options = TrainOptions(epochs=150, samples=8, learning_rate=0.02, dtype="float64", evaluate_every=150)
    return data, train(data, model=model, options=options).model


def test_elbo_comes_within_a_hundredth_of_a_nat_of_the_maximum(trained):
    data, model = trained
    best = best_linear_gaussian(data.train, latent=2)
    for rows in (data.train, data.test):
        exact = exact_elbo(model, rows)
        sampled = evaluate(model, rows, samples=100)
        assert abs(float(exact.mean() - best.log_likelihood(rows).mean())) < 0.01
        # The noise of 100 * 2000 draws of E_q is about 0.004: 1.5 nats a draw. Five of these.
        assert abs(float(exact.mean()) - sampled.elbo) < 0.02
    assert float(exact_elbo(model, data.train).mean()) < float(best.log_likelihood(data.train).mean())


def test_posterior_comes_within_one_per_cent(trained):
    data, model = trained
    learned = learned_model(model)
    loc, covariance = learned.posterior(data.test)
    with torch.no_grad():
        q_loc, q_logvar = model.encode(data.test)
    assert (q_loc - loc).norm() < 0.01 * loc.norm()
    q_covariance = torch.diag_embed(q_logvar.exp())
    errors = (q_covariance - covariance).flatten(1).norm(dim=1)
    assert errors.square().mean().sqrt() < 0.01 * covariance.norm()
    _, best = best_linear_gaussian(data.train, latent=2).posterior(data.test)
    ours, theirs = q_logvar.exp().mean(0).sort().values, best.diagonal().sort().values
    torch.testing.assert_close(ours, theirs, rtol=0.01, atol=0)
