"""What a certificate may look like: every key, every type, and how large anything may be.

Whoever writes a certificate may be an enemy, so nothing in it is used before it has passed here. What
passes can be walked, printed and handed to the rules without a surprise: references lead backwards,
nothing is nested deeply, no number and no written-out term is huge, and no string holds what a terminal
or a reader would take for something else. Whether it *proves* anything is for the rules to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from vaemath.errors import FalseError

FORMAT = 1

# Limits, ten times or more what any theorem of ours needs.
BYTES = 4_000_000  # of a file
DIGITS = 400  # of an integer
ROWS = 20_000  # terms, or steps
BLOCKS = 200
LINES = 2_000  # of a block
ITEMS = 500  # arguments, premises, entries of a parameter
LETTERS = 400  # of a title, a source or a reason
NAME = 40  # letters of a name
NESTING = 12  # of lists inside data and parameters
DEPTH = 160  # of a term, and
TREE = 200_000  # its nodes when it is written out
EXPONENT = 256  # numerator and denominator
DEGREE = 20_000  # bits of a number, or degree of a polynomial, once powers are multiplied out

_HUGE = 10**DIGITS
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_BLOCK = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", re.ASCII)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_SYMBOL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*'{0,3}(?:#[0-9]{1,6})?", re.ASCII)
_ORACLE = re.compile(r"[a-z0-9_]+(?:[.-][a-z0-9_]+)*", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


class CertificateError(FalseError):
    """A certificate is damaged, was edited, or does not prove what it says."""


def is_id(text: str) -> bool:
    """May this be the id of a theorem, and so the name of its file?"""
    return len(text) <= NAME + 24 and _SLUG.fullmatch(text) is not None


def shown(value: Any) -> str:
    """A value for a message: plain letters, and not many."""
    text = ascii(value)
    return text if len(text) <= 60 else text[:57] + "..."


def check(data: Any) -> dict[str, Any]:
    """The certificate, when it has the form of one.

    Raises:
        CertificateError: the first thing that is not as it should be: where, what it is, what was expected.
    """
    if type(data) is not dict:
        raise _wrong("", data, "an object")
    if data.get("format") != FORMAT or type(data["format"]) is not int:
        raise CertificateError(f"expected a certificate of format {FORMAT}, got {shown(data.get('format'))}")
    fields = {"format", "id", "title", "sources", "terms", "steps", "blocks", "hash"}
    _fields("certificate", data, fields)
    _text("id", data["id"], is_id, "lower-case words joined by hyphens")
    _prose("title", data["title"])
    if not data["title"].strip():
        raise _wrong("title", data["title"], "words")
    for k, source in enumerate(_list("sources", data["sources"], ITEMS)):
        _prose(f"source {k}", source)
    _text("hash", data["hash"], _HASH.fullmatch, "64 hexadecimal digits")
    terms = _list("terms", data["terms"], ROWS)
    steps = _list("steps", data["steps"], ROWS)
    inner = _terms(terms)
    used = [_step(f"step {k}", step, k, len(terms)) for k, step in enumerate(steps)]
    names: set[str] = set()
    if not _list("blocks", data["blocks"], BLOCKS):
        raise CertificateError("blocks: there is none; a certificate proves at least one theorem")
    for k, block in enumerate(data["blocks"]):
        _block(f"block {k}", block, len(steps), len(terms))
        if block["name"] in names:
            raise CertificateError(f"block {k}: the name `{block['name']}` is taken by a block before it")
        names.add(block["name"])
    _all_used(data, used, inner)
    return data


def _wrong(place: str, value: Any, expected: str) -> CertificateError:
    return CertificateError(f"{place}: expected {expected}, got {shown(value)}".removeprefix(": "))


def _fields(place: str, value: Any, names: set[str]) -> None:
    if type(value) is not dict:
        raise _wrong(place, value, "an object")
    for name in sorted(names - value.keys()):
        raise CertificateError(f"{place}: `{name}` is missing")
    for name in sorted(value.keys() - names):
        raise CertificateError(f"{place}: unknown key {shown(name)}")


def _list(place: str, value: Any, limit: int) -> list[Any]:
    if type(value) is not list:
        raise _wrong(place, value, "a list")
    if len(value) > limit:
        raise CertificateError(f"{place}: {len(value)} entries, at most {limit} are read")
    return value


def _text(place: str, value: Any, good: Callable[[str], object], expected: str, limit: int = 64) -> None:
    if type(value) is not str or len(value) > limit or not good(value):
        raise _wrong(place, value, expected)


def _prose(place: str, value: Any) -> None:
    """Words for a reader: what could move the cursor, turn the direction or hide is refused."""
    if type(value) is not str:
        raise _wrong(place, value, "text")
    if len(value) > LETTERS:
        raise CertificateError(f"{place}: {len(value)} letters, at most {LETTERS} are read")
    for letter in value:
        if not letter.isprintable():
            raise CertificateError(f"{place}: the character U+{ord(letter):04X} is not printable")


def _index(place: str, value: Any, count: int, what: str) -> int:
    if type(value) is not int:
        raise _wrong(place, value, f"the number of a {what}")
    if not 0 <= value < count:
        raise CertificateError(f"{place}: a reference to {what} {shown(value)}, where {count} stand before")
    return value


def _value(place: str, value: Any, count: int, depth: int = 0) -> Iterator[int]:
    """The terms that plain data or a parameter refers to."""
    if type(value) is int:
        if not -_HUGE < value < _HUGE:
            raise CertificateError(f"{place}: a number of more than {DIGITS} digits")
    elif type(value) is str:
        _text(place, value, lambda s: not s or _SYMBOL.fullmatch(s), "a name", NAME)
    elif depth >= NESTING:
        raise CertificateError(f"{place}: nested more than {NESTING} deep")
    elif type(value) is list:
        for x in _list(place, value, ITEMS):
            yield from _value(place, x, count, depth + 1)
    elif type(value) is dict and value.keys() == {"term"}:
        yield _index(place, value["term"], count, "term")
    elif type(value) is dict and value.keys() == {"map"}:
        if depth:
            raise _wrong(place, value, "a map that is a parameter itself")
        keys = set()
        for pair in _list(place, value["map"], ITEMS):
            if type(pair) is not list or len(pair) != 2:
                raise _wrong(place, pair, "a pair of terms")
            yield from (_index(place, x, count, "term") for x in pair)
            if pair[0] in keys:
                raise CertificateError(f"{place}: term {pair[0]} is mapped twice")
            keys.add(pair[0])
    else:
        raise _wrong(place, value, "an integer, a name, a list or a term")


def _terms(rows: list[Any]) -> list[list[int]]:
    """Each row, and how deep and how large its term is when it is written out; the terms in each."""
    sizes: list[tuple[int, int, int]] = []
    seen: dict[str, int] = {}
    inner: list[list[int]] = []
    for k, row in enumerate(rows):
        place = f"term {k}"
        if type(row) is not list or len(row) != 3:
            raise _wrong(place, row, "a head, its data and its arguments")
        head, data, args = row
        _text(place, head, _WORD.fullmatch, "a head", NAME)
        parts = [_index(place, a, k, "term") for a in _list(place, args, ITEMS)]
        _list(place, data, NESTING)
        if head in ("sym", "lam"):  # a name comes first; a binder may have none
            _text(place, data[0] if data else None, lambda s: s or head == "lam", "a name", NAME)
        for d in data:
            if type(d) is dict and "map" in d:
                raise _wrong(place, d, "data of a term")
            parts.extend(_value(place, d, k))
        inner.append(parts)
        sizes.append(_size(place, head, data, [sizes[p] for p in parts]))
        if seen.setdefault(repr(row), k) != k:
            raise CertificateError(f"{place}: written a second time; it is term {seen[repr(row)]}")
    return inner


def _size(place: str, head: str, data: list[Any], parts: list[tuple[int, int, int]]) -> tuple[int, int, int]:
    depth = 1 + max((d for d, _, _ in parts), default=0)
    tree = 1 + sum(n for _, n, _ in parts)
    degrees = [w for _, _, w in parts]
    degree = sum(degrees) if head in ("mul", "matmul", "scale") else max(degrees, default=1)
    if head == "num":
        degree = max((x.bit_length() for x in data if type(x) is int), default=1)
    if head == "pow":
        worst = max((abs(x) for x in data if type(x) is int), default=1)
        if worst > EXPONENT:
            raise CertificateError(f"{place}: an exponent beyond {EXPONENT}")
        degree *= max(worst, 1)
    if depth > DEPTH:
        raise CertificateError(f"{place}: nested more than {DEPTH} deep")
    if tree > TREE:
        raise CertificateError(f"{place}: more than {TREE} nodes when it is written out")
    if degree > DEGREE:
        raise CertificateError(f"{place}: powers that multiply out beyond {DEGREE}")
    return depth, tree, degree


def _step(place: str, step: Any, before: int, terms: int) -> list[int]:
    """One step; the terms in it."""
    _fields(place, step, {"rule", "premises", "params", "statement"})
    _text(f"{place}: rule", step["rule"], _WORD.fullmatch, "the name of a rule", NAME)
    for p in _list(f"{place}: premises", step["premises"], ITEMS):
        _index(place, p, before, "step")
    if type(step["params"]) is not dict or len(step["params"]) > ITEMS:
        raise _wrong(f"{place}: params", step["params"], "an object")
    used = [_index(place, step["statement"], terms, "term")]
    for name, value in step["params"].items():
        _text(f"{place}: params", name, _WORD.fullmatch, "the name of a parameter", NAME)
        used.extend(_value(f"{place}: `{name}`", value, terms))
    return used


def _block(place: str, block: Any, steps: int, terms: int) -> None:
    _fields(place, block, {"name", "title", "lines", "step", "hypotheses", "oracles"})
    _text(f"{place}: name", block["name"], _BLOCK.fullmatch, "lower-case words joined by hyphens")
    _prose(f"{place}: title", block["title"])
    if not _list(f"{place}: lines", block["lines"], LINES):
        raise CertificateError(f"{place}: it has no line")
    for line in block["lines"]:
        _fields(f"{place}: line", line, {"step", "reason"})
        _index(f"{place}: line", line["step"], steps, "step")
        _prose(f"{place}: reason", line["reason"])
    _index(place, block["step"], steps, "step")
    hypotheses = [_index(place, h, terms, "term") for h in _list(place, block["hypotheses"], ITEMS)]
    oracles = _list(f"{place}: oracles", block["oracles"], ITEMS)
    for o in oracles:
        _text(f"{place}: oracle", o, _ORACLE.fullmatch, "the name of an oracle")
    for what, entries in (("hypotheses", hypotheses), ("oracles", oracles)):
        if len(set(entries)) != len(entries):
            raise CertificateError(f"{place}: {what}: one stands there twice")


def _all_used(data: Mapping[str, Any], used: list[list[int]], inner: list[list[int]]) -> None:
    """Nothing lies beside the proof: each step is used by a block, each term by a step or a block."""
    steps, terms = set(), set()
    for b in data["blocks"]:
        steps |= {b["step"], *(line["step"] for line in b["lines"])}
        terms |= {*b["hypotheses"]}
    for k in range(len(data["steps"]) - 1, -1, -1):
        if k not in steps:
            raise CertificateError(f"step {k}: no block uses it")
        steps.update(data["steps"][k]["premises"])
        terms.update(used[k])
    for k in range(len(data["terms"]) - 1, -1, -1):
        if k not in terms:
            raise CertificateError(f"term {k}: no step uses it")
        terms.update(inner[k])
