"""Broken kernels are caught by the battery, each by the checks that should see it; right ones pass."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from vaemath.testing import Falsified
from vaemath.testing.battery import battery
from vaemath.testing.subject import Library

Kernel = Callable[..., object]


def standard(mu, v):
    return 0.5 * (mu**2 + np.exp(v) - v - 1)


def pair(m1, s1, m2, s2):
    return np.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - 0.5


def cholesky(m1, l1, m2, l2):
    ratio = np.linalg.solve(l2, l1)
    shift = np.linalg.solve(l2, (m1 - m2)[..., None])[..., 0]
    logs = [np.log(np.diagonal(m, axis1=-2, axis2=-1)).sum(-1) for m in (l1, l2)]
    return ((ratio**2).sum((-1, -2)) + (shift**2).sum(-1) - m1.shape[-1]) / 2 + logs[1] - logs[0]


def tensors(loc, v):
    return 0.5 * (loc**2 + v.exp() - v - 1)


class WrongSlope(torch.autograd.Function):
    """The right value; the gradient by the log-variance lacks the -1."""

    @staticmethod
    def forward(ctx, loc, v):
        ctx.save_for_backward(loc, v)
        return tensors(loc, v)

    @staticmethod
    def backward(ctx, g):
        loc, v = ctx.saved_tensors
        return g * loc, g * v.exp() / 2


RIGHT: list[tuple[Kernel, str, str | None, Library]] = [
    (standard, "kl-normal-standard", None, "numpy"),
    (pair, "kl-normal", None, "numpy"),
    (lambda *a: pair(*a).sum(-1), "kl-normal-diag", None, "numpy"),
    (cholesky, "kl-mvn", None, "numpy"),
    (tensors, "kl-normal-standard", None, "torch"),
]

MEAN = "KL(p, q) is the mean of log p(z)/q(z)"
SAME = "KL(p, p) = 0"
#: mistake -> the kernel, the check that sees it, the statement that is reported as false
STANDARD: dict[str, tuple[Kernel, str, str]] = {
    "sign": (lambda mu, v: -standard(mu, v), "nonnegative", "KL(p, q) >= 0"),
    "sign of a term": (lambda mu, v: 0.5 * (mu**2 + np.exp(v) + v - 1), "nonnegative", "KL(p, q) >= 0"),
    "factor": (lambda mu, v: 2 * standard(mu, v), "monte-carlo", MEAN),
    "factor of a term": (
        lambda mu, v: 0.5 * (mu**2 + np.exp(v) - v / 2 - 1),
        "nonnegative",
        "KL(p, q) >= 0",
    ),
    "constant": (lambda mu, v: standard(mu, v) + 0.5, "zero", "KL(N(0, 1), N(0, 1)) = 0"),
    "term missing": (
        lambda mu, v: 0.5 * (np.exp(v) - v - 1),
        "oracle",
        "it equals kl-normal-standard at high precision",
    ),
    "wrong direction": (lambda mu, v: 0.5 * ((mu**2 + 1) * np.exp(-v) + v - 1), "monte-carlo", MEAN),
    "parameter misread": (
        lambda mu, v: standard(mu, 2 * v),
        "oracle",
        "it equals kl-normal-standard at high precision",
    ),
    "average over the batch": (
        lambda mu, v: np.broadcast_to(standard(mu, v).mean(0), np.shape(mu)),
        "rows",
        "each row of a batch is worth the same alone",
    ),
}
LESS = "KL(p, q) is less than KL(q, p) when q is p, three times as wide"
SUM = "KL of independent coordinates is the sum of their KLs"
PAIR: dict[str, tuple[Kernel, str, str]] = {
    "sign": (lambda *a: -pair(*a), "direction", LESS),
    "factor": (lambda *a: pair(*a) / 2, "monte-carlo", MEAN),
    "wrong direction": (lambda m1, s1, m2, s2: pair(m2, s2, m1, s1), "direction", LESS),
    "wrong scale under the square": (
        lambda m1, s1, m2, s2: np.log(s2 / s1) + s1**2 / (2 * s2**2) + (m1 - m2) ** 2 / (2 * s1**2) - 0.5,
        "monte-carlo",
        MEAN,
    ),
    "mean over latent": (lambda *a: pair(*a).mean(-1), "additive", SUM),
    "latent counted once": (lambda *a: pair(*a)[..., 0], "additive", SUM),
}
CHOLESKY: dict[str, tuple[Kernel, str, str]] = {
    "factor of a term": (
        lambda m1, l1, m2, l2: (
            cholesky(m1, l1, m2, l2) + np.log(np.diagonal(l1, axis1=-2, axis2=-1)).sum(-1) / 2
        ),
        "zero",
        SAME,
    ),
    "wrong direction": (lambda m1, l1, m2, l2: cholesky(m2, l2, m1, l1), "direction", LESS),
    "off-diagonal entries ignored": (
        lambda m1, l1, m2, l2: cholesky(m1, l1 * np.eye(m1.shape[-1]), m2, l2 * np.eye(m1.shape[-1])),
        "monte-carlo",
        MEAN,
    ),
    "factor transposed": (
        lambda m1, l1, m2, l2: cholesky(m1, np.swapaxes(l1, -1, -2), m2, l2),
        "monte-carlo",
        MEAN,
    ),
}
SLOPE = "its gradient by {} is that of kl-normal-standard"
TENSORS: dict[str, tuple[Kernel, str, str]] = {
    "gradient missing": (lambda loc, v: tensors(loc, v.detach()), "gradients", SLOPE.format("logvar")),
    "gradient wrong": (lambda loc, v: WrongSlope.apply(loc, v), "gradients", SLOPE.format("logvar")),
    "gradient doubled": (
        lambda loc, v: 2 * tensors(loc, v) - tensors(loc, v).detach(),
        "gradients",
        SLOPE.format("logvar"),
    ),
}
WRONG = [
    *((f"standard: {k}", "kl-normal-standard", "numpy", *c) for k, c in STANDARD.items()),
    *((f"pair: {k}", "kl-normal-diag", "numpy", *c) for k, c in PAIR.items()),
    *((f"cholesky: {k}", "kl-mvn", "numpy", *c) for k, c in CHOLESKY.items()),
    *((f"tensors: {k}", "kl-normal-standard", "torch", *c) for k, c in TENSORS.items()),
]


@pytest.mark.parametrize("case", RIGHT, ids=["standard", "pair", "diagonal", "cholesky", "tensors"])
def test_a_right_kernel_passes_every_check(case: tuple[Kernel, str, str | None, Library]) -> None:
    kernel, against, takes, library = case
    for _, check in battery(kernel, against, takes=takes, library=library):
        check()


@pytest.mark.parametrize(
    ("against", "library", "kernel", "check", "statement"), [c[1:] for c in WRONG], ids=[c[0] for c in WRONG]
)
def test_a_broken_kernel_is_caught_and_said_what_is_false(
    against: str, library: Library, kernel: Kernel, check: str, statement: str
) -> None:
    with pytest.raises(Falsified) as caught:
        dict(battery(kernel, against, library=library))[check]()
    head, given, *numbers, allowed = str(caught.value).splitlines()
    assert head == f"<lambda>: false: {statement}"
    assert given.split()[:2] == ["input", "mu_p" if "standard" not in against else "mu"]
    assert len(numbers) == 2
    assert allowed.startswith("  allowed ")
    assert "float64, ordinary inputs" in allowed
    assert caught.value.left[1] != caught.value.right[1]
