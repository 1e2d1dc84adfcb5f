"""A lifted function as the judging side sees it: terms, values, and what was given, read from a reply."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vaemath.check.calling.wire import unpack
from vaemath.check.core import Term
from vaemath.check.judge.decompose import split_name

__all__ = ["Lifted", "Part", "read_reply"]


@dataclass
class Part:
    """One array of a result: its terms (None where only numbers were asked for) and its values."""

    name: str
    terms: Any
    values: Any
    slopes: dict[str, Any] = field(default_factory=dict)  # parameter -> terms of the gradient of the sum
    flows: bool | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(np.shape(self.values))


@dataclass
class Lifted:
    """One run of the function."""

    parts: dict[str, Part]
    shapes: dict[str, tuple[int, ...]]
    kinds: dict[str, str]
    conditions: list[tuple[str, Term]]
    draws: dict[str, str]
    counts: dict[str, int]
    inputs: dict[str, Any]
    reply: dict[str, Any]

    @property
    def point(self) -> dict[str, float]:
        """The numbers at which the function was run, by the symbols that stood for them."""
        out: dict[str, float] = {}
        for name, values in self.inputs.items():
            for i in np.ndindex(values.shape):
                out[f"{name}|{','.join(map(str, i))}"] = float(values[i])
        return out


def read_reply(reply: dict[str, Any]) -> Lifted:
    """Read what the worker sent of one run. Packed arguments are taken apart: halves of an axis, or the
    places of the last one, are parameters of their own.
    """
    terms = unpack(reply["rows"], reply["heads"])
    parts: dict[str, Part] = {}
    at = 0
    for name, shape in reply["shapes"].items():
        size = int(np.prod(shape))
        block = np.empty(size, dtype=object)
        block[:] = terms[at : at + size]
        at += size
        values = np.asarray(reply["values"][name]).reshape(shape)
        base, tick, leaf = name.partition("'")
        if tick:
            parts[base].slopes[leaf] = block.reshape(shape)
        else:
            parts[name] = Part(name, block.reshape(shape), values, flows=reply.get("flows", {}).get(name))
    conditions = list(zip(reply["conditions"], terms[at:], strict=True))
    return Lifted(
        parts,
        {g["name"]: tuple(g["shape"]) for g in reply["given"]},
        {g["name"]: g["kind"] for g in reply["given"]},
        conditions,
        reply["draws"],
        reply["counts"],
        {n: np.asarray(v).reshape(s) for n, (s, v) in reply["inputs"].items()},
        reply,
    )


def plain_name(symbol_: Term) -> str:
    """The parameter that a symbol belongs to."""
    return split_name(symbol_)[0]
