"""Behaviour at the edges: advice, beside what our kernel gives, never an accusation."""

from __future__ import annotations

from vaemath.check.attempt import Attempt
from vaemath.check.predict import Predictor


def advice(a: Attempt, predictor: Predictor) -> list[str]:
    return []
