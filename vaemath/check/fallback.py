"""What cannot be lifted: judged by numbers, or left undecided with the reason."""

from __future__ import annotations

from typing import Any

from vaemath.check.report.verdict import Verdict

__all__ = ["examine"]


def examine(process: Any, reply: dict[str, Any], options: Any, library: str) -> Verdict:
    """The verdict on a function that could not be run on symbols."""
    if "error" in reply:
        return Verdict(options.target, "undecided", missing=f"a call that works: it raised {reply['error']}")
    return Verdict(options.target, "undecided", missing=f"a formula: {reply['unliftable']}")
