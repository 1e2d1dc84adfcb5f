"""What translation validation raises."""

from __future__ import annotations

from vaemath.errors import VaemathError


class LiftError(VaemathError):
    """An emitted file does something that cannot be read back, or does not compute its theorem."""
