"""A look into certificates: of one that `verify` signed only the rows that are asked for are parsed.

What nobody signed is read whole, as strictly as a certificate is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from vaemath import library
from vaemath.apart.signed import is_signed
from vaemath.proof.stored import read

SECTIONS = ("terms", "steps", "blocks")


class Rows:
    """The rows of one section, each parsed when it is first used."""

    def __init__(self, lines: list[str], parsed: dict[int, Any] | None = None, count: int = 0) -> None:
        self.lines = lines
        self.parsed: dict[int, Any] = parsed or {}
        self.count = count or len(lines)

    def __getitem__(self, k: int) -> Any:
        if k not in self.parsed:
            self.parsed[k] = json.loads(self.lines[k].rstrip(","))
        return self.parsed[k]

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(self.count))


@dataclass(frozen=True)
class Glance:
    """What a certificate says about itself, and its rows; `verified`: has `verify` accepted it here?"""

    id: str
    title: str
    sources: tuple[str, ...]
    hash: str
    terms: Rows
    steps: Rows
    blocks: Rows
    verified: bool


def glance(id: str) -> Glance:
    """Open the certificate of that id.

    Raises:
        UnknownTheorem: there is none.
        CertificateError: it is no certificate, or was edited.
    """
    return _opened(id, library.stored(id))


@lru_cache(maxsize=256)
def _opened(id: str, content: bytes) -> Glance:
    if not is_signed(content):
        return _whole(read(content, f"{id}.json", id=id))
    lines = content.decode().split("\n")
    rows: dict[str, Rows] = {}
    rest: list[str] = []
    at = 0
    while at < len(lines):
        name = next((s for s in SECTIONS if lines[at] == f'"{s}": ['), None)
        if name is None:
            rest.append(lines[at])
            at += 1
            continue
        end = next((k for k in range(at + 1, len(lines)) if lines[k] in ("]", "],")), len(lines))
        rows[name] = Rows(lines[at + 1 : end])
        at = end + 1
    if set(rows) != set(SECTIONS):  # verified, but not laid out as we lay them out
        return _whole(read(content, f"{id}.json", id=id), verified=True)
    head = {**json.loads("".join(rest)), **rows}
    return _glance(head, verified=True)


def _whole(data: dict[str, Any], *, verified: bool = False) -> Glance:
    rows = {s: Rows([], dict(enumerate(data[s])), len(data[s])) for s in SECTIONS}
    return _glance({**data, **rows}, verified=verified)


def _glance(c: dict[str, Any], *, verified: bool) -> Glance:
    sources = tuple(c["sources"])
    return Glance(
        c["id"], c["title"], sources, c["hash"], c["terms"], c["steps"], c["blocks"], verified=verified
    )
