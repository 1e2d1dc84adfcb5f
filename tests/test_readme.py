"""The README's examples run and print what it says."""

import doctest
from pathlib import Path


def test_the_examples_run():
    readme = Path(__file__).parent.parent / "README.md"
    result = doctest.testfile(
        str(readme), module_relative=False, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    )
    assert result.attempted > 5
    assert result.failed == 0
