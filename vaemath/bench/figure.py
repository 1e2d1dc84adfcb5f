"""The speed table as a picture: one panel for each task, one line for each implementation."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from vaemath.bench.table import REFERENCE, Row
from vaemath.files import write

# marker and colour by implementation; dark to light, so that they differ in grey too
LOOKS = {
    "vaemath": ("o", "#1b3a5c"),
    "vaemath C": ("D", "#6b1d5c"),
    "vaemath C, per sample": ("d", "#a0559a"),
    "vaemath C, one raw pass": ("P", "#c9a0c4"),
    "vaemath, compiled": ("s", "#3f7cac"),
    "textbook": ("v", "#c4571b"),
    "textbook, compiled": ("^", "#e0b040"),
    f"{REFERENCE}, unchecked": ("x", "#8a8a8a"),
    f"{REFERENCE}, unchecked, compiled": ("+", "#8a8a8a"),
    "copy": ("_", "#b0b0b0"),
}


def draw(table: Iterable[Row], path: Path, *, threads: int = 1) -> None:
    """Write a PNG with the ratios to torch.distributions at each size, for one number of threads.

    Raises:
        VaemathError: the file cannot be written.
    """
    rows = [r for r in table if r.threads == threads and r.implementation != REFERENCE]
    tasks = list(dict.fromkeys(r.task for r in rows))
    with matplotlib.rc_context({"figure.constrained_layout.use": True, "font.size": 9}):
        figure = Figure(figsize=(7.0, 0.6 + 2.3 * -(-len(tasks) // 2)))
        panels = figure.subplots(-(-len(tasks) // 2), 2, squeeze=False).ravel()
        for axes, task in zip(panels, tasks, strict=False):
            sizes = list(dict.fromkeys(r.size for r in rows if r.task == task))
            for name in dict.fromkeys(r.implementation for r in rows if r.task == task):
                marker, colour = LOOKS[name]
                points = [
                    (sizes.index(r.size), r.speedup)
                    for r in rows
                    if (r.task, r.implementation) == (task, name)
                ]
                axes.plot(*zip(*points, strict=True), marker=marker, color=colour, label=name, linewidth=1.0)
            axes.axhline(1.0, color="#8a8a8a", linewidth=0.8)
            axes.set_yscale("log")
            low, high = axes.get_ylim()
            axes.set_ylim(min(low, 0.7), max(high, 2.2))
            axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
            axes.yaxis.set_minor_locator(NullLocator())
            axes.set_xticks(range(len(sizes)), sizes, fontsize=7 if len(sizes) < 4 else 6)
            axes.set_title(task, fontsize=9)
            axes.set_ylabel(f"times {REFERENCE}", fontsize=8)
        for axes in panels[len(tasks) :]:
            axes.set_axis_off()
        shown = {
            label: line
            for axes in panels
            for line, label in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        style: dict[str, Any] = {"loc": "outside lower center", "ncols": 3, "frameon": False, "fontsize": 7}
        figure.legend(shown.values(), shown.keys(), **style)
        drawn = io.BytesIO()
        figure.savefig(drawn, format="png", dpi=160, metadata={"Software": None})
    write(path, drawn.getvalue())
