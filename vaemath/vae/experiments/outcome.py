"""What every experiment returns."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

Numbers = dict[str, float]


@dataclass(frozen=True)
class Outcome:
    """Numbers, a caption made from them, and the picture, drawn when asked for."""

    numbers: Numbers
    caption: str
    draw: Callable[[], Figure]
