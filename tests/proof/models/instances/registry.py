"""The register of generators of theorems, one or more for each rule."""

from __future__ import annotations

import random
from collections.abc import Callable

from vaemath.core.theorem import Theorem
from vaemath.errors import VaemathError


class Unsuitable(VaemathError):
    """What was drawn does not fit together; another draw will."""


Maker = Callable[[random.Random], Theorem]
INSTANCES: dict[str, list[Maker]] = {}


def makes(rule: str, weight: int = 1) -> Callable[[Maker], Maker]:
    """Register a generator of theorems whose last step is a rule; it may raise where that does not apply."""

    def register(maker: Maker) -> Maker:
        INSTANCES.setdefault(rule, []).extend([maker] * weight)
        return maker

    return register
