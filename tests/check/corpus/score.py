"""Recall, right causes and false accusations over the corpus, in one line.

    python -m tests.check.corpus.score --seeds 200 [--known] [--mutants]

Known functions are examined with every seed; mutants are drawn anew for every seed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.check.corpus.mutants import Case, mutants
from vaemath.check.examine import check_many
from vaemath.check.report.verdict import Verdict

__all__ = ["Score", "known", "run", "verdicts"]

HEADER = "import math\nimport numpy as np\nimport torch\nimport torch.nn.functional as F\n\n\n"


@dataclass
class Score:
    """Counts, and the cases that went wrong."""

    wrong: int = 0
    caught: int = 0
    right_cause: int = 0
    right: int = 0
    accused: int = 0
    undecided: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, case: Case, verdict: Verdict, seed: int) -> None:
        """Count one verdict."""
        codes = set(verdict.codes())
        if case.verdict != "wrong":
            self.right += 1
            self.accused += verdict.status == "wrong"
            self.undecided += verdict.status == "undecided"
            good = verdict.status == case.verdict and codes == set(case.causes)
        else:
            self.wrong += 1
            self.caught += verdict.status == "wrong"
            good = set(case.causes) <= codes <= set(case.causes) | set(case.also)
            self.right_cause += good
        if not good:
            self.failures.append(
                f"{case.name} (seed {seed}): {verdict.status} {sorted(codes)}, expected "
                f"{case.verdict} {list(case.causes)} {verdict.missing}"
            )

    def line(self) -> str:
        """The one line."""
        return (
            f"caught {self.caught}/{self.wrong} wrong, right cause {self.right_cause}/{self.wrong}, "
            f"accused {self.accused}/{self.right} right, undecided {self.undecided}/{self.right}"
        )


def known(name: str = "known") -> list[Case]:
    """The functions of known.toml, or of found.toml."""
    data = tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))
    return [
        Case(
            f["name"],
            f["code"].strip() + "\n",
            f["verdict"],
            tuple(f.get("causes", ())),
            tuple(f.get("also", ())),
            f.get("reduction"),
        )
        for f in data["function"]
    ]


def write(cases: list[Case], folder: Path) -> Path:
    """Put cases into one file."""
    path = folder / "corpus_functions.py"
    path.write_text(HEADER + "\n\n".join(case.code for case in cases), encoding="utf-8")
    return path


def verdicts(work: Iterable[tuple[Case, int]]) -> Iterator[tuple[Case, int, Verdict]]:
    """Every (case, seed), in one process."""
    work = list(work)
    with tempfile.TemporaryDirectory() as folder:
        path = write(list(dict.fromkeys(case for case, _ in work)), Path(folder))
        found = check_many((f"{path}:{case.name}", case.reduction, None) for case, _ in work)
        for (case, seed), verdict in zip(work, found, strict=True):
            yield case, seed, verdict


def run(work: Iterable[tuple[Case, int]]) -> Score:
    """The score of every (case, seed)."""
    score = Score()
    for case, seed, verdict in verdicts(work):
        score.add(case, verdict, seed)
    return score


def _tell(name: str, score: Score) -> None:
    print(f"{name}: {score.line()}", flush=True)
    print(*score.failures, sep="\n", file=sys.stderr, flush=True)


def main() -> None:
    """Run by hand."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--known", action="store_true")
    parser.add_argument("--mutants", action="store_true")
    options = parser.parse_args()
    both = options.known == options.mutants
    seeds = range(options.first, options.first + options.seeds)
    if options.known or both:
        for name in ("known", "found"):
            _tell(f"{name} functions", run((case, 0) for case in known(name)))
    if options.mutants or both:
        _tell("mutants", run((case, seed) for seed in seeds for case in mutants(seed)))


if __name__ == "__main__":
    main()
