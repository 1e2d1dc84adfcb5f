"""`python -m tests.proof.models [--decided 20000] [--rules a,b] [--minutes 60]`: the campaign, and its table.

It goes on where the last run stopped, and keeps what it found after every thousand instances, in
`docs/figures/models.json` and `docs/figures/models.md`. It fails when a rule is false in a model.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from tests.proof.models.campaign import Tally, campaign
from tests.proof.models.instances import calculus
from tests.proof.models.worlds import LARGEST
from vaemath.core.theorem import RULES

FOLDER = Path(__file__).parents[3] / "docs" / "figures"
STEP = 1000
COUNTED = ("made", "refused", "theorems", "decided", "without", "unknown")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decided", type=int, default=20_000, help="instances to decide of each rule")
    parser.add_argument("--rules", default=",".join(RULES), help="names, with commas between them")
    parser.add_argument("--minutes", type=float, default=600.0, help="time after which it stops")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the table is kept")
    options = parser.parse_args(arguments)
    calculus.INTEGRALS = 40
    end, rules = time.monotonic() + 60 * options.minutes, options.rules.split(",")
    while True:
        kept = read(options.folder)
        todo = [r for r in rules if kept.get(r, {}).get("decided", 0) < options.decided]
        if not todo or time.monotonic() > end:
            break
        rule = min(todo, key=lambda r: kept.get(r, {}).get("decided", 0))
        tally = campaign(rule, STEP, start=kept.get(rule, {}).get("made", 0), stop=False, largest=LARGEST)
        keep(options.folder, tally)
    return int(any(row["false"] for row in read(options.folder).values()))


def read(folder: Path) -> dict[str, dict[str, Any]]:
    file = folder / "models.json"
    found: dict[str, dict[str, Any]] = json.loads(file.read_text()) if file.exists() else {}
    return found


def keep(folder: Path, tally: Tally) -> None:
    """Add what was found to the table."""
    kept = read(folder)
    row = kept.setdefault(tally.rule, {**dict.fromkeys(COUNTED, 0), "false": []})
    for name in COUNTED:
        row[name] += getattr(tally, name)
    row["false"] += [str(c) for c in tally.false[:3]]
    for c in tally.false[:3]:
        print(c, file=sys.stderr)
    (folder / "models.json").write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n")
    (folder / "models.md").write_text(page(kept))


_HEAD = """\
# Rules tried against models

Random theorems made by each rule, in random models of [what terms mean](../semantics.md) drawn to
break them: heavy tails, kinks and jumps, singular and indefinite matrices, dimensions 1 to 8,
spaces of 1 to 6 points, some of mass zero. An instance is a theorem in a model in which all its
hypotheses hold, and in which the statement is decided exactly, or to forty digits where a number is
irrational.
"""
_COLUMNS = {
    "made": "theorems tried",
    "refused": "refused by the rule",
    "theorems": "theorems decided",
    "decided": "instances decided",
    "without": "a hypothesis false",
    "unknown": "not known",
}


def page(kept: dict[str, dict[str, Any]]) -> str:
    lines = [_HEAD, "| rule | " + " | ".join(_COLUMNS.values()) + " | false |", "| --- |" + " ---: |" * 7]
    for rule, row in sorted(kept.items()):
        cells = [f"{row[name]:,}" for name in _COLUMNS]
        lines.append(f"| `{rule}` | " + " | ".join(cells) + f" | {len(row['false'])} |")
    total = sum(row["decided"] for row in kept.values())
    made_by = "Made by `python -m tests.proof.models`, which goes on where it stopped."
    return "\n".join([*lines, "", f"{total:,} instances in all. {made_by}", ""])


if __name__ == "__main__":
    sys.exit(main())
