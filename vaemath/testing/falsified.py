"""The failure that every check of this package raises: the identity, the smallest input found, the
two numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["Falsified", "show"]


class Falsified(AssertionError):
    """A statement about a function is false at an input.

    `identity` is the statement, `inputs` the arguments by name as the function was given them,
    `left` and `right` the two numbers that should have agreed.
    """

    def __init__(
        self,
        *,
        function: str,
        identity: str,
        inputs: Mapping[str, Any],
        left: tuple[str, Any],
        right: tuple[str, Any],
    ) -> None:
        self.function = function
        self.identity = identity
        self.inputs = dict(inputs)
        self.left, self.right = left, right
        given = ", ".join(f"{name} = {show(value)}" for name, value in self.inputs.items())
        rows = [("input", given), (left[0], show(left[1])), (right[0], show(right[1]))]
        width = max(len(label) for label, _ in rows) + 3
        lines = [
            f"{function}: false: {identity}",
            *(f"  {label:<{width}}{text}" for label, text in rows),
        ]
        super().__init__("\n".join(lines))


def show(value: Any) -> str:
    """Numbers as Python would read them back, arrays as nested lists."""
    if isinstance(value, str):
        return value
    array = np.asarray(value)
    if array.dtype.kind != "f":
        return str(value)
    return str(array.tolist()) if array.ndim else repr(float(array))
