"""The global generators of random numbers: seeding them, and seeing which were used."""

from __future__ import annotations

import random
import sys
from typing import Any

import numpy as np

__all__ = ["changed", "generators", "seed_all"]


def generators() -> list[Any]:
    """Their states."""
    legacy: Any = np.random.get_state()
    states: list[Any] = [random.getstate(), legacy[1:3]]
    if "torch" in sys.modules:
        states.append(sys.modules["torch"].get_rng_state().numpy())
    return states


def seed_all(seed: int) -> None:
    """Seed each of them."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    if "torch" in sys.modules:  # torch.manual_seed does the same, but takes a millisecond to look for devices
        sys.modules["torch"].default_generator.manual_seed(seed)


def changed(before: list[Any]) -> list[str]:
    """Which of them were used since."""
    now = generators()
    out = []
    for name, a, b in zip(("random", "numpy", "torch"), before, now, strict=False):
        if name == "numpy":
            equal = a[1] == b[1] and np.array_equal(a[0], b[0])
        else:
            equal = np.array_equal(a, b) if name == "torch" else a == b
        if not equal:
            out.append(name)
    return out
