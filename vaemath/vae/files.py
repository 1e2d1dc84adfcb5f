"""Writing a file whole or not at all, with an error of one line."""

import contextlib
import os
from pathlib import Path

from vaemath.errors import VaemathError


def write_whole(path: Path, content: bytes) -> None:
    """Write beside, flush to the disk, then rename: a reader sees the old file or the new one.

    Raises `VaemathError` (full disk, unwritable directory); the old file is then untouched.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        with open(beside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise cannot_write(path, error) from None
    _flush_directory(path.parent)


def make_directory(path: Path) -> None:
    """Create a directory and its parents; raise `VaemathError` if it cannot be written to."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise VaemathError(f"out: got {path}, which is not writable; expected a writable directory")


def cannot_write(path: Path, error: OSError) -> VaemathError:
    """The one line for a write that failed."""
    return VaemathError(f"out: cannot write {path} ({error.strerror or error}); earlier files are kept")


def _flush_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
