"""What is said about a derivation: one finding a line, and the whole as text or data."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

FINE = ("holds", "given")  # the verdicts that leave a report good


@dataclass(frozen=True)
class Finding:
    """What was found about one line.

    Attributes:
        verdict: "holds", "given" (it is its own hypothesis: nobody proved it), "does not follow" (no
            counterexample, but the reason does not give it), or "false".
        place: file and line of the script.
        block: the theorem that the line belongs to.
        number: of the line in its block; the first line is 1.
        before: the line before it, as text.
        line: the line, as text.
        reason: what its author gave.
        why: what the rules say, when they refuse.
        counterexample: numbers at which it is false, and what both lines are there.
        near: a variant that holds, and the slip it suggests.
        given: the hypotheses under which it holds.
    """

    verdict: str
    place: str
    block: str
    number: int
    before: str
    line: str
    reason: str
    why: str = ""
    counterexample: str = ""
    near: str = ""
    given: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.verdict in FINE:
            words = "given, unproved" if self.verdict == "given" else self.verdict
            rows = [f"  {words:15}  line {self.number}   {self.line}", f"{'':28}{self.reason}"]
            return "\n".join([*rows, *(f"{'':28}given {h}" for h in self.given)])
        follow = f'line {self.number} does not follow from line {self.number - 1} by "{self.reason}"'
        out = [
            f"{self.place}{follow}",
            f"    line {self.number - 1:<3} {self.before}",
            f"    line {self.number:<3} {self.line}",
        ]
        if self.counterexample:
            out.append(f"    false:   {self.counterexample}")
        else:
            out.append("    unsure:  no counterexample was found; the line may hold for another reason")
            out.append(f"    rules:   {self.why}")
        if self.near:
            out.append(f"    near:    {self.near}")
        return "\n".join(out)


@dataclass(frozen=True)
class Proved:
    """One theorem of a script, as the process states it that replayed its certificate.

    Attributes:
        name: of the derivation and of the theorem.
        statement: as text.
        given: its hypotheses.
        trusts: its oracles.
        assumed: is it one of its own hypotheses?
    """

    name: str
    statement: str
    given: tuple[str, ...] = ()
    trusts: tuple[str, ...] = ()
    assumed: bool = False

    def __str__(self) -> str:
        return f"{self.name}: {self.statement}"


@dataclass
class Report:
    """All findings about the derivations in one file."""

    path: str
    findings: list[Finding] = field(default_factory=list)
    theorems: list[Proved] = field(default_factory=list)
    stopped: str = ""  # why the script could not be read to its end
    printed: list[str] = field(default_factory=list)  # what the script itself printed

    @property
    def good(self) -> bool:
        """Is no line wrong? What is given counts as right: it is printed as what it is."""
        return not self.stopped and all(f.verdict in FINE for f in self.findings)

    def as_json(self) -> dict[str, Any]:
        """The report as plain data."""
        return {**asdict(self), "good": self.good}

    def __str__(self) -> str:
        out: list[str] = []
        block = None
        for f in self.findings:
            if f.block != block:
                out += ["", f.block]
                block = f.block
            out.append(str(f))
        count = Counter(f.verdict for f in self.findings)
        if self.stopped:
            out += ["", f"stopped: {self.stopped}"]
        taken = f"; {count['given']} given without a proof" if count["given"] else ""
        out += ["", f"{count['holds']} of {len(self.findings)} lines hold{taken}"]
        for t in self.theorems:
            out.append(f"{'assumed' if t.assumed else 'proved'}: {t}")
            out += [f"    given {h}" for h in t.given]
            out += [f"    trusts {o}" for o in t.trusts]
        return "\n".join(out).lstrip("\n")
