"""Writing files so that nothing is ever half-written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from vaemath.errors import VaemathError


def write(path: Path, text: str) -> None:
    """Write beside the target, then rename over it.

    Raises:
        VaemathError: the directory cannot be written to, or the disk is full; the target is untouched.
    """
    try:
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as e:
        raise VaemathError(f"{path}: cannot be written: {e.strerror}") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(beside, 0o644)
        os.replace(beside, path)
    except OSError as e:
        Path(beside).unlink(missing_ok=True)
        raise VaemathError(f"{path}: cannot be written: {e.strerror}") from None
