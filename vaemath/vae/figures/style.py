"""How pictures look: one style, colours that survive grey, sizes that survive a page."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from vaemath.files import write

# Dark to light, so that they differ in grey too; line styles and markers differ besides.
DARK, MIDDLE, LIGHT = "#1b3a5c", "#c4571b", "#e0b040"
GREY = "#8a8a8a"
SEQUENTIAL = "cividis"
PAGE_WIDTH = 7.0

_STYLE: Any = {
    "figure.constrained_layout.use": True,
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.dpi": 160,
}


@contextmanager
def new_figure(*, height: float) -> Iterator[Figure]:
    """A figure of page width, in inches, in the house style; no window, no global state."""
    with matplotlib.rc_context(_STYLE):
        yield Figure(figsize=(PAGE_WIDTH, height))


def save(figure: Figure, path: Path) -> None:
    """Write a PNG whose bytes depend on the picture alone; raise `VaemathError` if it cannot."""
    drawn = io.BytesIO()
    with matplotlib.rc_context(_STYLE):
        figure.savefig(drawn, format="png", metadata={"Software": None})
    write(path, drawn.getvalue())


def show_images(axes: Axes, rows: Tensor, *, shape: tuple[int, int], columns: int) -> None:
    """Draw rows (n, D) as a sheet of grey images, black on white, `columns` side by side."""
    height, width = shape
    lines = -(-len(rows) // columns)
    sheet = torch.zeros(lines * (height + 1) - 1, columns * (width + 1) - 1)
    for index, row in enumerate(rows.detach().cpu().float()):
        top, left = index // columns * (height + 1), index % columns * (width + 1)
        sheet[top : top + height, left : left + width] = row.reshape(shape)
    axes.imshow(sheet.numpy(), cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
