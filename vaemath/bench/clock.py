"""Timing that compares: all subjects in turn, round after round, the best round of each."""

from __future__ import annotations

import time
from collections.abc import Mapping

from vaemath.bench.subjects import Pass


def best(subjects: Mapping[str, Pass], *, seconds: float = 2.0) -> dict[str, float]:
    """The shortest time of one pass of each subject, in seconds.

    Every subject runs twice to warm up; then rounds follow until `seconds` have passed, at least three,
    or one where a round takes longer than that.
    """
    repeats: dict[str, int] = {}
    for name, run in subjects.items():
        run()
        started = time.perf_counter()
        run()
        repeats[name] = max(1, int(0.02 / max(time.perf_counter() - started, 1e-7)))
    found = dict.fromkeys(subjects, float("inf"))
    begun = time.perf_counter()
    rounds, longest = 0, 0.0
    while rounds < 1 or time.perf_counter() - begun < seconds or (rounds < 3 and longest < seconds):
        started_round = time.perf_counter()
        for name, run in subjects.items():
            started = time.perf_counter()
            for _ in range(repeats[name]):
                run()
            found[name] = min(found[name], (time.perf_counter() - started) / repeats[name])
        rounds += 1
        longest = max(longest, time.perf_counter() - started_round)
    return found
