"""Which certificates `verify` accepted here: a private record of their hashes.

A hash is that of the bytes of a certificate. The record holds for the checkers that made it: it is kept
under the hash of their sources, so an edit of a certificate, of a rule or of the reader leaves nothing
signed. It is yours alone: a record that others could have written is not read.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from functools import cache
from pathlib import Path

from vaemath.apart.registry import checkers_hash
from vaemath.errors import VaemathError
from vaemath.files import private_directory, read, write

_BYTES = 4_000_000


def folder() -> Path:
    """Where the record lies: vaemath/ in XDG_STATE_HOME, else in ~/.local/state."""
    state = os.environ.get("XDG_STATE_HOME", "")
    return (Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state") / "vaemath"


def hash_of(content: bytes) -> str:
    """The hash of a certificate's bytes."""
    return hashlib.sha256(content).hexdigest()


def is_signed(content: bytes) -> bool:
    """Did `verify` accept these very bytes, with the checkers of today?"""
    return hash_of(content) in _signed()


def sign(contents: list[bytes]) -> None:
    """Remember that all checks of `verify` accepted these certificates.

    Raises:
        VaemathError: the record cannot be written, or its folder is not private.
    """
    checkers = checkers_hash()
    known = _read(checkers) | {hash_of(c) for c in contents}
    place = private_directory(folder()) / "verified.json"
    write(place, json.dumps({"checkers": checkers, "certificates": sorted(known)}, indent=0), mode=0o600)
    _signed.cache_clear()


@cache
def _signed() -> frozenset[str]:
    """The record as this process found it."""
    return frozenset(_read(checkers_hash()))


def _read(checkers: str) -> set[str]:
    """The hashes on record for these checkers; none where the record is not to be believed."""
    with contextlib.suppress(VaemathError, OSError, ValueError, RecursionError, RuntimeError):
        place = folder()
        if place.is_dir() and private_directory(place):
            path = place / "verified.json"
            found = path.lstat()
            if found.st_uid == os.getuid() and not found.st_mode & 0o077:
                data = json.loads(read(path, limit=_BYTES, expected="the record of verify", follow=False))
                if isinstance(data, dict) and data.get("checkers") == checkers:
                    return {h for h in data["certificates"] if isinstance(h, str)}
    return set()
