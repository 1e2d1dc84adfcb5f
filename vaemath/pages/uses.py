"""Which theorems of other derivations a line builds on, found in the certificates themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from vaemath import library

Shape = tuple[Any, ...]


class Uses:
    """Finds, below the steps of one certificate, the published statements of the others."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.shapes = _Shapes(data["terms"])
        self.published = _published(data["id"])
        self.memo: dict[int, tuple[tuple[str, str], ...]] = {}

    def of(self, step: int) -> tuple[tuple[str, str], ...]:
        """The theorems nearest to the step, as (id, name); none below a theorem found is named."""
        if step not in self.memo:
            s = self.data["steps"][step]
            known = self.published.get(self.shapes.of(s["statement"])) if s["premises"] else None
            if known is not None:
                self.memo[step] = (known,)
            else:
                below = [u for p in s["premises"] for u in self.of(p)]
                self.memo[step] = tuple(dict.fromkeys(below))
        return self.memo[step]


class _Shapes:
    """A term of a certificate as a nested tuple without the names of bound variables."""

    def __init__(self, rows: list[Any]) -> None:
        self.rows = rows
        self.memo: dict[int, int] = {}

    def of(self, k: int) -> int:
        if k not in self.memo:
            head, data, args = self.rows[k]
            inner = tuple(map(self.of, args))
            self.memo[k] = hash((head, inner, self._data(data[1:] if head == "lam" else data)))
        return self.memo[k]

    def _data(self, d: Any) -> Any:
        if isinstance(d, dict):
            return self.of(d["term"])
        return tuple(map(self._data, d)) if isinstance(d, list) else d


def _published(but: str) -> dict[int, tuple[str, str]]:
    """The statements of all other certificates, by shape."""
    found: dict[int, tuple[str, str]] = {}
    for path in sorted(library.CERTIFICATES.glob("*.json")):
        if path.stem == but:
            continue
        data = json.loads(path.read_text(encoding="utf-8"))
        shapes = _Shapes(data["terms"])
        for b in data["blocks"]:
            found.setdefault(shapes.of(data["steps"][b["step"]]["statement"]), (data["id"], b["name"]))
    return found
