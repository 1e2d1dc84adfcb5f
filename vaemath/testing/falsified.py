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
    `left` and `right` the two numbers that should have agreed, `setting` what was allowed and drawn.
    """

    def __init__(
        self,
        *,
        function: str,
        identity: str,
        inputs: Mapping[str, Any],
        left: tuple[str, Any],
        right: tuple[str, Any],
        setting: str = "",
    ) -> None:
        self.function = function
        self.identity = identity
        self.inputs = dict(inputs)
        self.left, self.right, self.setting = left, right, setting
        given = ", ".join(f"{name} = {show(value)}" for name, value in self.inputs.items())
        rows = [("input", given), (left[0], show(left[1])), (right[0], show(right[1]))]
        width = max(len(label) for label, _ in rows) + 3
        lines = [
            f"{function}: false: {identity}",
            *(f"  {label:<{width}}{text}" for label, text in rows),
        ]
        if setting:
            lines.append(f"  {'allowed':<{width}}{setting}")
        super().__init__("\n".join(lines))

    def under(self, setting: str) -> Falsified:
        """The same with what was allowed and drawn."""
        return Falsified(
            function=self.function,
            identity=self.identity,
            inputs=self.inputs,
            left=self.left,
            right=self.right,
            setting=setting,
        )


def show(value: Any) -> str:
    """Numbers as Python would read them back, arrays as nested lists."""
    if isinstance(value, str):
        return value
    array = np.asarray(value)
    if array.dtype.kind != "f":
        return str(value)
    return str(array.tolist()) if array.ndim else repr(float(array))
