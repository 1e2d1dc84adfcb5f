"""Small experiments behind the claims about behaviour: each runs in well under a second, with NumPy alone."""

from __future__ import annotations

import math

import numpy as np

Numbers = dict[str, float]


def normal_log_density(x: np.ndarray, loc: np.ndarray | float, scale: np.ndarray | float) -> np.ndarray:
    """log N(x; loc, scale^2), elementwise, in nats."""
    t = (x - loc) / scale
    out: np.ndarray = -0.5 * t * t - np.log(scale) - 0.5 * math.log(2 * math.pi)
    return out


def mixture() -> Numbers:
    """Three separated normals: mean log-likelihood (nats) of one fitted normal, and of one per component."""
    rng = np.random.default_rng(0)
    weights, means, scales = np.array([0.3, 0.4, 0.3]), np.array([-4.0, 0.0, 5.0]), np.array([0.6, 0.8, 0.5])
    part = rng.choice(3, size=4000, p=weights)
    x = rng.normal(means[part], scales[part])
    train, test, held = x[:2000], x[2000:], part[:2000]
    fitted = [(np.mean(held == c), train[held == c].mean(), train[held == c].std()) for c in range(3)]
    parts = [math.log(w) + normal_log_density(test, m, s) for w, m, s in fitted]
    return {
        "one normal": float(normal_log_density(test, train.mean(), train.std()).mean()),
        "latent z": float(np.logaddexp.reduce(parts, axis=0).mean()),
    }


def jensen_gap() -> Numbers:
    """log E p(x|z) - E log p(x|z) in nats at x = 0, for z ~ N(0, 1) and x given z ~ N(z, s^2)."""
    out = {}
    for s in (1.0, 0.1, 0.01):
        log_mean = -0.5 * math.log(2 * math.pi * (1 + s * s))
        mean_log = -0.5 * math.log(2 * math.pi * s * s) - 1 / (2 * s * s)
        out[f"s = {s:g}"] = log_mean - mean_log
    return out


def untouched_rows() -> Numbers:
    """The share of n = 1000 rows that no minibatch touches in n/m uniform draws of m = 50 rows."""
    rng = np.random.default_rng(0)
    n, m, epochs = 1000, 50, 200
    missed = [1 - len(np.unique(rng.integers(n, size=(n // m) * m))) / n for _ in range(epochs)]
    return {"measured": float(np.mean(missed)), "expected": (1 - 1 / n) ** n}


def prior_hole() -> Numbers:
    """A VAE of two points x = -1, 1 with a 1-D code, trained by exact ELBO; how the prior's middle is served.

    The encoder is N(+-a, t^2), the decoder N(tanh(k z), 0.1^2); expectations by Gauss-Hermite quadrature.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()

    def elbo(a: float, t: float, k: float) -> float:
        error = (1 - np.tanh(k * (a + t * nodes))) ** 2
        return float(-(weights @ error) / (2 * 0.1**2) - 0.5 * (t * t + a * a - 1 - 2 * math.log(t)))

    grid = (
        (a, t, k)
        for a in np.linspace(0.5, 2.5, 21)
        for t in np.linspace(0.1, 1.0, 19)
        for k in (1, 2, 4, 8, 16)
    )
    a, t, k = max(grid, key=lambda v: elbo(*v))

    def codes(z: float) -> float:
        return float(np.mean([np.exp(normal_log_density(np.array(z), s * a, t)) for s in (-1, 1)]))

    z = np.linspace(-6, 6, 20001)
    prior = np.exp(normal_log_density(z, 0.0, 1.0))
    nowhere = np.abs(np.tanh(k * z)) < 0.5
    return {
        "q(z) / p(z) at z = 0": float(codes(0.0) / math.exp(-0.5 * math.log(2 * math.pi))),
        "q(z) / p(z) at a code": float(codes(a) / np.exp(normal_log_density(np.array(a), 0.0, 1.0))),
        "prior mass decoded to |x| < 1/2": float((prior * nowhere).sum() * (z[1] - z[0])),
        "a": float(a),
        "t": float(t),
        "k": float(k),
    }


def autoencoder() -> Numbers:
    """The best scale of the code as the weight of the KL falls, for x given z ~ N(z, 1).

    For weight b the ELBO -tau^2/2 - b (tau^2 - log tau^2)/2 is largest at tau^2 = b / (1 + b).
    """
    taus = np.linspace(1e-4, 1.5, 15000)
    out = {}
    for b in (1.0, 0.1, 0.001, 0.0):
        objective = -0.5 * taus**2 - b * 0.5 * (taus**2 - 2 * np.log(taus))
        out[f"weight {b:g}"] = float(taus[objective.argmax()])
    return out


def prior_samples() -> Numbers:
    """New samples in the linear-Gaussian model, from the prior and from the code of one datum.

    z ~ N(0, 1), x given z ~ N(z, 1): p(x) = N(0, 2) and p(z|x = 2) = N(1, 1/2).
    """
    rng = np.random.default_rng(0)
    e, z = rng.standard_normal(200_000), rng.standard_normal(200_000)
    new, near = z + e, 1 + math.sqrt(0.5) * z + e
    return {
        "mean, z from p(z)": float(new.mean()),
        "variance, z from p(z)": float(new.var()),
        "mean, z from q(z|x = 2)": float(near.mean()),
        "variance, z from q(z|x = 2)": float(near.var()),
    }
