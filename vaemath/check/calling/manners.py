"""What a call did beside returning: inputs that it changed, global generators that it used."""

from __future__ import annotations

import random
import sys
from typing import Any

import numpy as np

__all__ = ["generators", "manners", "seed_all"]


def generators() -> list[Any]:
    legacy: Any = np.random.get_state()
    states: list[Any] = [random.getstate(), legacy[1:3]]
    if "torch" in sys.modules:
        states.append(sys.modules["torch"].get_rng_state().numpy())
    return states


def seed_all(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed % 2**32)
    if "torch" in sys.modules:  # torch.manual_seed does the same, but takes a millisecond to look for devices
        torch = sys.modules["torch"]
        torch.default_generator.manual_seed(seed)
        if torch.cuda.is_initialized():
            torch.cuda.manual_seed_all(seed)


def manners(now: list[Any], given: list[Any], dtype: str, before: list[Any] | None) -> dict[str, Any]:
    """Which inputs were changed, and which generators were used, if that is to be watched."""
    if before is None:
        return {}
    pairs = enumerate(zip(now, given, strict=True))
    return {
        "mutated": [k for k, (a, b) in pairs if not _same(a, b.astype(dtype))],
        "draws": _changed(before),
    }


def _same(a: Any, b: Any) -> bool:
    return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=True))


def _changed(before: list[Any]) -> list[str]:
    names = ("random", "numpy", "torch")
    now = generators()
    out = []
    for name, a, b in zip(names, before, now, strict=False):
        if name == "numpy":
            equal = a[1] == b[1] and np.array_equal(a[0], b[0])
        else:
            equal = np.array_equal(a, b) if name == "torch" else a == b
        if not equal:
            out.append(name)
    return out
