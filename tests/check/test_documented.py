"""The list of causes in the documentation is the closed list."""

from __future__ import annotations

import re
from pathlib import Path

from vaemath.check.report.causes import CATALOGUE

PAGE = Path(__file__).resolve().parents[2] / "docs" / "check.md"


def test_every_cause_is_documented_and_no_other() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.M)
    assert dict(rows) == CATALOGUE
