"""The speed table: times and, what matters, ratios to torch.distributions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import torch

from vaemath.bench.clock import best
from vaemath.bench.subjects import COVARIANCES, ELEMENTWISE, LOSSES, Pass, covariance, loss, standard

REFERENCE = "torch.distributions"


@dataclass(frozen=True)
class Row:
    """One implementation at one size.

    Attributes:
        task: what is computed, forward and backward, in float32.
        size: of the batch and the event.
        threads: of torch.
        microseconds: of one pass, the best of several.
        speedup: how many times faster than torch.distributions in the same run.
    """

    task: str
    size: str
    threads: int
    implementation: str
    microseconds: float
    speedup: float


def rows(*, threads: int = 1, compiled: bool = False, seconds: float = 2.0) -> Iterator[Row]:
    """The rows of the table, size by size; `compiled` adds torch.compile of the elementwise kernel."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        for shape in ELEMENTWISE:
            size = "x".join(map(str, shape))
            yield from _rows("kl_normal_standard", size, threads, standard(shape, compiled), seconds)
        for batch, d in COVARIANCES:
            for factors in (False, True):
                task = "kl_mvn" if factors else "kl_mvn_covariance"
                subjects = covariance(batch, d, factors=factors)
                yield from _rows(task, f"{batch}x{d}", threads, subjects, seconds)
        for shape in LOSSES:
            for name in ("gaussian", "bernoulli"):
                size = "x".join(map(str, shape))
                yield from _rows(f"loss_{name}", size, threads, loss(shape, name), seconds)
    finally:
        torch.set_num_threads(before)


def _rows(task: str, size: str, threads: int, subjects: Mapping[str, Pass], seconds: float) -> Iterator[Row]:
    times = best(subjects, seconds=seconds)
    for name, taken in times.items():
        yield Row(task, size, threads, name, taken * 1e6, times[REFERENCE] / taken)


def markdown(table: Iterable[Row]) -> str:
    """The table for the documentation."""
    lines = [
        "| task | size | threads | implementation | microseconds | times torch.distributions |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.task} | {r.size} | {r.threads} | {r.implementation} | {r.microseconds:.0f} | {r.speedup:.2f} |"
        for r in table
    ]
    return "\n".join(lines) + "\n"
