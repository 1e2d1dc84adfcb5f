"""The textbook negative ELBO of one sample under a Gaussian or a Bernoulli decoder, at any
precision.

Arguments are sequences of numbers, one sample; results are in nats and keep every constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mpmath import exp, log, mpf, pi

from vaemath.testing.oracles.normal import kl_normal_standard, kl_normal_standard_grad

__all__ = [
    "loss_bernoulli",
    "loss_bernoulli_grad",
    "loss_gaussian",
    "loss_gaussian_grad",
]

Number = Any
Vector = Sequence[Any]


def loss_gaussian(x: Vector, mean: Vector, loc: Vector, logvar: Vector, *, scale: Number = 1) -> Number:
    """-log N(x; mean, scale^2 I) + KL(N(loc, exp(logvar)) || N(0, I))."""
    variance = mpf(scale) ** 2
    recon = sum(((a - b) ** 2 / variance + log(2 * pi * variance)) / 2 for a, b in zip(x, mean, strict=True))
    return recon + _kl(loc, logvar)


def loss_gaussian_grad(
    x: Vector, mean: Vector, loc: Vector, logvar: Vector, *, scale: Number = 1
) -> tuple[list[Number], ...]:
    """The gradients of `loss_gaussian` by x, mean, loc and logvar."""
    variance = mpf(scale) ** 2
    by_x = [(a - b) / variance for a, b in zip(x, mean, strict=True)]
    return by_x, [-g for g in by_x], *_kl_grad(loc, logvar)


def loss_bernoulli(x: Vector, logits: Vector, loc: Vector, logvar: Vector) -> Number:
    """-sum(x log r + (1 - x) log(1 - r)) + KL(N(loc, exp(logvar)) || N(0, I)), with r = 1 / (1 +
    exp(-logits)).
    """
    recon = sum((1 - a) * log(1 + exp(u)) + a * log(1 + exp(-u)) for a, u in zip(x, logits, strict=True))
    return recon + _kl(loc, logvar)


def loss_bernoulli_grad(x: Vector, logits: Vector, loc: Vector, logvar: Vector) -> tuple[list[Number], ...]:
    """The gradients of `loss_bernoulli` by x, logits, loc and logvar."""
    by_x = [-u for u in logits]
    by_logits = [1 / (1 + exp(-u)) - a for a, u in zip(x, logits, strict=True)]
    return by_x, by_logits, *_kl_grad(loc, logvar)


def _kl(loc: Vector, logvar: Vector) -> Number:
    return sum((kl_normal_standard(m, v) for m, v in zip(loc, logvar, strict=True)), mpf(0))


def _kl_grad(loc: Vector, logvar: Vector) -> tuple[list[Number], list[Number]]:
    pairs = [kl_normal_standard_grad(m, v) for m, v in zip(loc, logvar, strict=True)]
    return [p[0] for p in pairs], [p[1] for p in pairs]
