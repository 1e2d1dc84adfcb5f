"""Reading files that are files, and writing them so that nothing is ever half-written."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from vaemath.errors import VaemathError


def read(path: Path, *, limit: int, expected: str, follow: bool = True) -> bytes:
    """The bytes of a regular file; a pipe, a device or a directory is refused without waiting for it.

    Args:
        path: of the file.
        limit: bytes that are read at most.
        expected: what the file should be, for messages.
        follow: may the path be a link?

    Raises:
        VaemathError: there is none, it is no regular file, it is larger than the limit, or may not be read.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | (0 if follow else os.O_NOFOLLOW)
    try:
        if not follow and path.is_symlink():
            raise VaemathError(f"{path}: is a link; expected {expected}, as a plain file")
        with open(os.open(path, flags), "rb") as file:
            kind = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(kind):
                raise VaemathError(f"{path}: is {_kind(kind)}; expected {expected}")
            content = file.read(limit + 1)
    except FileNotFoundError:
        raise VaemathError(f"{path}: no such file; expected {expected}") from None
    except IsADirectoryError:
        raise VaemathError(f"{path}: is a directory; expected {expected}") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise VaemathError(f"{path}: cannot be read: {why}; expected {expected}") from None
    if len(content) > limit:
        raise VaemathError(f"{path}: larger than {limit} bytes; expected {expected}")
    return content


def read_text(path: Path, *, limit: int, expected: str) -> str:
    """The text of a regular file in UTF-8; a mark of the byte order at its start is left out.

    Raises:
        VaemathError: as `read`, or it is not UTF-8.
    """
    content = read(path, limit=limit, expected=expected)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise VaemathError(f"{path}: byte {error.start} is not UTF-8; expected {expected}") from None


def _kind(mode: int) -> str:
    """What a file is that is no regular one."""
    kinds = ((stat.S_ISDIR, "a directory"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return next((words for test, words in kinds if test(mode)), "a device")


def private_directory(path: Path) -> Path:
    """A directory that its owner alone can enter, made where there is none.

    Raises:
        VaemathError: it cannot be made, belongs to somebody else, is a link, or others may enter it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
        found = path.lstat()
    except OSError as error:
        raise cannot_write(path, error) from None
    if not stat.S_ISDIR(found.st_mode):
        raise VaemathError(f"{path}: is no directory; expected one that you alone can enter")
    if found.st_uid != os.getuid():
        raise VaemathError(f"{path}: belongs to user {found.st_uid}; expected a directory of your own")
    if stat.S_IMODE(found.st_mode) & 0o077:
        mode = stat.S_IMODE(found.st_mode)
        raise VaemathError(f"{path}: others may enter it (mode {mode:04o}); expected mode 0700")
    return path


def write(path: Path, content: str | bytes, *, mode: int = 0o666) -> None:
    """Write beside the target, flush to the disk, then rename: a reader sees the old file or the new one.

    Args:
        path: of the file.
        content: of the file.
        mode: who may read and write it, before the mask of the process.

    Raises:
        VaemathError: the directory cannot be written to, the disk is full, or the target is a pipe, a
            device or a directory; the target is untouched.
    """
    try:
        path = path.resolve() if path.is_symlink() else path
        if path.exists() and not path.is_file():
            kind = _kind(path.stat().st_mode)
            raise VaemathError(f"{path}: cannot be written: it is {kind}; expected a file or a new name")
        beside = path.with_name(f".{path.name}.part")
    except (OSError, ValueError) as error:
        raise VaemathError(f"{path}: cannot be written: {error}") from None
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except (OSError, ValueError) as error:
        with contextlib.suppress(OSError, ValueError):
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


def cannot_write(path: Path, error: OSError | ValueError) -> VaemathError:
    """The one line for a write that failed."""
    why = getattr(error, "strerror", None) or error
    return VaemathError(f"{path}: cannot be written: {why}; what was there is kept")


def _flush_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
