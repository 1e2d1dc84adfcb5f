"""The generated loss trains the network that torch.distributions' loss trains, step for step."""

import pytest
import torch
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from vaemath.vae.data import load
from vaemath.vae.model import make_model
from vaemath.vae.objective import Objective
from vaemath.vae.options import ModelOptions

STEPS = 60


def reference_loss(model, x, noise):
    """The negative ELBO as one writes it with torch.distributions."""
    loc, logvar = model.encode(x)
    posterior = Independent(Normal(loc, torch.exp(0.5 * logvar)), 1)
    prior = Independent(Normal(torch.zeros_like(loc), torch.ones_like(loc)), 1)
    output = model.decode(loc + torch.exp(0.5 * logvar) * noise)
    if model.options.decoder == "bernoulli":
        decoder = Independent(Bernoulli(logits=output, validate_args=False), 1)
    else:
        decoder = Independent(Normal(output, model.likelihood.scale), 1)
    return -decoder.log_prob(x).mean(0) + kl_divergence(posterior, prior)


def losses_and_weights(loss, data, options, dtype, samples):
    model = make_model(options, average=data.train.mean(0), seed=3, dtype=dtype, device="cpu")
    ours = Objective(model)
    optimiser = torch.optim.Adam(model.parameters(), lr=5e-3)
    generator = torch.Generator().manual_seed(4)
    losses = []
    for _ in range(STEPS):
        rows = torch.randint(len(data.train), (64,), generator=generator)
        x = data.present(data.train[rows], generator).to(dtype)
        noise = torch.randn(samples, 64, options.latent, generator=generator, dtype=dtype)
        value = (ours(x, noise).objective if loss == "ours" else reference_loss(model, x, noise)).mean()
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        losses.append(value.item())
    return torch.tensor(losses, dtype=torch.float64), torch.nn.utils.parameters_to_vector(
        model.parameters()
    ).detach().double()


@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize(
    ("options", "binarisation"),
    [
        (ModelOptions(hidden=(32,)), "dynamic"),
        (ModelOptions(hidden=(32,), decoder="gaussian", scale=0.3), "none"),
        (ModelOptions(hidden=(32,), decoder="gaussian", scale=0.3, learn_scale=True), "none"),
    ],
    ids=["bernoulli", "gaussian", "gaussian-learned-scale"],
)
@pytest.mark.parametrize(
    ("dtype", "per_step", "at_end"),
    [(torch.float64, 1e-12, 1e-9), (torch.float32, 2e-6, 2e-3)],
    ids=["float64", "float32"],
)
def test_same_losses_and_same_weights(options, binarisation, samples, dtype, per_step, at_end):
    data = load("digits", binarisation=binarisation)
    ours, our_weights = losses_and_weights("ours", data, options, dtype, samples)
    theirs, their_weights = losses_and_weights("theirs", data, options, dtype, samples)
    assert ours[:5].mean() > ours[-5:].mean() + 0.5
    relative = (ours - theirs).abs() / theirs.abs().clamp_min(1)
    assert relative[0] <= per_step
    assert relative.max() <= 100 * per_step
    assert (our_weights - their_weights).abs().max() <= at_end


def test_a_wrong_factor_would_be_seen():
    data = load("digits", binarisation="dynamic")
    model = make_model(
        ModelOptions(hidden=(32,)),
        average=data.train.mean(0),
        seed=3,
        dtype=torch.float64,
        device="cpu",
    )
    x = data.test[:64].double()
    noise = torch.randn(1, 64, 8, generator=torch.Generator().manual_seed(5), dtype=x.dtype)
    terms = Objective(model)(x, noise)
    halved = terms.reconstruction + 0.5 * terms.kl
    reference = reference_loss(model, x, noise)
    torch.testing.assert_close(terms.objective, reference, rtol=1e-12, atol=0)
    assert (halved - reference).abs().min() > 1e-6
