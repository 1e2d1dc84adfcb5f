"""Which theorems of other derivations a line builds on, found in the certificates themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vaemath import library
from vaemath.pages.glance import Rows, glance
from vaemath.proof.stored import CertificateError


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

    def __init__(self, rows: Rows | list[Any]) -> None:
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
    for id in library.ids():
        if id == but:
            continue
        try:
            other = glance(id)
        except CertificateError:  # `list` and `verify` say so
            continue
        shapes = _Shapes(other.terms)
        for b in other.blocks:
            found.setdefault(shapes.of(other.steps[b["step"]]["statement"]), (id, b["name"]))
    return found
