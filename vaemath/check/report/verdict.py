"""What a check found, as data; `vaemath.check.report.text` turns it into the report."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from vaemath.check.report.causes import sentence

__all__ = ["Cause", "Counterexample", "Verdict"]


@dataclass(frozen=True)
class Cause:
    """A code out of the closed list, and what it means here."""

    code: str
    detail: str = ""

    def words(self) -> str:
        """The detail, or else the sentence of the list."""
        return self.detail or sentence(self.code)


@dataclass(frozen=True)
class Counterexample:
    """The smallest input found at which the function is wrong; `of` says which number was compared,
    if not the result.
    """

    inputs: dict[str, Any]
    expected: Any
    got: Any
    of: str = ""


@dataclass
class Verdict:
    """`status` is correct, wrong or undecided; the other fields say why, under which conventions,
    with what evidence. `statistics` is filled in for an estimator: the error rates of the test, and
    for every input the deviation of the mean that it would have noticed.
    """

    target: str
    status: Literal["correct", "scaled", "wrong", "undecided"]
    subject: str = ""
    theorem: str = ""
    causes: list[Cause] = field(default_factory=list)
    conventions: dict[str, str] = field(default_factory=dict)
    direction: str = ""
    reduction: str = ""
    computes: str = ""
    expected: str = ""
    counterexample: Counterexample | None = None
    change: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    edges: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missing: str = ""
    estimator: bool = False
    statistics: dict[str, Any] = field(default_factory=dict)
    proved: bool = False
    part: str = ""

    @property
    def exit_code(self) -> int:
        """0 correct, 1 wrong, 2 undecided, 3 right up to a positive factor."""
        return {"correct": 0, "wrong": 1, "undecided": 2, "scaled": 3}[self.status]

    def codes(self) -> list[str]:
        """The codes of the causes, in order."""
        return [c.code for c in self.causes]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        data = asdict(self)
        data["causes"] = [{"code": c.code, "explanation": c.words()} for c in self.causes]
        finite: dict[str, Any] = _finite(data)
        return finite


def _finite(value: Any) -> Any:
    """The same data with infinities and NaN as text: JSON has no such numbers."""
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
