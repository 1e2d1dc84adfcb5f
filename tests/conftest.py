"""Shared by all tests: one thread for torch, no deadline for Hypothesis, golden files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
_STATE = tempfile.TemporaryDirectory(prefix="vaemath-state-")  # what tests sign is forgotten with them
os.environ["XDG_STATE_HOME"] = _STATE.name
settings.register_profile("vaemath", deadline=None, print_blob=True)
settings.load_profile("vaemath")

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the golden files instead of comparing"
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest):
    """Compare text with a golden file; a difference shows as a diff of the two."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.write_text(text)
        assert text.splitlines() == path.read_text().splitlines(), (
            f"{name} changed; if meant: pytest --update-golden"
        )

    return compare
