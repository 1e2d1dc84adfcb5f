"""Where the function to be checked lives: ``package.module:function`` or
``path/to/file.py:function``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from vaemath.errors import VaemathError

__all__ = ["Target", "parse_target"]


@dataclass(frozen=True)
class Target:
    """A function in a module (by dotted name) or in a file (by path); `name` may be
    ``Class.method``.
    """

    place: str
    name: str
    is_file: bool

    def __str__(self) -> str:
        return f"{self.place}:{self.name}"


def parse_target(text: str, *, call: bool = False) -> Target:
    """Read a target; with `call` it need not name a function. Raises `VaemathError` if there is no
    function in it or the file does not exist.
    """
    if call and text.endswith((".py", ".ipynb")):
        text += ":call"
    place, colon, name = text.rpartition(":")
    if not colon or not place or not all(part.isidentifier() for part in name.split(".")):
        expected = "package.module:function or path/to/file.py:function"
        raise VaemathError(f"target: got {text!r}; expected {expected}")
    if place.endswith((".py", ".ipynb")) or os.sep in place:
        if not os.path.isfile(place):
            raise VaemathError(f"target: there is no file {place!r}")
        return Target(os.path.abspath(place), name, True)
    if not all(part.isidentifier() for part in place.split(".")):
        raise VaemathError(f"target: got {place!r}; expected a dotted module name or a file")
    return Target(place, name, False)
