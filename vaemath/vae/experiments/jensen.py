"""The gap that Jensen's inequality leaves, and importance weights closing it (document 000, eq. 5-11)."""

import torch
from matplotlib.figure import Figure

from vaemath.vae.data.linear_gaussian import best_linear_gaussian, linear_gaussian
from vaemath.vae.exact import exact_vae
from vaemath.vae.experiments.outcome import Outcome
from vaemath.vae.figures.style import DARK, GREY, LIGHT, MIDDLE, new_figure
from vaemath.vae.importance import importance_bound

_COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


def run(*, seed: int = 0, rows: int = 300, counts: tuple[int, ...] = _COUNTS) -> Outcome:
    """Bounds with K samples from the prior, from a posterior twice too wide, and from the exact one."""
    data = linear_gaussian(rows=rows, seed=seed)
    best = best_linear_gaussian(data.train, latent=2)
    exact = float(best.log_likelihood(data.test).mean())
    proposals = {
        "prior": exact_vae(best, blind=True),
        "wide": exact_vae(best, inflate=4.0),
        "posterior": exact_vae(best),
    }
    bounds = {
        name: [
            float(importance_bound(model, data.test, samples=k, seed=seed, chunk=100).mean()) for k in counts
        ]
        for name, model in proposals.items()
    }
    numbers = {"exact": exact}
    for name, values in bounds.items():
        numbers[f"{name}_gap_first"] = exact - values[0]
        numbers[f"{name}_gap_last"] = exact - values[-1]
    last = counts[-1]
    caption = (
        f"log E_z p(x | z) minus its bounds, mean over {rows} test rows of linear-Gaussian data whose "
        f"exact "
        f"log-likelihood is {exact:.3f} nats. With z from the prior, one sample estimates E log p(x | z), "
        f"{numbers['prior_gap_first']:.2f} nats too low: the gap of Jensen's inequality. A mean of K "
        f"samples "
        f"inside the logarithm closes it, to {numbers['prior_gap_last']:.4f} at K = {last}. Weighted "
        f"samples "
        f"from a posterior with standard deviations twice too large start at "
        f"{numbers['wide_gap_first']:.3f} and end at {numbers['wide_gap_last']:.5f}; from the exact "
        f"posterior every weight is p(x), and the gap is 0 (largest deviation "
        f"{max(abs(exact - v) for v in bounds['posterior']):.0e})."
    )

    def draw() -> Figure:
        return _figure(counts, exact, bounds)

    return Outcome(numbers, caption, draw)


def _figure(counts: tuple[int, ...], exact: float, bounds: dict[str, list[float]]) -> Figure:
    styles = {
        "prior": (MIDDLE, "s", "--", "q = prior"),
        "wide": (LIGHT, "^", "-.", "q = posterior, sd doubled"),
        "posterior": (DARK, "o", "-", "q = exact posterior"),
    }
    with new_figure(height=3.2) as figure:
        left, right = figure.subplots(1, 2)
        left.axhline(exact, color=GREY, linewidth=1, label="exact log p(x)")
        for name, (colour, marker, line, label) in styles.items():
            style = {"color": colour, "marker": marker, "linestyle": line, "markersize": 4}
            left.plot(counts, bounds[name], label=label, **style)
            if name != "posterior":
                gaps = torch.tensor([exact - v for v in bounds[name]]).abs()
                right.plot(counts, gaps, **style)
        left.set(xscale="log", xlabel="samples K", ylabel="bound (nats)")
        right.set(xscale="log", yscale="log", xlabel="samples K", ylabel="|gap| (nats)")
        left.legend(fontsize=9, loc="lower right")
    return figure
