"""The losses of variational autoencoders as modules that cannot be scaled wrongly in silence."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

from torch import Tensor, nn

from vaemath.errors import VaemathError
from vaemath.native.torch import kl_normal_diag_standard, loss_bernoulli, loss_gaussian

REDUCTIONS = ("mean", "sum", "none")


class _NegativeELBO(nn.Module, ABC):
    """What both losses share: the weight of the KL term and the reduction over samples.

    A sample's loss is always the sum over its pixels plus `beta` times the sum over its latent
    coordinates, in nats. `reduction` acts on samples only. The usual mistake, a mean over pixels beside
    a sum over latents, weights the KL term by the number of pixels; it cannot be written here: to weight
    the KL term, say `beta`.
    """

    def __init__(self, *, beta: float = 1.0, reduction: str = "mean") -> None:
        super().__init__()
        if reduction not in REDUCTIONS:
            raise VaemathError(f"reduction: got {reduction!r}, expected one of {', '.join(REDUCTIONS)}")
        if not (math.isfinite(beta) and beta >= 0.0):
            raise VaemathError(f"beta: got {beta}, expected a finite number >= 0")
        self.beta = beta
        self.reduction = reduction

    @abstractmethod
    def reconstruction(self, x: Tensor, decoded: Tensor, loc: Tensor, logvar: Tensor) -> Tensor:
        """The loss of each sample at beta = 1."""

    def forward(self, x: Tensor, decoded: Tensor, loc: Tensor, logvar: Tensor) -> Tensor:
        """The negative ELBO in nats.

        Args:
            x: the data, (*batch, ...): everything after the batch axes is one sample.
            decoded: what the decoder made, of the shape of x.
            loc, logvar: mean and log-variance of the code, (*batch, d).

        Raises:
            VaemathError: the shapes do not fit.
        """
        batch = loc.shape[:-1]
        if loc.dim() < 1 or loc.shape != logvar.shape:
            raise VaemathError(
                f"loc, logvar: got shapes {tuple(loc.shape)} and {tuple(logvar.shape)}, "
                "expected (*batch, d) for both"
            )
        if x.shape != decoded.shape or x.shape[: len(batch)] != batch:
            raise VaemathError(
                f"x, decoded: got shapes {tuple(x.shape)} and {tuple(decoded.shape)}, "
                f"expected one shape that begins with the batch {tuple(batch)}"
            )
        flat, made = (t.reshape(*batch, -1) for t in (x, decoded))
        if self.beta == 1.0:
            loss = self.reconstruction(flat, made, loc, logvar)
        else:
            empty = loc.new_zeros((*batch, 0))  # no code: the reconstruction alone
            loss = self.reconstruction(flat, made, empty, empty)
            loss = loss + self.beta * kl_normal_diag_standard(loc, logvar)
        if self.reduction == "none":
            return loss
        return loss.mean() if self.reduction == "mean" else loss.sum()

    def extra_repr(self) -> str:
        return f"beta={self.beta}, reduction={self.reduction!r}"


class GaussianNegativeELBO(_NegativeELBO):
    """Negative ELBO with the decoder N(mean, scale^2 I), constants included (theorem loss-gaussian).

    `decoded` is the mean. The squared error is weighted by 1/(2 scale^2): choose `scale` instead of a
    weight. Because the constants are included the loss can be negative.
    """

    def __init__(self, *, scale: float = 1.0, beta: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(beta=beta, reduction=reduction)
        if not 1e-18 <= scale <= 1e18:
            raise VaemathError(f"scale: got {scale}, expected a number from 1e-18 to 1e18")
        self.scale = scale

    def reconstruction(self, x: Tensor, decoded: Tensor, loc: Tensor, logvar: Tensor) -> Tensor:
        return loss_gaussian(x, decoded, loc, logvar, scale=self.scale)

    def extra_repr(self) -> str:
        return f"scale={self.scale}, {super().extra_repr()}"


class BernoulliNegativeELBO(_NegativeELBO):
    """Negative ELBO with a Bernoulli decoder (theorem loss-bernoulli).

    `decoded` is the logits, not the probabilities; x lies in [0, 1], which is checked, so pixels from
    0 to 255 are refused.
    """

    def reconstruction(self, x: Tensor, decoded: Tensor, loc: Tensor, logvar: Tensor) -> Tensor:
        return loss_bernoulli(x, decoded, loc, logvar)
