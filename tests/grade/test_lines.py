"""Every line of the data files has the verdict that is written beside it."""

import pytest

from tests.grade.lines import WORDS, blocks, files
from vaemath.grade import grade

CASES = [(f.stem, b) for f in files() for b in blocks(f)]


@pytest.mark.parametrize("block", [b for _, b in CASES], ids=[f"{k}: {b.title}" for k, b in CASES])
def test_the_lines_of_a_block(tmp_path, block):
    path = tmp_path / "homework.md"
    path.write_text(block.source)
    found = [(v.verdict, v.source, v.read, v.why) for v in grade(path).verdicts if v.chain]
    assert len(found) == len(block.expected), found
    wrong = [
        (want, got) for (want, _), got in zip(block.expected, found, strict=True) if got[0] != WORDS[want]
    ]
    assert not wrong
