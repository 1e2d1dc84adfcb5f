"""The first checker: ``python -m vaemath.apart.replay FILE...`` replays certificates, nothing else.

    FILE: holds: 4 theorems, 12 steps
    FILE: refused: step 3: rule `algebra` gives ...

One line a file, in their order; exit status 1 if one is refused. With `--json` each line is an object that
has, besides, what was proved, as far as it was: statements, lines, hypotheses, oracles.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from vaemath.apart.process import MEMORY, hold_to
from vaemath.core.theorem import Theorem
from vaemath.errors import VaemathError, one_line
from vaemath.files import read
from vaemath.proof.certificate import Proof, replay
from vaemath.proof.chain import Block, Line
from vaemath.proof.replay import nodes
from vaemath.proof.schema import BYTES
from vaemath.proof.stored import read as parsed
from vaemath.terms.build import eq


def replayed(path: Path) -> Proof:
    """The theorems of the certificate in a file, whose name is its id.

    Raises:
        VaemathError: it is no such file, no certificate, or proves something else.
    """
    content = read(path, limit=BYTES, expected="a certificate", follow=False)
    return replay(parsed(content, path.name, id=path.stem), path.name)


def _answer(path: Path, *, whole: bool) -> dict[str, Any]:
    out: dict[str, Any] = {"file": str(path), "good": False}
    try:
        proof = replayed(path)
        steps = len({id(n) for b in proof.blocks for n in nodes(b.theorem)})
        if whole:
            out |= {"id": proof.id, "title": proof.title, "hash": proof.hash}
            out["blocks"] = [_block(b) for b in proof.blocks]
        return {**out, "good": True, "message": f"{len(proof.blocks)} theorems, {steps} steps"}
    except VaemathError as e:
        message = one_line(str(e)).removeprefix(f"{path.name}: ").removeprefix(f"{path}: ")
    except MemoryError:
        message = f"needs more than {MEMORY >> 30} GiB"
    except Exception as e:  # whatever a hostile file provokes is a refusal
        message = one_line(f"{type(e).__name__}: {e}", 200)
    return {"file": str(path), "good": False, "message": message}


def _block(b: Block) -> dict[str, Any]:
    return {
        "name": b.name,
        "title": b.title,
        **_theorem(b.theorem),
        "lines": [{"reason": x.reason, **_line(x)} for x in b.lines],
    }


def _theorem(t: Theorem) -> dict[str, Any]:
    """What is proved, in plain letters and in those of the notes; `assumed`: is it its own hypothesis?"""
    return {
        "statement": str(t.statement),
        "shown": _shown(t.statement),
        "given": sorted(map(str, t.hypotheses)),
        "trusts": sorted(t.oracles),
        "assumed": _assumed(t),
    }


def _line(line: Line) -> dict[str, Any]:
    sides = line.step.statement.args
    plain = len(sides) == 2 and line.step.statement.head in ("eq", "le", "lt")
    before, after = map(_shown, sides) if plain else ("", _shown(line.step.statement))
    return {"before": before, "after": after, **_theorem(line.step)}


def _assumed(t: Theorem) -> bool:
    s = t.statement
    return s in t.hypotheses or (s.head == "eq" and eq(s.args[1], s.args[0]) in t.hypotheses)


def _shown(t: Any) -> str:
    from vaemath.pages.unicode import unicode
    from vaemath.pages.write import Writer

    return unicode(Writer().write(t))


def main(words: list[str]) -> int:
    """Check the files that the words name; 0 when all hold."""
    hold_to(MEMORY, writing=False)
    whole = "--json" in words
    bad = 0
    for word in words:
        if word == "--json":
            continue
        found = _answer(Path(word), whole=whole)
        bad += not found["good"]
        verdict = "holds" if found["good"] else "refused"
        print(json.dumps(found) if whole else f"{word}: {verdict}: {found['message']}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(status)
