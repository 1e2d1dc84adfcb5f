"""One way in which a function may be called."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Parameter", "Plan"]


@dataclass(frozen=True)
class Parameter:
    """A parameter of the function: its name, its kind, and its default as text and as a number."""

    name: str
    kind: str
    default: str | None
    number: float | None


@dataclass(frozen=True)
class Plan:
    """A family, the role of every positional argument, and per spread the conventions that are
    allowed.

    Roles: loc, spread (of the first distribution), loc_q, spread_q (of the second), x, recon, z,
    eps. `matrix` says that spreads are matrices; `decoder` is how the reconstruction is read: mean,
    logits or probs.
    """

    family: str
    roles: tuple[str, ...]
    conventions: dict[str, tuple[str, ...]]
    sure: dict[str, bool]
    names: tuple[str, ...]
    matrix: bool = False
    decoder: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def name_of(self, role: str) -> str:
        """The function's own name for the parameter in that role."""
        return self.names[self.roles.index(role)] if role in self.roles else role
