from __future__ import annotations

from typing import Any


def suggest(*a: Any) -> list[str]:
    return []
