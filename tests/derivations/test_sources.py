"""Every derivation names its sources and states something under a title."""

import pytest

from vaemath import library


@pytest.mark.parametrize("id", library.ids())
def test_sources_titles_and_reasons(id):
    proof = library.proof(id)
    assert proof.title
    assert proof.sources
    assert proof.blocks
    for block in proof.blocks:
        assert all(line.reason for line in block.lines)
