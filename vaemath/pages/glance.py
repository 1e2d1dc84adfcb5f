"""A look into certificates without reading them whole: only the rows that are asked for are parsed.

Nothing is checked here; `show` reads its certificate with its hash, and `verify` checks them all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from vaemath import library
from vaemath.errors import VaemathError

SECTIONS = ("terms", "steps", "blocks")


class Rows:
    """The rows of one section, each parsed when it is first used."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.parsed: dict[int, Any] = {}

    def __getitem__(self, k: int) -> Any:
        if k not in self.parsed:
            self.parsed[k] = json.loads(self.lines[k].rstrip(","))
        return self.parsed[k]

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self.lines)))


@dataclass(frozen=True)
class Glance:
    """What a certificate says about itself, and its rows."""

    id: str
    title: str
    sources: tuple[str, ...]
    hash: str
    terms: Rows
    steps: Rows
    blocks: Rows


def glance(id: str) -> Glance:
    """Open the certificate of that id.

    Raises:
        UnknownTheorem: there is none.
        VaemathError: it is not written as certificates are.
    """
    path = library.CERTIFICATES / f"{id}.json"
    if not path.is_file():
        raise library.UnknownTheorem(f"no theorem `{id}`; `vaemath list` shows them all")
    lines = path.read_text(encoding="utf-8").splitlines()
    try:
        rows: dict[str, Rows] = {}
        rest: list[str] = []
        at = 0
        while at < len(lines):
            name = next((s for s in SECTIONS if lines[at] == f'"{s}": ['), None)
            if name is None:
                rest.append(lines[at])
                at += 1
                continue
            end = next(k for k in range(at + 1, len(lines)) if lines[k] in ("]", "],"))
            rows[name] = Rows(lines[at + 1 : end])
            at = end + 1
        head = json.loads("".join(rest))
        sources = tuple(head["sources"])
        return Glance(head["id"], head["title"], sources, head["hash"], *(rows[s] for s in SECTIONS))
    except (json.JSONDecodeError, KeyError, StopIteration, TypeError) as e:
        raise VaemathError(f"{path.name}: edited or damaged: {type(e).__name__}: {e}") from None
