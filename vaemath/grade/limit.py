"""A limit on the computing time that is spent on one line; a busy machine does not change what is said."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from vaemath.grade.errors import GradeError

SECONDS = 20.0  # of computing, for one line


class TooLongError(GradeError):
    """A line took longer than the limit."""


@contextmanager
def within(seconds: float = SECONDS) -> Iterator[None]:
    """Stop what runs inside after that many seconds of computing.

    Raises:
        TooLongError: it took longer. Outside the main thread nothing is limited: signals arrive there only.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_: int, __: FrameType | None) -> None:
        raise TooLongError(f"not decided within {seconds:g} s of computing")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
