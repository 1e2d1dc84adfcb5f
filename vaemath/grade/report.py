"""What is said of a file: one verdict for each line, and the whole as text, table or data."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

STARTS, DEFINES, FOLLOWS = "starts", "defines", "follows"
FALSE, UNDECIDED, UNREAD = "false", "cannot decide", "cannot be read"
VERDICTS = (STARTS, DEFINES, FOLLOWS, FALSE, UNDECIDED, UNREAD)


@dataclass(frozen=True)
class Verdict:
    """What was found about one line.

    Attributes:
        chain: number of the chain in the file; the first is 1.
        line: number of the line in its chain.
        place: its line in the file.
        source: the line as it stands in the file, with its relation.
        read: the line as it was read; "" where it was not.
        verdict: one of `VERDICTS`. "starts" is the first line of a chain, of which nothing is claimed;
            "defines" gives a name to what stands beside it.
        why: the reason found, the counterexample, what is not understood, or what would help.
        given: the hypotheses of the proof, in words.
        notes: what was taken for granted in reading it.
        near: for a false line, a variant that agrees in every model tried.
    """

    chain: int
    line: int
    place: int
    source: str
    read: str
    verdict: str
    why: str = ""
    given: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    near: str = ""

    def __str__(self) -> str:
        out = [f"  {self.verdict:15} line {self.line}   {self.source}"]
        if self.read:
            out.append(f"{'':18}read as  {self.read}")
        out += [f"{'':18}{words}" for words in ((self.why,) if self.why else ())]
        out += [f"{'':18}assuming that {g}" for g in self.given]
        out += [f"{'':18}note: {n}" for n in self.notes]
        return "\n".join([*out, *([f"{'':18}near: {self.near}"] if self.near else [])])


@dataclass(frozen=True)
class Graded:
    """All verdicts about a file.

    Attributes:
        path: the file.
        verdicts: one for each line in reading order.
        assumed: what undeclared letters were taken for, in words.
        answer: whether the last line is the theorem that was asked for; None when none was.
    """

    path: str
    verdicts: tuple[Verdict, ...]
    assumed: tuple[str, ...] = ()
    answer: bool | None = None

    def count(self, *verdicts: str) -> int:
        """How many lines have one of these verdicts."""
        return sum(v.verdict in verdicts for v in self.verdicts)

    @property
    def good(self) -> bool:
        """Does every line follow, and is the answer right where one was asked for?"""
        return self.status == 0

    @property
    def status(self) -> int:
        """0 when all lines follow, 1 when one is false, 3 when one is undecided or cannot be read."""
        if self.count(FALSE) or self.answer is False:
            return 1
        return 3 if self.count(UNDECIDED, UNREAD) else 0

    def as_json(self) -> dict[str, Any]:
        """The verdicts as plain data."""
        return {**asdict(self), "good": self.good}

    def __str__(self) -> str:
        out = [self.path, *(f"  taken as: {a}" for a in self.assumed)]
        chain = 0
        for v in self.verdicts:
            if v.chain != chain:
                chain = v.chain
                out.append(f"chain {chain}   ({self.path}:{v.place})")
            out.append(str(v))
        claims = len(self.verdicts) - self.count(STARTS, DEFINES)
        out.append(
            f"{self.count(FOLLOWS)} of {claims} lines follow; {self.count(FALSE)} false, "
            f"{self.count(UNDECIDED)} undecided, {self.count(UNREAD)} not read"
        )
        if self.answer is not None:
            out.append(f"the last line is {'' if self.answer else 'NOT '}the answer")
        return "\n".join(out)


COLUMNS = (
    "file",
    "task",
    "line",
    "lines",
    "follow",
    "false",
    "undecided",
    "unread",
    "answer",
    "first_problem",
)


def table(graded: Iterable[Graded]) -> str:
    """A line for each file and chain, as comma-separated values; `line` is where the chain begins."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for g in graded:
        chains = sorted({v.chain for v in g.verdicts})
        for c in chains:
            mine = [v for v in g.verdicts if v.chain == c]
            part = Graded(g.path, tuple(mine))
            if part.count(STARTS, DEFINES) == len(mine) and len(mine) == 1 and len(chains) > 1:
                continue  # a declaration on display
            bad = next((v for v in mine if v.verdict in (FALSE, UNDECIDED, UNREAD)), None)
            answer = "" if g.answer is None or c != chains[-1] else "right" if g.answer else "wrong"
            writer.writerow(
                [
                    _plain(g.path),
                    c,
                    mine[0].place,
                    len(mine) - part.count(STARTS, DEFINES),
                    part.count(FOLLOWS),
                    part.count(FALSE),
                    part.count(UNDECIDED),
                    part.count(UNREAD),
                    answer,
                    _plain(f"{bad.place}: {bad.verdict}: {bad.source}" if bad else ""),
                ]
            )
    return out.getvalue()


def _plain(words: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{words}" if words[:1] in ("=", "+", "-", "@") else words
