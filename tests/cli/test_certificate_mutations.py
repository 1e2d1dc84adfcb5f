"""Shipped certificates changed by kinds: each is refused, or says that it states something else.

A sample on every run; the whole campaign, which writes the table beside the kinds, with
``VAEMATH_CAMPAIGN=1 pytest tests/cli/test_certificate_mutations.py``.
"""

import os
from collections import Counter
from pathlib import Path

import pytest
from hostile import mutations
from hostile.mutations import KINDS, judged, mutant, tidied

from vaemath import library

SMALL = (
    "fair-die",
    "bayes",
    "jensen-log",
    "trace-identities",
    "log-order",
    "elbo-decomposition",
    "monte-carlo",
    "normal-entropy",
)
OUTCOMES = ("refused", "differs", "prose", "same", "HARM")
TABLE = Path(mutations.__file__).with_name("mutations.md")


@pytest.mark.parametrize("name", KINDS)
def test_a_changed_certificate_is_refused_or_says_so(name):
    seed = 0
    for id in SMALL:
        data = mutant(id, name, seed)
        if data is not None:
            outcome, reason = judged(id, data)
            assert outcome != "HARM", f"{name} of {id}: {reason}"
            seed += 1
            if seed == 2:
                return
    assert seed, f"no certificate has anything of the kind: {name}"


@pytest.mark.parametrize("id", library.ids())
def test_tidying_changes_nothing_that_is_tidy(id):
    assert tidied(library.certificate(id)) == library.certificate(id)


@pytest.mark.skipif("VAEMATH_CAMPAIGN" not in os.environ, reason="minutes; set VAEMATH_CAMPAIGN")
def test_campaign():
    count = {name: Counter() for name in KINDS}
    harm = []
    for name in KINDS:
        for id in library.ids():
            data = mutant(id, name, 0)
            if data is None:
                continue
            outcome, reason = judged(id, data)
            count[name][outcome] += 1
            if outcome == "HARM":
                harm.append(f"{name}, {id}: {reason}")
    total = sum(count.values(), Counter())
    head = [
        "# Certificates changed by kinds",
        "",
        "What became of each; see `mutations.py` for the kinds and the words.",
        "",
    ]
    rows = [f"| kind | {' | '.join(OUTCOMES)} |", "| --- |" + " --- |" * len(OUTCOMES)]
    rows += [
        f"| {n} | {' | '.join(str(c[o]) for o in OUTCOMES)} |" for n, c in [*count.items(), ("all", total)]
    ]
    TABLE.write_text("\n".join([*head, *rows, ""]))
    assert sum(total.values()) >= 500
    assert not harm, "\n".join(harm)
