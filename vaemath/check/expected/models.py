"""What a right function would give, for every reading of its parameters: straight from the verified
kernels.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

import vaemath.kernels.numpy as kernels
from vaemath.check.expected.design import Point
from vaemath.check.reading.plan import Plan
from vaemath.testing.conventions import MATRIX, SPREADS

__all__ = ["Model", "kl_of", "models_for", "plain", "recon_of"]

Array = NDArray[np.float64]
WORDS = {"var": "variance", "scale_tril": "cholesky", "precision_matrix": "precision"}


@dataclass(frozen=True)
class Model:
    """One reading: what each spread is used as, and the direction; with the causes that it would
    mean.
    """

    used: tuple[tuple[str, str], ...]  # role -> convention
    reverse: bool
    causes: tuple[str, ...]

    @property
    def cost(self) -> int:
        """How many separate mistakes this reading takes."""
        misread = any("-as-" in cause for cause in self.causes)
        return int(self.reverse) + int(misread)


def models_for(plan: Plan) -> list[Model]:
    """Every reading of the spreads and direction, right ones first."""
    spreads = sorted(plan.conventions)
    table = tuple(MATRIX) if plan.matrix else tuple(SPREADS)
    declared = [dict(zip(spreads, c, strict=True)) for c in _declared(plan, spreads)]
    readings: list[tuple[dict[str, str], tuple[str, ...]]] = [(d, ()) for d in declared]
    base = declared[0]
    for used in table:
        for roles in dict.fromkeys([tuple(spreads), *((s,) for s in spreads)]):
            reading = base | dict.fromkeys(roles, used)
            if reading not in [r for r, _ in readings]:
                readings.append((reading, _misread(base, reading)))
    if not plan.matrix:
        for prefix, cause in (("squared", "variance-as-std"), ("root", "std-as-variance")):
            readings.append(({role: f"{prefix} {c}" for role, c in base.items()}, (cause,)))
    out = []
    for reading, causes in readings:
        for reverse in (False, True):
            also = ("reversed-direction",) if reverse else ()
            out.append(Model(tuple(sorted(reading.items())), reverse, causes + also))
    return sorted(out, key=lambda m: m.cost)


def _declared(plan: Plan, spreads: list[str]) -> list[tuple[str, ...]]:
    """Allowed combinations: two spreads that may mean the same things mean the same thing."""
    options = [plan.conventions[s] for s in spreads]
    if len(options) == 2 and options[0] == options[1]:
        return [(c, c) for c in options[0]]
    return list(product(*options))


def _misread(declared: dict[str, str], used: dict[str, str]) -> tuple[str, ...]:
    out: list[str] = []
    for role, convention in declared.items():
        if used[role] != convention:
            out.append(f"{_word(convention)}-as-{_word(used[role])}")
            if (convention, used[role]) == ("logvar", "logstd"):
                out.append("variance-as-std")
            if (convention, used[role]) == ("logstd", "logvar"):
                out.append("std-as-variance")
    return tuple(dict.fromkeys(out))


def _word(convention: str) -> str:
    return WORDS.get(convention, convention)


def kl_of(plan: Plan, point: Point, used: dict[str, str], *, reverse: bool = False) -> Array:
    """The KL of each element (of each sample, for matrices), the spreads being read as `used` says."""
    with np.errstate(all="ignore"):
        first = (point["loc"], _scale(point["spread"], used["spread"]))
        if "spread_q" in point:
            second = (point["loc_q"], _scale(point["spread_q"], used["spread_q"]))
        else:
            second = (np.zeros_like(first[0]), _unit(first[1]))
        if reverse:
            first, second = second, first
        kernel = kernels.kl_mvn if plan.matrix else kernels.kl_normal
        result: Array = np.asarray(kernel(*first, *second))
        return result


def recon_of(plan: Plan, point: Point) -> Array:
    """-log p(x|z) of each sample under the plan's decoder (scale 1 for a Gaussian), constants
    included.
    """
    none = np.zeros((len(point["x"]), 0))
    if plan.decoder == "mean":
        return np.asarray(kernels.loss_gaussian(point["x"], point["recon"], none, none))
    logits = point["recon"]
    if plan.decoder == "probs":
        logits = np.log(logits) - np.log1p(-logits)
    return np.asarray(kernels.loss_bernoulli(point["x"], logits, none, none))


def plain(convention: str) -> str:
    """A convention without the words that say that its scale was squared, or its root taken, before
    use.
    """
    return convention.split()[-1]


def _scale(raw: Array, convention: str) -> Array:
    if convention != plain(convention):
        power = 2.0 if convention.startswith("squared") else 0.5
        return np.asarray(_scale(raw, plain(convention)) ** power)
    if convention in SPREADS:
        return np.asarray(SPREADS[convention].to_scale(raw, np))
    if convention == "covariance":
        return np.asarray(np.linalg.cholesky(raw))
    if convention == "precision_matrix":
        return np.asarray(np.linalg.cholesky(np.linalg.inv(raw)))
    return raw


def _unit(scale: Array) -> Array:
    if scale.ndim == 3:
        return np.broadcast_to(np.eye(scale.shape[-1]), scale.shape)
    return np.ones_like(scale)
