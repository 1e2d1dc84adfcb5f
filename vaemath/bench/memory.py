"""Memory that is kept: glibc otherwise gives large buffers back, and every new one is paged in again."""

from __future__ import annotations

import ctypes

from vaemath.errors import VaemathError

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # of mallopt(3)


def keep_memory() -> None:
    """Keep what is freed for the next buffer, until the process ends.

    Raises:
        VaemathError: the C library is not glibc.
    """
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        raise VaemathError("keep-memory: expected glibc, whose allocator can be told to") from None
    mallopt(_TRIM_THRESHOLD, ctypes.c_int(2**31 - 1))
    mallopt(_MMAP_MAX, ctypes.c_int(0))
