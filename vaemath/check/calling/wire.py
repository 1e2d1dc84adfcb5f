"""Terms as JSON: rows of (head, data, arguments), each argument a row that stands before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vaemath.check.core import Term, read_terms

__all__ = ["pack", "unpack"]


def pack(terms: Sequence[Term]) -> tuple[list[Any], list[int]]:
    """The rows for these terms, and the row at which each of them stands."""
    rows: list[Any] = []
    places: dict[Term, int] = {}

    def place(term: Term) -> int:
        todo = [term]
        while todo:
            t = todo[-1]
            if t in places:
                todo.pop()
                continue
            missing = [a for a in t.args if a not in places]
            if missing:
                todo += missing
                continue
            places[t] = len(rows)
            rows.append([t.head, list(t.data), [places[a] for a in t.args]])
            todo.pop()
        return places[term]

    heads = [place(t) for t in terms]
    return rows, heads


def unpack(rows: list[Any], heads: list[int]) -> list[Term]:
    """The terms back, each node checked. Raises `VaemathError` for what is no term."""
    terms = read_terms(rows)
    return [terms[k] for k in heads]
