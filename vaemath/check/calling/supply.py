"""What a function is called with: a symbolic array for each parameter, learnt from what it complains of.

Names suggest the first try (`vaemath.check.reading.names`); a call that raises says what it wanted
instead: a tuple, a dictionary, an object with attributes, more dimensions, a number, labels.
"""

from __future__ import annotations

import inspect
import linecache
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vaemath.check.reading.names import read_name

__all__ = ["Given", "Kind", "Supply", "adapt", "first_kinds"]

PRIMES = (11, 13, 17, 19, 23, 29)


@dataclass(frozen=True)
class Kind:
    """What stands for a parameter: latent, data, matrix, tril, row, weight, count, labels, object, dist,
    none, text; or a tuple of such (`parts` names them); or an array whose last axis holds `width` numbers.
    """

    word: str
    parts: tuple[str, ...] = ()
    width: int = 0


@dataclass
class Given:
    """One symbolic array that was supplied."""

    name: str
    shape: tuple[int, ...]
    kind: str


@dataclass
class Supply:
    """Makes arguments of the sizes asked for, and remembers what it made. `array(name, shape, kind)`
    gives the library's own symbolic array.
    """

    sizes: dict[str, int]
    array: Callable[[str, tuple[int, ...], str], Any]
    dist: Callable[[Any, Any], Any] | None = None
    given: dict[str, Given] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)

    def of(self, name: str, kind: Kind) -> Any:
        """The argument of that name."""
        if name not in self.made:
            self.made[name] = self._make(name, kind)
        return self.made[name]

    def _make(self, name: str, kind: Kind) -> Any:
        if kind.word == "none":
            return None
        if kind.word == "tuple":
            names = kind.parts or tuple(f"{name}[{k}]" for k in range(kind.width))
            return tuple(self.of(n, guess(n)) for n in names)
        if kind.word == "object":
            return Auto(self, name)
        if kind.word == "dist" and self.dist is not None:
            loc, scale = f"{name}.loc", f"{name}.scale"
            return self.dist(self._tensor(loc, Kind("latent")), self._tensor(scale, Kind("latent")))
        if kind.word == "count":
            value = self._count(name)
            self.counts[name] = value
            return value
        if kind.word == "text":
            return "cpu" if "device" in name else "sum"
        if kind.word == "labels":
            return self.array(name, (self.sizes["batch"],), "labels")
        return self._tensor(name, kind)

    def _count(self, name: str) -> int:
        low = name.lower()
        for words, size in (
            ("batch bs", "batch"),
            ("latent z_dim zdim nz", "latent"),
            ("input x_dim xdim data pixel", "data"),
        ):
            if any(w in low for w in words.split()) and "num" not in low:
                return self.sizes[size]
        return PRIMES[len(self.counts) % len(PRIMES)] + (self.sizes.get("shift", 0))

    def _tensor(self, name: str, kind: Kind) -> Any:
        batch, extra = self.sizes["batch"], self.sizes.get("extra", 0)
        middle = (self.sizes.get("side", 2),) * extra if self.sizes.get("channels_first", 1) else ()
        size = self.sizes["data" if kind.word == "data" else "latent"]
        shape: tuple[int, ...] = (batch, size, *middle)
        if kind.word in ("matrix", "tril"):
            shape = (batch, size, size)
        elif kind.word == "row":
            shape = (batch,)
        elif kind.word == "weight":
            shape = ()
        elif kind.width:
            shape, kind = (batch, size, kind.width), Kind("stacked")
        elif kind.word == "packed":
            shape = (batch, 2 * size, *middle)
        if self.sizes.get("unbatched") and len(shape) > 1:
            shape = shape[1:]
        self.given[name] = Given(name, shape, kind.word)
        return self.array(name, shape, kind.word)


class Auto(dict[Any, Any]):
    """An object (or dictionary) of which nothing is known: what is asked of it is made by its name."""

    def __init__(self, supply: Supply, name: str) -> None:
        super().__init__()
        object.__setattr__(self, "_supply", supply)
        object.__setattr__(self, "_name", name)

    def _ask(self, key: str, shown: str) -> Any:
        if key in ("training",):
            return True
        return self._supply.of(shown, guess(key, inside=True))

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):
            raise AttributeError(key)
        return self._ask(key, f"{self._name}.{key}")

    def __getitem__(self, key: Any) -> Any:
        if dict.__contains__(self, key):
            return dict.__getitem__(self, key)
        if isinstance(key, int) and key > 8:
            raise IndexError("index out of range")
        return self._ask(str(key), f"{self._name}[{key!r}]")

    def get(self, key: Any, default: Any = None) -> Any:
        return self[key] if default is None else default

    def __contains__(self, key: Any) -> bool:
        return True

    def __bool__(self) -> bool:
        return True


def guess(name: str, *, inside: bool = False) -> Kind:
    """The kind that a name suggests."""
    role = read_name(name).role
    table = {
        "x": "data",
        "recon": "data",
        "matrix": "matrix",
        "weight": "weight",
        "count": "count",
        "dist": "dist",
        "object": "object",
        "text": "text",
        "mask": "row",
    }
    if role == "matrix" and read_name(name).conventions == ("scale_tril",):
        return Kind("tril")
    if role == "unknown" and inside:
        return Kind("weight")
    return Kind(table.get(role, "latent"))


def first_kinds(
    parameters: list[inspect.Parameter], fixed: dict[str, str], function: Any = None
) -> dict[str, Kind]:
    """The kinds to try first, for every parameter that has to be given; `fixed` says some of them."""
    out = {}
    for p in parameters:
        if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            continue
        if p.name in fixed:
            out[p.name] = Kind(fixed[p.name])
        elif p.default is p.empty:
            out[p.name] = guess(p.name)
        elif (
            read_name(p.name).role == "weight"
            and isinstance(p.default, int | float)
            and not isinstance(p.default, bool)
        ):
            out[p.name] = Kind("weight")
    source = _source(function) if function is not None else ""
    for n in out:
        columns = [
            int(k) for k in re.findall(rf"\b{re.escape(n)}\[\s*(?:\.\.\.|:,\s*:|:),\s*(\d)\s*\]", source)
        ]
        if columns and out[n].word in ("latent", "object", "data"):
            out[n] = Kind("latent", (), max(columns) + 1)
    tensors = [k for k in out.values() if k.word in ("latent", "data", "matrix", "dist", "object", "tuple")]
    if len(out) and not tensors:
        out = {
            n: Kind("latent") if k.word in ("weight", "count", "row", "text") else k for n, k in out.items()
        }
    return out


def adapt(
    error: BaseException,
    kinds: dict[str, Kind],
    sizes: dict[str, int],
    function: Any,
    variadic: dict[str, str],
) -> bool:
    """Change `kinds` or `sizes` as the error asks for; False if there is nothing left to change."""
    text, line = f"{error}", _failing_line(error)
    names = [n for n in re.findall(r"\w+", line) if n in kinds]
    before = (dict(kinds), dict(sizes))
    _adapt(error, text, line, names, kinds, sizes, variadic, function)
    return (dict(kinds), dict(sizes)) != before


def _adapt(
    error: BaseException,
    text: str,
    line: str,
    names: list[str],
    kinds: dict[str, Kind],
    sizes: dict[str, int],
    variadic: dict[str, str],
    function: Any,
) -> None:
    if isinstance(error, KeyError) and "VAR_KEYWORD" in variadic:
        name = str(error.args[0])
        kinds[name] = (
            guess(name) if read_name(name).role in ("loc", "spread", "x", "recon") else Kind("weight")
        )
        return
    found = re.search(r"has no attribute '(\w+)'", text)
    if found:
        for n in [*re.findall(rf"(\w+)\.{found.group(1)}\b", line), *names]:
            if n in kinds and kinds[n].word not in ("object", "dist"):
                of_dist = found.group(1) in (
                    "loc",
                    "scale",
                    "stddev",
                    "variance",
                    "rsample",
                    "log_prob",
                    "entropy",
                )
                kinds[n] = Kind("dist" if of_dist and kinds[n].word != "dist" else "object")
                return
    found = re.search(
        r"(too many values to unpack|not enough values to unpack|cannot unpack)(?:.*expected (\d+))?", text
    )
    if found:
        left, _, right = line.partition("=")
        targets = [t.strip(" ()[]") for t in left.split(",") if t.strip(" ()[]")]
        for n in re.findall(r"\w+", right):
            if n in kinds:
                kinds[n] = Kind(
                    "tuple",
                    tuple(targets) if all(t.isidentifier() for t in targets) else (),
                    int(found.group(2) or 2),
                )
                return
    found = re.search(r"(\w+)\[\s*['\"]", line)
    if found and found.group(1) in kinds and kinds[found.group(1)].word != "object":
        kinds[found.group(1)] = Kind("object")
        return
    found = re.search(r"index (\d+) is out of bounds for (?:dimension|axis)", text)
    if found and names:
        n = re.search(r"(\w+)\[\s*(?:\.\.\.|:)", line)
        which = n.group(1) if n and n.group(1) in kinds else names[0]
        if kinds[which].width < 6:
            kinds[which] = Kind("latent", (), int(found.group(1)) + 1)
            return
    found = re.search(
        r"shape '?\[([-\d, ]+)\]'? is invalid for input of size"
        r"|cannot reshape array of size \d+ into shape \(([-\d,]+)\)",
        text,
    )
    if found:
        wanted = [int(w) for w in re.findall(r"-?\d+", found.group(1) or found.group(2))]
        size = int(np.prod([w for w in wanted[1:] if w > 0]))
        if 1 < size <= 1024 and sizes["data"] != size:
            sizes["data"], sizes["batch"] = size, 2
            return
    if (
        re.search(
            r"Dimension out of range|out of bounds for array of dimension|axis \d+ is out of bounds"
            r"|too many indices|not enough dim",
            text,
        )
        and sizes.get("extra", 0) < 3
    ):
        sizes["extra"] = sizes.get("extra", 0) + 1
        return
    if re.search(
        r"expected (scalar type|dtype) (Long|Int)|expected.*Long|must be.*int64|class indices", text
    ):
        for n in [*names, *kinds]:
            if read_name(n).role == "x" and kinds[n].word == "data":
                kinds[n] = Kind("labels")
                return
    if re.search(
        r"square|batches of matrices|at least 2|2-dimensional"
        r"|must have the same number of dim|2-D|Matrix|mat1",
        text,
    ):
        for n in kinds:
            if read_name(n).role in ("spread", "unknown", "matrix") and kinds[n].word == "latent":
                kinds[n] = Kind("matrix")
                sizes["latent"] = 2
        if any(k.word in ("matrix", "tril") for k in kinds.values()):
            return
    if any(k.word in ("matrix", "tril") for k in kinds.values()) and not sizes.get("unbatched"):
        sizes["unbatched"] = 1
        return
    if re.search(
        r"cannot be interpreted as an integer|only integer|converted to an index"
        r"|must be int|slice indices|can't multiply",
        text,
    ):
        for n in names:
            if kinds[n].word in ("weight", "row", "latent", "object"):
                kinds[n] = Kind("count")
                return
    if "not callable" in text or "is not iterable" in text:
        return
    source = _source(function)
    if "size of tensor" in text or "broadcast" in text:
        for n, k in kinds.items():
            packed = rf"\b{re.escape(n)}\b[^\n]*(chunk|split|\[)|(chunk|split)\(\s*{re.escape(n)}\b"
            if k.word == "latent" and not k.width and re.search(packed, source):
                kinds[n] = Kind("packed")
                return
    if re.search(
        r"size of tensor|could not be broadcast|Using a target size|broadcastable"
        r"|mismatch|shapes .* not aligned",
        text,
    ):
        if any(k.word == "row" for k in kinds.values()):
            for n, k in list(kinds.items()):
                if k.word == "row":
                    kinds[n] = Kind("latent")
            return
        if sizes["data"] != sizes["latent"]:
            sizes["data"] = sizes["latent"]
            return
    found = re.search(r"argument '?(\w+)'?", text)
    if found and found.group(1) in kinds and kinds[found.group(1)].word == "latent":
        kinds[found.group(1)] = Kind("weight")
        return
    for n in names:
        if kinds[n].word == "dist":
            kinds[n] = Kind("latent")
            return
        if kinds[n].word == "object":
            kinds[n] = Kind("dist")
            return


def _source(function: Any) -> str:
    try:
        return inspect.getsource(inspect.unwrap(function))
    except (OSError, TypeError):
        return ""


def _failing_line(error: BaseException) -> str:
    """The source line, outside of the libraries, at which it was raised."""
    best = ""
    for frame in traceback.extract_tb(error.__traceback__):
        place = frame.filename
        if "site-packages" in place or "vaemath/check" in place or place.startswith("<frozen"):
            continue
        best = linecache.getline(place, frame.lineno or 0).strip() or frame.line or best
    return best
