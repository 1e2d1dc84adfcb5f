"""The experiments: one per file, each a picture, a caption made from its numbers, and a tested claim."""

import importlib
import json
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from vaemath.cores import cores
from vaemath.errors import VaemathError
from vaemath.files import make_directory, write

EXPERIMENTS = {
    "digits": "The default VAE on digits",
    "linear_gaussian": "A model whose optimum is known",
    "mixture": "One normal, three normals, a latent",
    "jensen": "The gap of Jensen's inequality, and closing it",
    "regimes": "Fidelity, regularisation, both",
    "prior_hole": "Where the prior is not filled",
    "batchwise": "Batch-wise against element-wise KL",
    "interpolation": "Between two digits",
    "autoencoder": "Autoencoder against VAE",
    "gradients": "Two gradients of one expectation",
}


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

    Several run side by side, a process for each core, and come in the order in which they end. Each
    uses one thread, so that its numbers depend on the seed alone.

    Raises `VaemathError` for an unknown name or a folder that cannot be written to.
    """
    for name in names:
        if name not in EXPERIMENTS:
            expected = ", ".join(EXPERIMENTS)
            raise VaemathError(f"name: got {name!r}; expected one of {expected}")
    make_directory(out)
    for drawn in _side_by_side(list(dict.fromkeys(names or EXPERIMENTS)), out, seed):
        write(out / "index.md", _index(out))
        yield drawn


def _side_by_side(names: Sequence[str], out: Path, seed: int) -> Iterator[Drawn]:
    workers = min(cores(), len(names))
    if workers == 1:
        yield from (_run(name, out, seed) for name in names)
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        jobs = [pool.submit(_run, name, out, seed) for name in names]
        try:
            for job in as_completed(jobs):
                yield job.result()
        except BaseException:  # also Ctrl-C: what has not begun need not begin
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _run(name: str, out: Path, seed: int) -> Drawn:
    import torch

    from vaemath.vae.figures.style import save

    began = time.monotonic()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        outcome = importlib.import_module(f"vaemath.vae.experiments.{name}").run(seed=seed)
        picture = out / f"{name}.png"
        save(outcome.draw(), picture)
    finally:
        torch.set_num_threads(threads)
    write(out / f"{name}.md", outcome.caption + "\n")
    write(out / f"{name}.json", json.dumps(outcome.numbers, indent=1) + "\n")
    return Drawn(name, outcome.numbers, outcome.caption, picture, time.monotonic() - began)


def _index(out: Path) -> str:
    """Every picture in the folder with its caption: what the runs so far say."""
    parts = ["# The experiments, as run\n"]
    for name, title in EXPERIMENTS.items():
        caption = out / f"{name}.md"
        if caption.exists():
            parts.append(f"## {title}\n\n![{title}]({name}.png)\n\n{caption.read_text().strip()}\n")
    return "\n".join(parts)
