"""Find a way to call the function that works: library, dtype, batched or not, and how many data
dimensions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vaemath.check.calling.process import Process
from vaemath.check.expected.design import BOXES, Caller, Sizes
from vaemath.check.expected.observe import Failure, Observations, gather
from vaemath.check.reading.plan import Plan

__all__ = ["Attempt", "attempt"]


@dataclass
class Attempt:
    """A plan with a working caller and its first observations, or the failure that stood in the
    way.
    """

    plan: Plan
    caller: Caller
    sizes: Sizes
    main: Observations | None = None
    failure: Failure | None = None

    @property
    def shapes(self) -> list[Sizes]:
        """Sizes that tell batch, latent and data dimensions apart."""
        out = [self.sizes, replace(self.sizes, latent=7)]
        if self.caller.batched:
            out.append(replace(self.sizes, batch=5))
        if "x" in self.plan.roles and self.sizes.data < 700:
            out.append(replace(self.sizes, data=9))
        return out


def attempt(process: Process, plan: Plan, seed: int) -> Attempt:
    """Try the ways in turn; the first that gives numbers of a right shape wins."""
    torch_first = bool(process.description.get("torch"))
    libraries = ("torch", "numpy") if torch_first else ("numpy", "torch")
    first: Attempt | None = None
    for library in libraries:
        for sizes, dtype, batched in _ways(plan):
            caller = Caller(process, plan, library, dtype, batched)
            result = Attempt(plan, caller, sizes)
            try:
                result.main = gather(caller, np.random.default_rng(seed), sizes, BOXES["main"])
                if np.any(np.isfinite(result.main.y)):
                    return result
                result.failure = Failure("it returned nothing but NaN or infinity")
            except Failure as failure:
                result.failure = failure
            if first is None or (first.failure and first.failure.shape is None and result.failure.shape):
                first = result
    assert first is not None
    return first


def _ways(plan: Plan) -> list[tuple[Sizes, str, bool]]:
    base = Sizes()
    ways = [(base, "float64", True)]
    if plan.matrix:
        ways.append((base, "float64", False))
    if "x" in plan.roles:
        ways.append((Sizes(data=784), "float64", True))
        ways.append((Sizes(data=784), "float32", True))
    ways.append((base, "float32", True))
    return ways
