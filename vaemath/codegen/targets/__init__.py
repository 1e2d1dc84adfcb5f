"""The targets, a package each: found here, and by the entry points `vaemath.targets` of other packages.

interface    what a target is
python       what targets in Python share
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

from vaemath.codegen.targets.interface import Target


@cache
def targets() -> dict[str, Target]:
    """Every target by name.

    Raises:
        ValueError: two have one name.
    """
    own = [import_module(f"{__name__}.{m.name}").TARGET for m in iter_modules(__path__) if m.ispkg]
    found: dict[str, Target] = {}
    for made in (*own, *(e.load() for e in entry_points(group="vaemath.targets"))):
        if made.name in found:
            raise ValueError(f"two targets are called {made.name!r}: expected names that differ")
        found[made.name] = made
    return found
