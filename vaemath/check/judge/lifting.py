"""A lifted function as the judging side sees it: terms, values, and what was given, read from a reply."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vaemath.check.calling.wire import unpack
from vaemath.check.core import Term, substitute, symbol
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
    given, terms, inputs = _apart(reply, terms)
    parts: dict[str, Part] = {}
    at = 0
    for name, shape in reply["shapes"].items():
        size = int(np.prod(shape))
        block = np.empty(size, dtype=object)
        block[:] = terms[at : at + size]
        at += size
        values = np.asarray(reply["values"][name]).reshape(shape)
        base, tick, leaf = name.partition("'")
        if tick and leaf not in given:
            parts[base].flows = None  # the gradient by a packed argument is not examined
        elif tick:
            parts[base].slopes[leaf] = block.reshape(shape)
        else:
            parts[name] = Part(name, block.reshape(shape), values, flows=reply.get("flows", {}).get(name))
    conditions = list(zip(reply["conditions"], terms[at:], strict=True))
    return Lifted(
        parts,
        {n: shape for n, (shape, _) in given.items()},
        {n: kind for n, (_, kind) in given.items()},
        conditions,
        reply["draws"],
        reply["counts"],
        inputs,
        reply,
    )


def _apart(reply: dict[str, Any], terms: list[Term]) -> tuple[dict[str, Any], list[Term], dict[str, Any]]:
    """Packed arguments taken apart, in what was given, in the terms and in the numbers."""
    given: dict[str, Any] = {}
    inputs = {n: np.asarray(v).reshape(s) for n, (s, v) in reply["inputs"].items()}
    places: dict[str, Any] = {}  # packed parameter -> (new name, new index) of an index
    for g in reply["given"]:
        name, shape, kind = g["name"], tuple(g["shape"]), g["kind"]
        if kind == "packed":
            half = shape[1] // 2
            for k, part in enumerate((f"{name}[:, :d]", f"{name}[:, d:]")):
                given[part] = ((shape[0], half, *shape[2:]), "latent")
                if name in inputs:
                    inputs[part] = inputs[name][:, k * half : (k + 1) * half]
            places[name] = lambda i, n=name, h=half: (
                f"{n}[:, {':d' if i[1] < h else 'd:'}]",
                (i[0], i[1] % h, *i[2:]),
            )
        elif kind == "stacked":
            for k in range(shape[-1]):
                given[f"{name}[..., {k}]"] = (shape[:-1], "latent")
                if name in inputs:
                    inputs[f"{name}[..., {k}]"] = inputs[name][..., k]
            places[name] = lambda i, n=name: (f"{n}[..., {i[-1]}]", i[:-1])
        else:
            given[name] = (shape, kind)
    if not places:
        return given, terms, inputs

    def new(s: Term) -> Term:
        name, index = split_name(s)
        if name not in places:
            return s
        name, index = places[name](index)
        return symbol(f"{name}|{','.join(map(str, index))}", s.sort)

    return given, [substitute(t, {s: new(s) for s in t.free}) for t in terms], inputs
