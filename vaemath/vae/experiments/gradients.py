"""Two unbiased gradients of E_q f(z): pathwise and score-function, and their variances (document 002)."""

import torch
from matplotlib.figure import Figure
from torch import Tensor

from vaemath.vae.experiments.common import fit, grey_digits
from vaemath.vae.experiments.outcome import Numbers, Outcome
from vaemath.vae.figures.style import DARK, GREY, LIGHT, MIDDLE, new_figure
from vaemath.vae.model import VAE, reparameterise

_STYLES = {
    "pathwise": (DARK, "o", "-", "reparameterisation"),
    "score": (MIDDLE, "s", "--", "score function"),
    "baseline": (LIGHT, "^", "-.", "score function, with baseline"),
}
_THETAS = (0.0, 0.5, 1.0, 2.0, 4.0)
_COUNTS = (1, 2, 5, 10, 20, 50, 100)


def run(*, seed: int = 0, epochs: int = 60, draws: int = 40_000, images: int = 20) -> Outcome:
    """Measure both on E[x^2] with x ~ N(theta, 1), where all is known, and on a VAE's encoder."""
    toy = {theta: _toy(theta, draws=draws, seed=seed) for theta in _THETAS}
    data = grey_digits()
    model = fit(data, latent=8, epochs=epochs, seed=seed)
    gradients = encoder_gradients(model, data.test[:images], draws=1000, seed=seed)
    single = {name: g.var(0).sum(-1).mean().item() for name, g in gradients.items()}
    apart = (gradients["pathwise"].mean(0) - gradients["score"].mean(0)).flatten()
    errors = (gradients["pathwise"].var(0) + gradients["score"].var(0)).flatten() / 1000
    numbers: Numbers = {
        "toy_pathwise_at_1": toy[1.0]["pathwise"],
        "toy_score_at_1": toy[1.0]["score"],
        "vae_pathwise": single["pathwise"],
        "vae_score": single["score"],
        "vae_baseline": single["baseline"],
        "vae_ratio": single["score"] / single["pathwise"],
        "vae_means_apart": float((apart.square() / errors).mean()),
    }
    caption = (
        f"Left: variance of one-sample gradients of E[x^2], x ~ N(theta, 1), by theta (points: {draws} "
        f"samples; "
        f"lines: exact, 4 and theta^4 + 14 theta^2 + 15); at theta = 1 it is "
        f"{numbers['toy_pathwise_at_1']:.2f} by reparameterisation and {numbers['toy_score_at_1']:.2f} "
        f"by the "
        f"score function. Right: the gradient of the reconstruction by the posterior mean in a VAE "
        f"({data.title}), "
        f"variance summed over 8 dimensions and averaged over {images} images, against V samples: with "
        f"V = 1 "
        f"{single['pathwise']:.1f}, {single['score']:.0f} by the score function and "
        f"{single['baseline']:.0f} with "
        f"a baseline: the score function needs {numbers['vae_ratio']:.0f} times the samples. Both "
        f"estimate one "
        f"gradient: their means differ by {numbers['vae_means_apart']:.2f} squared standard errors (1 "
        f"expected)."
    )

    def draw() -> Figure:
        return _figure(toy, gradients)

    return Outcome(numbers, caption, draw)


def _toy(theta: float, *, draws: int, seed: int) -> dict[str, float]:
    noise = torch.randn(draws, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    x = theta + noise
    return {"pathwise": float((2 * x).var()), "score": float((x.square() * noise).var())}


def encoder_gradients(model: VAE, x: Tensor, *, draws: int, seed: int) -> dict[str, Tensor]:
    """Single-sample gradients of E_q[-log p(x | z)] by loc: each (draws, m, d), in float64.

    The baseline is the mean of f over the other draws, which leaves the estimate unbiased.
    """
    with torch.no_grad():
        loc, logvar = model.encode(x)
    shape = (draws, *loc.shape)
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
    centre = loc.expand(shape).clone().requires_grad_()
    z = reparameterise(centre, logvar, noise)
    prior = torch.zeros_like(loc)
    f = model.likelihood.negative_elbo(x, model.decode(z), prior, prior)
    (pathwise,) = torch.autograd.grad(f.sum(), centre)
    score = (noise * torch.exp(-0.5 * logvar)).double()
    value = f.detach().double()
    others = (value.sum(0) - value) / (draws - 1)
    return {
        "pathwise": pathwise.double(),
        "score": value[..., None] * score,
        "baseline": (value - others)[..., None] * score,
    }


def _means(draws: Tensor, count: int) -> Tensor:
    """Means of `count` draws each: (n, m, d) -> (n // count, m, d)."""
    kept = draws[: len(draws) // count * count]
    return kept.reshape(-1, count, *draws.shape[1:]).mean(1)


def _figure(toy: dict[float, dict[str, float]], gradients: dict[str, Tensor]) -> Figure:
    theta = torch.linspace(0, 4, 100)
    exact = {"pathwise": torch.full_like(theta, 4.0), "score": theta**4 + 14 * theta**2 + 15}
    with new_figure(height=3.2) as figure:
        left, right = figure.subplots(1, 2)
        for name, line in exact.items():
            colour, marker, _, label = _STYLES[name]
            left.plot(theta, line, color=GREY, linewidth=1)
            points = [toy[t][name] for t in toy]
            left.plot(list(toy), points, color=colour, marker=marker, linestyle="", label=label)
        for name, gradient in gradients.items():
            colour, marker, style, label = _STYLES[name]
            values = [_means(gradient, v).var(0).sum(-1).mean() for v in _COUNTS]
            right.plot(_COUNTS, values, color=colour, marker=marker, ls=style, ms=4, label=label)
        left.set(yscale="log", xlabel="theta", ylabel="variance of one sample's gradient")
        right.set(xscale="log", yscale="log", xlabel="samples V")
        right.set_ylabel("variance of the gradient")
        left.legend(fontsize=8, loc="upper left")
        right.set_ylim(top=30 * right.get_ylim()[1])
        right.legend(fontsize=8, loc="upper right")
    return figure
