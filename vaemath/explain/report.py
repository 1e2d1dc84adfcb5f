"""What is said about a derivation: one finding a line, and the whole as text or data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """What was found about one line.

    Attributes:
        verdict: "holds", "does not follow" (no counterexample, but the reason does not give it), or "false".
        place: file and line of the script.
        block: the theorem that the line belongs to.
        number: of the line in its block; the first line is 1.
        before: the line before it, as text.
        line: the line, as text.
        reason: what its author gave.
        why: what the rules say, when they refuse.
        counterexample: numbers at which it is false, and what both lines are there.
        near: a variant that holds, and the slip it suggests.
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

    def __str__(self) -> str:
        if self.verdict == "holds":
            return f"  holds            line {self.number}   {self.line}\n{'':28}{self.reason}"
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


@dataclass
class Report:
    """All findings about the derivations in one file."""

    path: str
    findings: list[Finding] = field(default_factory=list)
    theorems: list[str] = field(default_factory=list)  # what was proved, as text
    stopped: str = ""  # why the script could not be read to its end

    @property
    def good(self) -> bool:
        """Does every line hold?"""
        return not self.stopped and all(f.verdict == "holds" for f in self.findings)

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
        wrong = [f for f in self.findings if f.verdict != "holds"]
        if self.stopped:
            out += ["", f"stopped: {self.stopped}"]
        out += ["", f"{len(self.findings) - len(wrong)} of {len(self.findings)} lines hold"]
        out += [f"proved: {t}" for t in self.theorems]
        return "\n".join(out).lstrip("\n")
