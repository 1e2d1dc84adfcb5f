"""A VAE where everything is known: ELBO against the exact maximum, posterior against the exact one."""

import torch
from matplotlib.figure import Figure
from torch import Tensor

from vaemath.vae.data.linear_gaussian import best_linear_gaussian, linear_gaussian
from vaemath.vae.exact import exact_elbo, learned_model
from vaemath.vae.experiments.outcome import Outcome
from vaemath.vae.figures.style import DARK, GREY, MIDDLE, new_figure
from vaemath.vae.options import ModelOptions, TrainOptions
from vaemath.vae.training import train


def run(*, seed: int = 0, epochs: int = 150) -> Outcome:
    """Train a linear VAE with a learned s on 2000 rows and hold it against the closed form."""
    data = linear_gaussian(seed=seed)
    best = best_linear_gaussian(data.train, latent=2)
    trained = train(
        data,
        model=ModelOptions(latent=2, hidden=(), decoder="gaussian", learn_scale=True),
        options=TrainOptions(
            epochs=epochs,
            samples=8,
            learning_rate=0.02,
            dtype="float64",
            seed=seed,
            evaluate_every=epochs,
        ),
        progress=False,
    )
    model, learned = trained.model, learned_model(trained.model)
    with torch.no_grad():
        loc, logvar = model.encode(data.test)
    exact_loc, covariance = learned.posterior(data.test)
    off = (torch.diag_embed(logvar.exp()) - covariance).flatten(1).norm(dim=1)
    numbers = {
        "elbo_train": float(exact_elbo(model, data.train).mean()),
        "maximum_train": float(best.log_likelihood(data.train).mean()),
        "elbo_test": float(exact_elbo(model, data.test).mean()),
        "maximum_test": float(best.log_likelihood(data.test).mean()),
        "mean_error": float((loc - exact_loc).norm() / exact_loc.norm()),
        "covariance_error": float(off.square().mean().sqrt() / covariance.norm()),
        "scale": learned.scale,
        "scale_best": best.scale,
    }
    caption = (
        f"Linear-Gaussian data (8 dimensions, 2 latent, 2000 training and 2000 test rows) and a linear "
        f"VAE with "
        f"learned s. Left: how far the sampled ELBO of each training epoch is from the greatest "
        f"log-likelihood "
        f"{numbers['maximum_train']:.4f} nats, which is exact; after {epochs} epochs the exact ELBO is "
        f"{numbers['elbo_train']:.4f} (without sampling: log p(x) less the KL from q to the exact "
        f"posterior), on test rows {numbers['elbo_test']:.4f} against "
        f"{numbers['maximum_test']:.4f}. Right: posterior means of the test rows against the exact "
        f"ones; relative "
        f"error of the means {100 * numbers['mean_error']:.2f} %, of the covariances "
        f"{100 * numbers['covariance_error']:.2f} %; s = {learned.scale:.4f}, at the optimum "
        f"{best.scale:.4f}."
    )

    def draw() -> Figure:
        gaps = [numbers["maximum_train"] - r["train"]["elbo"] for r in trained.records]
        return _figure(gaps, loc, exact_loc)

    return Outcome(numbers, caption, draw)


def _figure(gaps: list[float], loc: Tensor, exact: Tensor) -> Figure:
    with new_figure(height=3.0) as figure:
        left, right = figure.subplots(1, 2)
        left.plot(range(1, len(gaps) + 1), torch.tensor(gaps).abs(), color=DARK)
        left.axhline(0.01, color=GREY, linestyle="--", linewidth=1)
        left.annotate("0.01 nat", (1, 0.011), color=GREY)
        left.set(yscale="log", xlabel="epoch", ylabel="distance from the maximum (nats)")
        for k, (colour, marker) in enumerate(((DARK, "o"), (MIDDLE, "s"))):
            style = {"color": colour, "marker": marker, "s": 6, "linewidths": 0}
            right.scatter(exact[:400, k], loc[:400, k], label=f"$z_{k + 1}$", **style)
        ends = [float(exact.min()), float(exact.max())]
        right.plot(ends, ends, color=GREY, linewidth=1)
        right.set(xlabel="exact posterior mean", ylabel="encoder's mean")
        right.legend(markerscale=2)
    return figure
