"""The equations of the five documents: verdicts as written down, none against the ledger's."""

from functools import cache

import pytest

from tests.grade import documented
from tests.grade.documented import NAMES
from tests.ledger.displayed import DOCUMENTS

graded = cache(documented.graded)
NOT_RIGHT = {"corrected", "refuted"}
SHARE = 0.8  # of all lines is read


@pytest.mark.parametrize("name", NAMES)
def test_the_verdicts_are_those_written_down(name):
    found = [documented.SHORT[v.verdict] for v in graded(name).verdicts if v.chain]
    assert found == documented.expected(name)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_called_false_the_ledger_has_corrected(name):
    ledger = documented.ledger(name)
    for k, words in documented.by_display(name, graded(name)).items():
        assert "false" not in words or ledger[k] & NOT_RIGHT, f"display {k}"


def test_most_lines_are_read():
    words = [w for name in NAMES for w in documented.expected(name)]
    assert len(words) > 400
    assert sum(w != "unread" for w in words) >= SHARE * len(words)


@pytest.mark.parametrize("name", NAMES)
def test_the_equations_are_those_of_the_document(name):
    found = next(DOCUMENTS.glob(f"{name}_*.txt"), None) if DOCUMENTS.is_dir() else None
    if found is None:
        pytest.skip("the documents are not at hand")
    text = "".join(found.read_text().split())
    assert all("".join(f.source.split()) in text for f in documented.formulas(documented.HERE / f"{name}.md"))
