"""How many processors this process may use."""

from __future__ import annotations

import os


def cores() -> int:
    """Those it is allowed on, where the system says; else those of the machine."""
    allowed = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(allowed(0)) if allowed else os.cpu_count() or 1
