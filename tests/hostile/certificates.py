"""Certificates as an enemy would write them: by kind, what each is, and why it is refused.

An entry edits the data of a good certificate (its hash is made to fit afterwards, as an enemy would), or
gives the bytes of a file. The words are part of the one line that refuses it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vaemath import library
from vaemath.proof.certificate import dumps
from vaemath.proof.stored import content_hash

BASE = "fair-die"
Edit = Callable[[dict[str, Any]], Any]


@dataclass(frozen=True)
class Hostile:
    """One certificate: its kind, how it is made, and what its refusal says."""

    kind: str
    make: Callable[[], bytes]
    words: str


FORMED: list[Hostile] = []  # refused for their form, before any rule runs
PROOFS: list[Hostile] = []  # of good form: the rules refuse them


def packed(data: dict[str, Any]) -> bytes:
    """The file of a certificate, its hash made to fit."""
    return json.dumps({**data, "hash": content_hash(data)}).encode()


def edited(kind: str, words: str, edit: Edit, base: str = BASE, into: list[Hostile] = FORMED) -> None:
    def make() -> bytes:
        data = copy.deepcopy(library.certificate(base))
        edit(data)
        if base != BASE:
            data["id"] = BASE
        return packed(data)

    into.append(Hostile(kind, make, words))


def raw(kind: str, words: str, make: Callable[[str], str | bytes]) -> None:
    def content() -> bytes:
        text = make(dumps(library.certificate(BASE)))
        return text.encode() if isinstance(text, str) else text

    FORMED.append(Hostile(kind, content, words))


def put(*way: Any) -> Edit:
    """The edit that puts the last of the words where the others lead."""
    *path, last, value = way

    def edit(data: dict[str, Any]) -> None:
        place: Any = data
        for k in path:
            place = place[k]
        place[last] = value

    return edit


def swapped(section: str, i: int, other: str, j: int, key: str) -> Edit:
    """The edit that exchanges a field of two entries."""

    def edit(data: dict[str, Any]) -> None:
        a, b = data[section][i], data[other][j]
        a[key], b[key] = b[key], a[key]

    return edit


def grown(rows: Callable[[int], list[Any]], count: int) -> Edit:
    """The edit that adds terms, each made from the number of the one before it, and uses the last."""

    def edit(data: dict[str, Any]) -> None:
        for _ in range(count):
            data["terms"].append(rows(len(data["terms"]) - 1))
        data["steps"][0]["params"]["left"] = {"term": len(data["terms"]) - 1}

    return edit


# --- what is no JSON, or more than JSON
raw("empty", "not a certificate", lambda t: "")
raw("half a file", "not a certificate", lambda t: t[: len(t) // 2])
raw("not JSON", "not a certificate", lambda t: "certainly true")
raw("a script", "not a certificate", lambda t: "import os\nos._exit(0)\n")
raw("two certificates", "not a certificate: Extra data", lambda t: t + t)
raw("a byte order mark", "byte order mark", lambda t: b"\xef\xbb\xbf" + t.encode())
raw("UTF-16", "is not UTF-8", lambda t: t.encode("utf-16"))
raw("Latin-1", "is not UTF-8", lambda t: t.replace("fair die", "fair d\xefe").encode("latin-1"))
raw("overlong UTF-8", "is not UTF-8", lambda t: t.encode().replace(b"fair", b"\xc0\xaf", 1))
raw("zero bytes", "not a certificate", lambda t: b"\0" * 1000)
raw("raw control characters", "not a certificate", lambda t: t.replace("fair", "f\x1b[2Jair", 1))
raw("a list", "expected an object", lambda t: f"[{t}]")
raw("null", "expected an object, got None", lambda t: "null")
raw("NaN", "numbers are whole; got 'NaN'", lambda t: t.replace("[1,6]", "[NaN,6]", 1))
raw("Infinity", "numbers are whole; got 'Infinity'", lambda t: t.replace("[1,6]", "[Infinity,6]", 1))
raw("a float", "numbers are whole; got '1.0'", lambda t: t.replace("[1,6]", "[1.0,6]", 1))
raw("a power of ten", "numbers are whole; got '1e0'", lambda t: t.replace("[1,6]", "[1e0,6]", 1))
raw("a huge number", "more than 400 digits", lambda t: t.replace("[1,6]", f"[{'9' * 100_000},6]", 1))
raw("a long exponent", "numbers are whole", lambda t: t.replace("[1,6]", "[1e999999999,6]", 1))
raw("deep nesting", "nested too deeply", lambda t: "[" * 1_000_000)
raw("deep objects", "nested too deeply", lambda t: '{"a":' * 500_000)
raw("a huge file", "larger than", lambda t: t + " " * 4_000_000)
raw("a duplicate key", "the key 'id' stands twice", lambda t: t.replace('"id"', '"id": "x",\n"id"', 1))
raw(
    "a duplicate key inside",
    "the key 'statement' stands twice",
    lambda t: t.replace('"statement":3}', '"statement":3,"statement":17}', 1),
)
raw(
    "a duplicate key, escaped",
    "the key 'title' stands twice",
    lambda t: t.replace('"sources"', '"t\\u0069tle": "another",\n"sources"', 1),
)
raw(
    "another hash",
    "edited or damaged: it hashes to",
    lambda t: t[:-5] + ("0" if t[-5] != "0" else "1") + t[-4:],
)
raw("a hash in capitals", "hash: expected 64 hexadecimal", lambda t: t[:-68] + t[-68:].upper())
raw("edited by hand", "edited or damaged: it hashes to", lambda t: t.replace("fair die", "loaded die", 1))

# --- the form: keys and types
for key in ("id", "title", "sources", "terms", "steps", "blocks"):
    edited(f"no {key}", f"`{key}` is missing", lambda c, key=key: c.pop(key))
    edited(f"{key} is null", f"{key}: expected", put(key, None))
FORMED.append(
    Hostile(
        "no hash",
        lambda: json.dumps({k: v for k, v in library.certificate(BASE).items() if k != "hash"}).encode(),
        "`hash` is missing",
    )
)
edited("an unknown key", "unknown key 'proved'", put("proved", True))
edited("another format", "expected a certificate of format 1, got 2", put("format", 2))
edited("format is true", "expected a certificate of format 1, got True", put("format", True))
edited("format is text", "expected a certificate of format 1, got '1'", put("format", "1"))
edited("an unknown key of a step", "step 0: unknown key 'trusted'", put("steps", 0, "trusted", 1))
edited("an unknown key of a block", "block 0: unknown key 'verified'", put("blocks", 0, "verified", 1))
edited("an unknown key of a line", "block 0: line: unknown key 'of'", put("blocks", 0, "lines", 0, "of", 1))
edited("a step without premises", "step 0: `premises` is missing", lambda c: c["steps"][0].pop("premises"))
edited("a boolean for a number", "expected an integer, a name", put("terms", 0, 1, 0, True))
edited("a boolean reference", "expected the number of a term", put("terms", 1, 2, 0, False))
edited("a boolean step", "expected the number of a step", put("blocks", 0, "step", False))
edited("a boolean statement", "expected the number of a term", put("steps", 0, "statement", True))
edited("null as a parameter", "expected an integer, a name, a list", put("steps", 0, "params", "left", None))
edited("a row of four", "expected a head, its data and its arguments", lambda c: c["terms"][0].append(0))
edited("a row of two", "expected a head, its data and its arguments", lambda c: c["terms"][0].pop())
edited("a row that is an object", "expected a head, its data", put("terms", 0, {"head": "num"}))
edited("a head that is a number", "expected a head", put("terms", 0, 0, 7))
edited("a head that is a path", "expected a head", put("terms", 0, 0, "../num"))
edited("arguments that are an object", "expected a list", put("terms", 1, 2, {"0": 0}))
edited("a rule that is a list", "rule: expected the name of a rule", put("steps", 0, "rule", ["algebra"]))
edited("a rule with a dunder path", "rule: expected the name", put("steps", 0, "rule", "x.__class__"))
edited("a parameter named by a sentence", "the name of a parameter", put("steps", 0, "params", "a b", 1))
edited("sources as text", "sources: expected a list", put("sources", "004"))
edited("a source that is a number", "source 0: expected text", put("sources", 0, 4))
edited("a reason that is a list", "reason: expected text", put("blocks", 0, "lines", 0, "reason", ["so"]))

# --- ids, names, strings
edited("the id of another", "the file is named for `fair-die`, its theorem is `gibbs`", put("id", "gibbs"))
edited("an id that leads out", "id: expected lower-case words", put("id", "../fair-die"))
edited("an absolute id", "id: expected lower-case words", put("id", "/etc/passwd"))
edited("an id with a line feed", "id: expected lower-case words", put("id", "fair-die\n"))
edited("an id in capitals", "id: expected lower-case words", put("id", "Fair-Die"))
edited("an id that looks alike", "id: expected lower-case words", put("id", "f\u0430ir-die"))
edited("an empty id", "id: expected lower-case words", put("id", ""))
edited("a long id", "id: expected lower-case words", put("id", "a" * 1000))
edited("an empty title", "title: expected words, got ''", put("title", ""))
edited("a blank title", "title: expected words, got '   '", put("title", "   "))
for name, character in {
    "an escape sequence": "\x1b[31m",
    "a line feed": "\n",
    "a carriage return": "\r",
    "a backspace": "\b",
    "a zero byte": "\0",
    "a C1 control": "\x9b",
    "a right-to-left override": "\u202e",
    "a right-to-left isolate": "\u2067",
    "a zero-width space": "\u200b",
    "a soft hyphen": "\xad",
    "a line separator": "\u2028",
    "a no-break space": "\xa0",
    "a tag character": "\U000e0041",
    "a lone surrogate": "\ud800",
    "a private character": "\ue000",
}.items():
    code = f"U+{ord(character[0]):04X} is not printable"
    edited(f"{name} in the title", f"title: the character {code}", put("title", f"two{character}names"))
    edited(
        f"{name} in a reason",
        f"reason: the character {code}",
        put("blocks", 0, "lines", 0, "reason", character),
    )
edited("an escape in a source", "source 0: the character U+001B", put("sources", 0, "004\x1b]0;x\x07"))
edited("an escape in a block's title", "title: the character U+001B", put("blocks", 0, "title", "\x1b[A"))
edited("an escape in a block's name", "name: expected lower-case words", put("blocks", 0, "name", "a\x1b[A"))
edited("an escape in an oracle", "oracle: expected the name", put("blocks", 0, "oracles", ["\x1b[2K"]))
edited("an escape in a key", r"unknown key '\x1b[2K'", put("\x1b[2K", 1))
edited("an escape in a head", "expected a head", put("terms", 0, 0, "num\x1b[2K"))
edited("a symbol without a name", "expected a name", put("terms", 0, ["sym", ["", ["real"]], []]))
edited("a symbol named by a number", "expected a name", put("terms", 0, ["sym", [1, ["real"]], []]))
edited("a symbol named by a term", "expected a name", put("terms", 1, ["sym", [{"term": 0}, ["real"]], []]))
edited(
    "a variable named by a term", "expected a name", put("terms", 1, ["lam", [{"term": 0}, ["real"]], [0]])
)
edited("a symbol with an object", "expected a list", put("terms", 0, ["sym", {"0": "x"}, []]))
edited("a symbol with nothing", "expected a name", put("terms", 0, ["sym", [], []]))
edited("a symbol with an escape", "expected a name", put("terms", 0, ["sym", ["x\x1b[2K", ["real"]], []]))
edited("a symbol that is a number", "expected a name", put("terms", 0, ["sym", ["-1", ["real"]], []]))
edited("a symbol that is a formula", "expected a name", put("terms", 0, ["sym", ["x + 1", ["real"]], []]))
edited("a symbol that looks alike", "expected a name", put("terms", 0, ["sym", ["\u0445", ["real"]], []]))
edited("a long symbol", "expected a name", put("terms", 0, ["sym", ["x" * 100, ["real"]], []]))
edited("a long title", "at most 400 are read", put("title", "a" * 10_000))
edited("a long reason", "at most 400 are read", put("blocks", 0, "lines", 0, "reason", "so " * 1000))

# --- blocks
edited("no block", "blocks: there is none", put("blocks", []))
edited("a block twice", "the name `total` is taken", lambda c: c["blocks"].append(c["blocks"][0]))
edited("two blocks of a name", "the name `main` is taken", put("blocks", 0, "name", "main"))
edited("a block without lines", "block 0: it has no line", put("blocks", 0, "lines", []))
edited("a block without a name", "name: expected lower-case words", put("blocks", 0, "name", ""))
edited("a hypothesis twice", "hypotheses: one stands there twice", put("blocks", 0, "hypotheses", [3, 3]))
edited("an oracle twice", "oracles: one stands there twice", put("blocks", 0, "oracles", ["a", "a"]))
edited("too many blocks", "at most 200 are read", lambda c: c.update(blocks=c["blocks"] * 100))

# --- references
edited("a term of itself", "a reference to term 1, where 1 stand before", put("terms", 1, 2, 0, 1))
edited("a term of a later one", "where 1 stand before", put("terms", 1, 2, 0, 9))
edited("a negative reference", "a reference to term -1", put("terms", 1, 2, 0, -1))
edited("a premise of itself", "a reference to step 3, where 3 stand before", put("steps", 3, "premises", [3]))
edited("a circle of premises", "where 3 stand before", put("steps", 3, "premises", [4]))
edited("a negative premise", "a reference to step -1", put("steps", 3, "premises", [-1]))
edited("a statement that is not there", "a reference to term 1000000", put("steps", 0, "statement", 10**6))
edited("a block of no step", "a reference to step 99", put("blocks", 0, "step", 99))
edited("a line of no step", "a reference to step -1", put("blocks", 0, "lines", 0, "step", -1))
edited("a hypothesis that is not there", "a reference to term 99", put("blocks", 0, "hypotheses", [99]))
edited(
    "a parameter that is not there", "a reference to term 99", put("steps", 0, "params", "left", {"term": 99})
)
edited("a sort of itself", "where 0 stand before", put("terms", 0, ["sym", ["x", ["spd", {"term": 0}]], []]))
edited(
    "a map with a key twice", "is mapped twice", put("steps", 0, "params", "left", {"map": [[0, 0], [0, 1]]})
)
edited(
    "a map of triples", "expected a pair of terms", put("steps", 0, "params", "left", {"map": [[0, 0, 0]]})
)
edited(
    "a map in a list",
    "expected a map that is a parameter itself",
    put("steps", 0, "params", "left", [{"map": []}]),
)
edited("a map in a term", "expected data of a term", put("terms", 0, 1, [{"map": []}]))
edited("a step beside the proof", "step 12: no block uses it", lambda c: c["steps"].append(c["steps"][0]))
edited(
    "a term beside the proof", "term 31: no step uses it", lambda c: c["terms"].append(["num", [11, 1], []])
)
edited(
    "a term twice", "written a second time; it is term 0", lambda c: c["terms"].append(["num", [1, 6], []])
)

# --- sizes
edited("a power of a power", "an exponent beyond 256", grown(lambda k: ["pow", [10**9, 1], [k]], 1))
edited("a root of a root", "an exponent beyond 256", grown(lambda k: ["pow", [1, 10**9], [k]], 1))
edited("a negative power", "an exponent beyond 256", grown(lambda k: ["pow", [-(10**9), 1], [k]], 1))
edited("powers upon powers", "powers that multiply out beyond", grown(lambda k: ["pow", [200, 1], [k]], 6))
edited("squares upon squares", "powers that multiply out beyond", grown(lambda k: ["pow", [2, 1], [k]], 60))
edited("products upon products", "powers that multiply out beyond", grown(lambda k: ["mul", [], [k, k]], 60))
edited("sums upon sums", "nodes when it is written out", grown(lambda k: ["add", [], [k, k]], 60))
edited("deep terms", "nested more than 160 deep", grown(lambda k: ["exp", [], [k]], 3_000))
edited("deep sorts", "nested more than 12 deep", put("terms", 0, 1, [json.loads("[" * 60 + "]" * 60)]))
edited(
    "deep parameters",
    "nested more than 12 deep",
    put("steps", 0, "params", "left", json.loads("[" * 60 + "]" * 60)),
)
edited("too many arguments", "at most 500 are read", put("terms", 1, 2, [0] * 100_000))
edited("too many terms", "at most 20000 are read", lambda c: c["terms"].extend([["pi", [], []]] * 30_000))
edited("too many steps", "at most 20000 are read", lambda c: c["steps"].extend(c["steps"][:1] * 30_000))
edited("too many premises", "at most 500 are read", put("steps", 3, "premises", [0] * 100_000))
edited("a number of 401 digits", "more than 400 digits", put("terms", 0, 1, 0, 10**400))


# --- proofs that are none
def proof(kind: str, words: str, edit: Edit, base: str = BASE) -> None:
    edited(kind, words, edit, base, PROOFS)


proof("an unknown head", "unknown node type `teapot`", put("terms", 0, 0, "teapot"))
proof("a fraction not in lowest terms", "a fraction in lowest terms", put("terms", 0, 1, [2, 12]))
proof("a fraction over zero", "a fraction in lowest terms", put("terms", 0, 1, [1, 0]))
proof("an unknown rule", "unknown rule `believe`", put("steps", 0, "rule", "believe"))
proof("another statement", "step 0: rule `algebra` gives", swapped("steps", 0, "steps", 5, "statement"))
proof("a false equation", "step 0:", put("steps", 0, "params", "right", {"term": 5}))
proof("an unknown parameter", "unexpected keyword argument 'hint'", put("steps", 0, "params", "hint", 1))
proof("a premise too many", "positional argument", put("steps", 3, "premises", [2, 1]))
proof("a premise too few", "missing a required argument", put("steps", 4, "premises", [1]))
proof("other lines", "does not start where the one before it ends", put("blocks", 1, "lines", 0, "step", 0))
proof("a hypothesis too many", "the recorded hypotheses are not those", put("blocks", 0, "hypotheses", [3]))
proof(
    "a hypothesis left out",
    "the recorded hypotheses are not those",
    put("blocks", 0, "hypotheses", []),
    "gibbs",
)
proof("an oracle too many", "the recorded oracles are not those", put("blocks", 0, "oracles", ["believe"]))
proof(
    "an oracle left out",
    "the recorded oracles are not those",
    lambda c: [b.update(oracles=[]) for b in c["blocks"]],
    "gaussian-moments",
)


def slow() -> bytes:
    """Of good form, and true, as far as anybody will ever know: an expansion into millions of terms."""
    data = copy.deepcopy(library.certificate(BASE))
    terms = data["terms"]
    at = len(terms)
    terms.extend(["sym", [name, ["real"]], []] for name in "uvwxyz")
    terms.append(["add", [], list(range(at, at + 6))])
    terms.append(["add", [], list(range(at + 5, at - 1, -1))])
    terms.extend(["mul", [], [which] * 90] for which in (at + 6, at + 7))
    terms.append(["eq", [], [at + 8, at + 9]])
    step = {"rule": "algebra", "premises": [], "params": {}, "statement": at + 10}
    step["params"] = {"left": {"term": at + 8}, "right": {"term": at + 9}}
    data["steps"].append(step)
    line = {"step": len(data["steps"]) - 1, "reason": "clear"}
    block = {"name": "slow", "title": "", "lines": [line], "step": line["step"]}
    data["blocks"].append({**block, "hypotheses": [], "oracles": []})
    return packed(data)
