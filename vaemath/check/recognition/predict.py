"""What the function should return, once its reading and its reduction are known: values and
gradients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import vaemath.kernels.numpy as kernels
from vaemath.check.expected.design import Point
from vaemath.check.expected.models import kl_of, recon_of
from vaemath.check.reading.plan import Plan
from vaemath.check.recognition.match import Law
from vaemath.testing.conventions import SPREADS

__all__ = ["Predictor"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Predictor:
    """The total of the result over whatever it returns, for a reading of the parameters and the
    laws of each part.

    `kl` and `recon` are the laws of the two parts; `per_data` is the constant per data dimension
    that is added, in units of one sample.
    """

    plan: Plan
    used: dict[str, str]
    kl: Law
    recon: Law | None = None
    per_data: float = 0.0

    def total(self, point: Point) -> float:
        """The expected sum of the result."""
        batch, latent = np.shape(point["loc"])
        out = self._weight(self.kl, batch, latent) * float(kl_of(self.plan, point, self.used).sum())
        if self.recon is not None:
            weight = self._weight(self.recon, batch, latent)
            out += weight * float(recon_of(self.plan, point).sum())
            scale = self._weight(self.kl, batch, latent)
            out += scale * batch * np.shape(point["x"])[1] * self.per_data
        return out

    def gradients(self, point: Point) -> dict[str, Array]:
        """The expected gradient of that sum by every parameter but the data; of matrices, as by a
        symmetric one.
        """
        batch, latent = np.shape(point["loc"])
        weight = self._weight(self.kl, batch, latent)
        out = {role: weight * g for role, g in self._kl_gradients(point).items()}
        if self.recon is not None:
            none = np.zeros((batch, 0))
            r = point["recon"]
            if self.plan.decoder == "mean":
                g = kernels.loss_gaussian_and_grad(point["x"], r, none, none)[2]
            elif self.plan.decoder == "logits":
                g = kernels.loss_bernoulli_and_grad(point["x"], r, none, none)[2]
            else:
                logits = np.log(r) - np.log1p(-r)
                g = kernels.loss_bernoulli_and_grad(point["x"], logits, none, none)[2]
                g = g / (r * (1 - r))
            out["recon"] = self._weight(self.recon, batch, latent) * g
        return out

    def _kl_gradients(self, point: Point) -> dict[str, Array]:
        roles = [r for r in ("loc", "spread", "loc_q", "spread_q") if r in point]
        scales: dict[str, Array] = {}
        for role in ("spread", "spread_q"):
            if role in point:
                convention = self.used[role]
                raw = point[role]
                scales[role] = raw if self.plan.matrix else SPREADS[convention].to_scale(raw, np)
        first = [point["loc"], scales["spread"]]
        if "spread_q" in scales:
            second = [point["loc_q"], scales["spread_q"]]
        else:
            unit = np.ones_like(first[1])
            if self.plan.matrix:
                unit = np.broadcast_to(np.eye(first[1].shape[-1]), first[1].shape)
            second = [np.zeros_like(first[0]), unit]
        matrices = self.used["spread"] == "covariance"
        name = ("kl_mvn_covariance" if matrices else "kl_mvn") if self.plan.matrix else "kl_normal"
        grads = getattr(kernels, f"{name}_and_grad")(*first, *second)[1:]
        out = dict(zip(("loc", "spread", "loc_q", "spread_q"), grads, strict=True))
        if not self.plan.matrix:
            for role, scale in scales.items():
                out[role] = out[role] * SPREADS[self.used[role]].slope(scale, np)
        return {role: np.asarray(out[role]) for role in roles}

    @staticmethod
    def _weight(law: Law, batch: int, latent: int) -> float:
        return law.rate * float(batch) ** law.batch * float(latent) ** law.latent
