"""Each verdict is what running the row gives; each proof refuses the statement once it is changed."""

import pytest

from tests.ledger.mutants import mutants
from vaemath.ledger.load import documents
from vaemath.ledger.rows import Claim, IllFormed
from vaemath.ledger.run import Attempt, run_row

ROWS = [pytest.param(r, id=f"{r.source}-{r.label}".replace(" ", "_")) for d in documents() for r in d.rows]
FIRST = {id(r.back): r for d in reversed(documents()) for r in reversed(d.rows)}
ONCE = [p for p in ROWS if FIRST[id(p.values[0].back)] is p.values[0]]


@pytest.mark.parametrize("row", ONCE)
def test_the_row_is_backed(row):
    result = run_row(row)
    assert result.failures == ()
    assert result.backed_by
    if result.verdict in ("corrected", "refuted"):
        differing = [p for p in result.points if "left" in p]
        assert result.refusals
        assert differing or result.points or all(isinstance(w, IllFormed) for w in row.back().wrong)
    if result.verdict == "corrected":
        assert result.corrected


@pytest.mark.parametrize("row", ONCE)
def test_a_changed_statement_is_not_backed(row):
    for claim in row.back().claims:
        for changed in mutants(claim.statement):
            attempt = Attempt()
            attempt.claim(Claim(changed, claim.proof, claim.given))
            assert attempt.failures, changed
