"""What was asked for."""

from __future__ import annotations

from dataclasses import dataclass

from vaemath.check.calling.target import Target

__all__ = ["Options"]


@dataclass(frozen=True)
class Options:
    """The target as it was written and as it was read, and the options. `brief` leaves out edges
    and changes.
    """

    target: str
    where: Target
    against: str | None
    takes: str | None
    reduction: str | None
    seed: int
    brief: bool = False

    @property
    def mean(self) -> bool:
        """Whether averaging over all elements was declared."""
        return self.reduction == "mean"

    @property
    def function(self) -> str:
        """The function's own name, in lower case."""
        return self.where.name.split(".")[-1].lower()
