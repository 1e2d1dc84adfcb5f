"""Our kernels and what others offer for the same quantity, called alike: value and gradients."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Backend = Callable[[Sequence[Any]], list[Any]]


def ours(kernel: str, target: str) -> Backend:
    """A generated kernel; `target` is numpy, torch or C."""
    if target != "torch":
        package = "vaemath.kernels.numpy" if target == "numpy" else "vaemath.native.numpy"
        function = getattr(importlib.import_module(package), f"{kernel}_and_grad")
        return lambda arguments: list(function(*map(np.ascontiguousarray, arguments)))
    import vaemath.kernels.torch as torch_kernels

    return differentiated(getattr(torch_kernels, kernel))


def others(kernel: str) -> dict[str, Backend]:
    """What people use today, by name."""
    import torch

    D: Any = torch.distributions

    def std(m: Any, s: Any) -> Any:
        return 0.5 * (torch.exp(s) - 1 - s + m * m)

    def std_td(m: Any, s: Any) -> Any:
        q = D.Normal(torch.zeros_like(m), torch.ones_like(m))
        return D.kl_divergence(D.Normal(m, torch.exp(0.5 * s), validate_args=False), q)

    def gaussian(x: Any, mean: Any, m: Any, s: Any) -> Any:
        return -D.Normal(mean, 1.0).log_prob(x).sum(-1) + std_td(m, s).sum(-1)

    def bernoulli(x: Any, logits: Any, m: Any, s: Any) -> Any:
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
        return loss.sum(-1) + std_td(m, s).sum(-1)

    def normal(a: Any, b: Any, c: Any, d: Any) -> Any:
        return torch.log(d / b) + (b**2 + (a - c) ** 2) / (2 * d**2) - 0.5

    def normal_td(a: Any, b: Any, c: Any, d: Any) -> Any:
        p, q = D.Normal(a, b, validate_args=False), D.Normal(c, d, validate_args=False)
        return D.kl_divergence(p, q)

    found: dict[str, dict[str, Callable[..., Any]]] = {
        "kl_normal_standard": {"textbook": std, "torch.distributions": std_td},
        "kl_normal": {"textbook": normal, "torch.distributions": normal_td},
        "loss_gaussian": {"torch.distributions": gaussian},
        "loss_bernoulli": {"torch BCE + distributions": bernoulli},
    }
    return {name: differentiated(f) for name, f in found.get(kernel, {}).items()}


def differentiated(function: Callable[..., Any]) -> Backend:
    """A torch function and the gradients of its sum."""

    def run(arguments: Sequence[Any]) -> list[Any]:
        import torch

        tensors = [torch.tensor(np.asarray(a), requires_grad=True) for a in arguments]
        value = function(*tensors)
        slopes = torch.autograd.grad(value.sum(), tensors, allow_unused=True)
        filled = [torch.zeros_like(t) if g is None else g for g, t in zip(slopes, tensors, strict=True)]
        return [value.detach().numpy(), *(g.numpy() for g in filled)]

    return run
