"""Ordinary arguments of every kernel."""

from __future__ import annotations

import torch

Arguments = tuple[torch.Tensor, ...]


def arguments(name: str, *, batch: tuple[int, ...] = (2, 3), kind: torch.dtype = torch.float64) -> Arguments:
    """Ordinary arguments of a kernel, from a fixed seed."""
    g = torch.Generator().manual_seed(7)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn((*batch, *shape), generator=g, dtype=torch.float64)

    def factor(d: int) -> torch.Tensor:
        a = normal(d, d)
        return torch.linalg.cholesky(a @ a.mT + torch.eye(d, dtype=a.dtype))

    d = 3
    if name == "kl_normal_diag_standard":
        found: Arguments = (normal(d), normal(d))
    elif name == "kl_normal_standard":
        found = (normal(), normal())
    elif name == "kl_normal":
        found = (normal(), normal().exp(), normal(), normal().exp())
    elif name == "kl_normal_diag":
        found = (normal(d), normal(d).exp(), normal(d), normal(d).exp())
    elif name == "kl_mvn":
        found = (normal(d), factor(d), normal(d), factor(d))
    elif name == "kl_mvn_covariance":
        a, b = factor(d), factor(d)
        found = (normal(d), a @ a.mT, normal(d), b @ b.mT)
    elif name == "loss_gaussian":
        found = (normal(4), normal(4), normal(d), normal(d))
    else:
        found = (torch.sigmoid(normal(4)), 2 * normal(4), normal(d), normal(d))
    return tuple(t.to(kind) for t in found)
