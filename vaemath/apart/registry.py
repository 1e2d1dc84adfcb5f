"""The checkers of certificates, and the hash of all that decides what they say.

A checker is a module that ``python -m`` runs on the files of certificates. It prints one line a file, in
the order of the files, as soon as it knows, and nothing else:

    FILE: holds: some words
    FILE: refused: a reason

In place of FILE may stand its name without the ending; the word that accepts is the checker's own, and any
other refuses. A file without such a line was not checked, and counts as refused. All have to accept.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from vaemath import __version__

PACKAGE = Path(__file__).parent.parent


@dataclass(frozen=True)
class Checker:
    """One way to check a certificate.

    Attributes:
        name: for reports.
        module: what ``python -m`` runs.
        sources: the files and folders of the package that decide what it says, relative to it.
        accepts: the word that its line starts with when it accepts.
    """

    name: str
    module: str
    sources: tuple[str, ...]
    accepts: str = "holds"

    def files(self) -> list[Path]:
        """Its source files."""
        found: list[Path] = []
        for name in self.sources:
            path = PACKAGE / name
            found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
        return found


CHECKERS = (
    Checker(
        "replay",
        "vaemath.apart.replay",
        (
            "__init__.py",
            "errors.py",
            "files.py",
            "core",
            "terms",
            "proof",
            "apart/__init__.py",
            "apart/process.py",
            "apart/replay.py",
        ),
    ),
    Checker("recheck", "vaemath.recheck", ("__init__.py", "recheck.py")),
)


def checkers_hash() -> str:
    """The hash of all that decides whether a certificate is accepted."""
    found = hashlib.sha256(f"{__version__}\n".encode())
    for checker in CHECKERS:
        found.update(f"{checker.name} {checker.module}\n".encode())
        for path in checker.files():
            content = path.read_bytes()
            found.update(f"{path.relative_to(PACKAGE).as_posix()} {len(content)}\n".encode() + content)
    return found.hexdigest()
