"""A limit on the time that reading one file may take: what is hostile ends in one line, not in a hang."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from vaemath.codegen.lift.errors import LiftError

SECONDS = 60


@contextmanager
def within(name: str, seconds: int | None = None) -> Iterator[None]:
    """Raise if what is inside takes longer; in the main thread only, where signals arrive.

    Raises:
        LiftError: it took longer.
    """
    seconds = SECONDS if seconds is None else seconds
    if threading.current_thread() is not threading.main_thread() or signal.getitimer(signal.ITIMER_REAL)[0]:
        yield
        return

    def late(_signal: int, _frame: FrameType | None) -> None:
        raise LiftError(f"{name}: it takes more than {seconds} seconds to prove; expected a kernel")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
