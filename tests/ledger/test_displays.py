"""Every displayed equation of every document has a row."""

import json
from pathlib import Path

import pytest

from tests.ledger.displayed import DOCUMENTS, displays
from vaemath.ledger.load import documents

LIST = Path(__file__).with_name("displays.json")
KNOWN = json.loads(LIST.read_text())


@pytest.mark.parametrize("document", documents(), ids=lambda d: d.name)
def test_every_display_is_covered_once_or_more(document):
    covered = {k for r in document.rows for k in r.covers}
    assert covered == set(range(1, len(KNOWN[document.file]) + 1))


@pytest.mark.parametrize("document", documents(), ids=lambda d: d.name)
def test_printed_numbers_are_the_labels(document):
    for position, number in enumerate(KNOWN[document.file], 1):
        labels = [r.label for r in document.rows if position in r.covers]
        assert not number or any(label.startswith(f"eq. {number}") for label in labels), (position, labels)


@pytest.mark.parametrize("document", documents(), ids=lambda d: d.name)
def test_the_list_of_displays_is_that_of_the_document(document):
    path = DOCUMENTS / document.file
    if path.is_file():
        assert displays(path.read_text()) == KNOWN[document.file]
    assert len(KNOWN[document.file]) == {"000": 34, "001": 37, "002": 11, "003": 28, "004": 77}[document.name]


def test_the_text_of_a_document_is_not_copied():
    for document in documents():
        path = DOCUMENTS / document.file
        if not path.is_file():
            continue
        text = " ".join(path.read_text().split())
        for row in document.rows:
            for ours in (row.statement, row.note, row.matters):
                words = ours.split()
                windows = (" ".join(words[k : k + 9]) for k in range(max(0, len(words) - 8)))
                assert not any(w in text for w in windows), (document.name, row.label)
