"""What was recognised: the model that a function equals, how its parts are reduced, what is wrong with
them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vaemath.check.attempt import Attempt
from vaemath.check.explain import Explanation
from vaemath.check.match import Law
from vaemath.check.models import Model

__all__ = ["Recognised"]


@dataclass
class Recognised:
    """An attempt with the model that it equals, the laws of its parts, and what is wrong with
    those.
    """

    attempt: Attempt
    model: Model
    kl: Law
    recon: Law | None
    explanation: Explanation
    residual: float
    box: str
    per_data: float = 0.0
    notes: list[str] = field(default_factory=list)
