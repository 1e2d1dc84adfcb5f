"""What was recognised: the model that a function equals, how its parts are reduced, what is wrong with
them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vaemath.check.expected.attempt import Attempt
from vaemath.check.expected.models import Model
from vaemath.check.recognition.explain import Explanation
from vaemath.check.recognition.match import Law

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
