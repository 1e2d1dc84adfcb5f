"""One forward and backward pass of each implementation, on the same tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

import vaemath.kernels.torch as kernels
import vaemath.native.torch as native
from vaemath.codegen.constants import HALF_LOG_TWO_PI
from vaemath.native.calls import calls

D: Any = torch.distributions
Pass = Callable[[], object]
OURS: dict[str, Any] = {"vaemath": kernels, "vaemath C": native}  # implementations of the same functions
ELEMENTWISE = ((128, 20), (4096, 64), (65536, 128))
COVARIANCES = tuple((batch, d) for batch in (64, 1024) for d in (8, 32, 128))
LOSSES = ((128, 784), (4096, 784))


def copying(*tensors: Tensor) -> Pass:
    """A copy of the arguments into buffers that exist: the least that memory asks for."""
    buffers = [torch.empty_like(t) for t in tensors]

    def run() -> object:
        for buffer, t in zip(buffers, tensors, strict=True):
            buffer.copy_(t.detach())
        return buffers

    return run


def raw_pass(loc: Tensor, logvar: Tensor) -> dict[str, Pass]:
    """The C function alone: a value for each sample and both gradients, into buffers that exist."""
    functions = calls("kl_normal_diag_standard", "float32")
    if functions is None:
        return {}
    inputs = [loc.detach(), logvar.detach()]
    leaves = [t.clone() for t in inputs]
    gradients = [torch.empty_like(t) for t in inputs]
    for leaf, gradient in zip(leaves, gradients, strict=True):
        leaf.grad = gradient
    memory = [*inputs, torch.empty(len(loc)), *gradients]  # kept while their addresses are in use

    def run() -> object:
        functions.both(torch.get_num_threads(), *loc.shape, *(t.data_ptr() for t in memory))
        return leaves

    return {"vaemath C, one raw pass": run}


def both_ways(function: Callable[..., Tensor], leaves: list[Tensor]) -> Pass:
    """The summed value and the gradients by the leaves."""

    def run() -> object:
        for leaf in leaves:
            leaf.grad = None
        torch.autograd.backward(function().sum())
        return leaves

    return run


def standard(shape: tuple[int, int], compiled: bool) -> dict[str, Pass]:
    """KL to the standard normal, from location and log-variance."""
    loc, logvar = (torch.randn(shape, requires_grad=True) for _ in range(2))

    def textbook(m: Tensor, s: Tensor) -> Tensor:
        return 0.5 * (torch.exp(s) - 1 - s + m * m)

    def distributions(m: Tensor, s: Tensor, check: bool = True) -> Tensor:
        p = D.Normal(m, torch.exp(0.5 * s), validate_args=check)
        q = D.Normal(torch.zeros_like(m), torch.ones_like(m), validate_args=check)
        result: Tensor = D.kl_divergence(p, q)
        return result

    def unchecked(m: Tensor, s: Tensor) -> Tensor:
        return distributions(m, s, check=False)

    named: dict[str, Callable[..., Tensor]] = {
        **{name: package.kl_normal_standard for name, package in OURS.items()},
        "vaemath C, per sample": native.kl_normal_diag_standard,
        "textbook": textbook,
        "torch.distributions": distributions,
        "torch.distributions, unchecked": unchecked,
    }
    if compiled:
        torch.compiler.reset()
        traced = {"vaemath": kernels.kl_normal_standard, "textbook": textbook}
        traced["torch.distributions, unchecked"] = unchecked
        named |= {f"{name}, compiled": torch.compile(f, dynamic=False) for name, f in traced.items()}
    runs = {name: both_ways(lambda f=f: f(loc, logvar), [loc, logvar]) for name, f in named.items()}
    return {"copy": copying(loc, logvar), **raw_pass(loc, logvar), **runs}


def covariance(batch: int, d: int, *, factors: bool) -> dict[str, Pass]:
    """KL between full-covariance normals, from covariances or from their factors."""
    noise = torch.randn(2, batch, d, d)
    matrices = noise @ noise.mT / d + torch.eye(d)
    if factors:
        matrices = torch.linalg.cholesky(matrices)
    loc = torch.randn(2, batch, d)
    leaves = [t.clone().requires_grad_() for t in (loc[0], matrices[0], loc[1], matrices[1])]
    keyword = "scale_tril" if factors else "covariance_matrix"
    kernel = "kl_mvn" if factors else "kl_mvn_covariance"

    def distributions(check: bool = True) -> Tensor:
        a, b, c, e = leaves
        p, q = (D.MultivariateNormal(m, **{keyword: s}, validate_args=check) for m, s in ((a, b), (c, e)))
        result: Tensor = D.kl_divergence(p, q)
        return result

    return {
        **_ours(kernel, leaves),
        "torch.distributions": both_ways(distributions, leaves),
        "torch.distributions, unchecked": both_ways(lambda: distributions(False), leaves),
    }


def _ours(kernel: str, arguments: list[Tensor]) -> dict[str, Pass]:
    leaves = [a for a in arguments if a.requires_grad]
    functions = {name: getattr(package, kernel, None) for name, package in OURS.items()}
    return {name: both_ways(lambda f=f: f(*arguments), leaves) for name, f in functions.items() if f}


def loss(shape: tuple[int, int], name: str) -> dict[str, Pass]:
    """A whole per-sample loss with 20 latent coordinates."""
    batch, _ = shape
    x = (torch.rand(shape) > 0.5).float()
    leaves = [torch.randn(s, requires_grad=True) for s in (shape, (batch, 20), (batch, 20))]

    def textbook() -> Tensor:
        decoded, m, s = leaves
        kl = 0.5 * (torch.exp(s) - 1 - s + m * m).sum(-1)
        if name == "gaussian":
            return kl + (0.5 * (x - decoded) ** 2 + HALF_LOG_TWO_PI).sum(-1)
        bce = torch.nn.functional.binary_cross_entropy_with_logits
        return kl + bce(decoded, x, reduction="none").sum(-1)

    def distributions(check: bool = True) -> Tensor:
        decoded, m, s = leaves
        if name == "gaussian":
            decoder = D.Normal(decoded, torch.ones_like(decoded), validate_args=check)
        else:
            decoder = D.Bernoulli(logits=decoded, validate_args=check)
        q = D.Normal(m, torch.exp(0.5 * s), validate_args=check)
        prior = D.Normal(torch.zeros_like(m), torch.ones_like(m), validate_args=check)
        result: Tensor = D.kl_divergence(q, prior).sum(-1) - decoder.log_prob(x).sum(-1)
        return result

    return {
        **_ours(f"loss_{name}", [x, *leaves]),
        "textbook": both_ways(textbook, leaves),
        "torch.distributions": both_ways(distributions, leaves),
        "torch.distributions, unchecked": both_ways(lambda: distributions(False), leaves),
    }
