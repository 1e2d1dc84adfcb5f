"""A limit in time on what is tried for one line."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from vaemath.grade.errors import GradeError

SECONDS = 20.0  # for one line


class TooLongError(GradeError):
    """A line took longer than the limit."""


@contextmanager
def within(seconds: float = SECONDS) -> Iterator[None]:
    """Stop what runs inside after that many seconds.

    Raises:
        TooLongError: it took longer. Outside the main thread nothing is limited: signals arrive there only.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_: int, __: FrameType | None) -> None:
        raise TooLongError(f"not decided within {seconds:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
