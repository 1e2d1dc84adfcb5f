"""The experiments: one per file, each a picture, a caption made from its numbers, and a tested claim."""

import importlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vaemath.errors import VaemathError

EXPERIMENTS = (
    "digits",
    "linear_gaussian",
    "mixture",
    "jensen",
    "regimes",
    "prior_hole",
    "batchwise",
    "interpolation",
    "autoencoder",
    "gradients",
)


@dataclass(frozen=True)
class Drawn:
    """An experiment that was run and written to disk."""

    name: str
    numbers: dict[str, float]
    caption: str
    picture: Path
    seconds: float


def run_experiments(names: Sequence[str], *, out: Path, seed: int = 0) -> Iterator[Drawn]:
    """Run the named experiments (all if none is named), writing NAME.png, NAME.md, NAME.json and index.md.

    Raises `VaemathError` for an unknown name or a folder that cannot be written to.
    """
    for name in names:
        if name not in EXPERIMENTS:
            expected = ", ".join(EXPERIMENTS)
            raise VaemathError(f"name: got {name!r}; expected one of {expected}")
    from vaemath.vae.figures.style import save
    from vaemath.vae.files import make_directory, write_whole

    make_directory(out)
    for name in names or EXPERIMENTS:
        began = time.monotonic()
        outcome = importlib.import_module(f"vaemath.vae.experiments.{name}").run(seed=seed)
        picture = out / f"{name}.png"
        save(outcome.draw(), picture)
        write_whole(out / f"{name}.md", outcome.caption.encode() + b"\n")
        numbers = json.dumps(outcome.numbers, indent=1).encode()
        write_whole(out / f"{name}.json", numbers + b"\n")
        write_whole(out / "index.md", _index(out).encode())
        yield Drawn(name, outcome.numbers, outcome.caption, picture, time.monotonic() - began)


def _index(out: Path) -> str:
    """Every picture in the folder with its caption: what the runs so far say."""
    parts = ["# The experiments, as run\n"]
    for name in EXPERIMENTS:
        caption = out / f"{name}.md"
        if caption.exists():
            parts.append(f"## {name}\n\n![{name}]({name}.png)\n\n{caption.read_text().strip()}\n")
    return "\n".join(parts)
