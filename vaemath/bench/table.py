"""The speed table: times and, what matters, ratios to torch.distributions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import torch

from vaemath.bench.clock import best
from vaemath.bench.subjects import COVARIANCES, ELEMENTWISE, LOSSES, Pass, covariance, loss, standard
from vaemath.errors import VaemathError

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


def groups(compiled: bool) -> Iterator[tuple[str, str, Callable[[], Mapping[str, Pass]]]]:
    """Every task and size with what makes its subjects."""
    for shape in ELEMENTWISE:
        yield "kl_normal_standard", _size(shape), partial(standard, shape, compiled)
    for batch, d in COVARIANCES:
        for factors in (False, True):
            task = "kl_mvn" if factors else "kl_mvn_covariance"
            yield task, _size((batch, d)), partial(covariance, batch, d, factors=factors)
    for shape in LOSSES:
        for name in ("gaussian", "bernoulli"):
            yield f"loss_{name}", _size(shape), partial(loss, shape, name)


def rows(
    *,
    threads: Sequence[int] = (1, 2),
    compiled: bool = True,
    seconds: float = 2.0,
    task: str | None = None,
    report: Callable[[str], None] = lambda done: None,
) -> Iterator[Row]:
    """The rows of the table, size by size, for each number of threads.

    `compiled` adds torch.compile of the elementwise kernel; `task` asks for one task alone; `report`
    hears what is measured next.

    Raises:
        VaemathError: no such task.
    """
    tasks = list(dict.fromkeys(name for name, _, _ in groups(compiled)))
    if task is not None and task not in tasks:
        raise VaemathError(f"task: got {task!r}, expected one of {', '.join(tasks)}")
    before = torch.get_num_threads()
    try:
        for count in threads:
            torch.set_num_threads(count)
            for done, size, make in groups(compiled):
                if task not in (None, done):
                    continue
                report(f"{done} {size}, {count} thread{'s' if count > 1 else ''}")
                times = best(make(), seconds=seconds)
                for name, taken in times.items():
                    yield Row(done, size, count, name, taken * 1e6, times[REFERENCE] / taken)
    finally:
        torch.set_num_threads(before)


def _size(shape: tuple[int, int]) -> str:
    return "x".join(map(str, shape))


def markdown(table: Iterable[Row]) -> str:
    """The table for the documentation: for each size, how many times faster than torch.distributions."""
    found = list(table)
    names = [n for n in dict.fromkeys(r.implementation for r in found) if n != REFERENCE]
    head = ["task", "size", "threads", f"{REFERENCE}, µs", *names]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    by_size: dict[tuple[str, str, int], dict[str, Row]] = {}
    for r in found:
        by_size.setdefault((r.task, r.size, r.threads), {})[r.implementation] = r
    for (task, size, threads), cells in by_size.items():
        reference = f"{cells[REFERENCE].microseconds:.0f}" if REFERENCE in cells else ""
        ratios = [f"{cells[n].speedup:.2g}" if n in cells else "" for n in names]
        lines.append(f"| {' | '.join([task, size, str(threads), reference, *ratios])} |")
    return "\n".join(lines) + "\n"
