"""Writing files so that nothing is ever half-written."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from vaemath.errors import VaemathError


def write(path: Path, content: str | bytes) -> None:
    """Write beside the target, flush to the disk, then rename: a reader sees the old file or the new one.

    Raises:
        VaemathError: the directory cannot be written to, or the disk is full; the target is untouched.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        with open(beside, "wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise cannot_write(path, error) from None
    _flush_directory(path.parent)


def make_directory(path: Path) -> None:
    """Create a directory and its parents.

    Raises:
        VaemathError: it cannot be created, or not be written to.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise VaemathError(f"{path}: cannot be written: the directory is read-only; what was there is kept")


def cannot_write(path: Path, error: OSError) -> VaemathError:
    """The one line for a write that failed."""
    return VaemathError(f"{path}: cannot be written: {error.strerror or error}; what was there is kept")


def _flush_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
