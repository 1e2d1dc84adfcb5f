"""Measured error bounds of a kernel: what its header says is what the tests hold it to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Errors:
    """The worst errors over samples, on every target (`vaemath accuracy` measures them again).

    Attributes:
        float32: of the value and of the gradients; the latter None where only values are measured.
        float64: the same.
        unit: `ULP`, units in the last place of the result, or `relative`.
        of: on which arguments, or of which part of the result, where that is not all.
        largest_term: outputs whose terms cancel: in units of the largest of them.
    """

    float32: tuple[float, float | None]
    float64: tuple[float, float | None]
    unit: str = "ULP"
    of: str = ""
    largest_term: tuple[str, ...] = field(default=())

    def bounds(self) -> Mapping[str, tuple[float, float | None]]:
        """By the name of the type."""
        return {"float32": self.float32, "float64": self.float64}

    def __str__(self) -> str:
        parts = []
        for name, (value, gradients) in self.bounds().items():
            both = f"value {value:g}" + ("" if gradients is None else f", gradients {gradients:g}")
            parts.append(f"{both} ({name})")
        text = f"worst errors of samples, {self.unit}: {'; '.join(parts)}"
        if self.largest_term:
            text += f"; {', '.join(self.largest_term)} of the largest term"
        return text + (f"; {self.of}" if self.of else "")
