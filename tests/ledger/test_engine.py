"""What is wrong with a row is found when it runs."""

import pytest

from vaemath.derive import *
from vaemath.errors import VaemathError
from vaemath.ledger.load import chosen, document, documents
from vaemath.ledger.point import difference
from vaemath.ledger.rows import Document, Row
from vaemath.ledger.run import run_row, run_rows
from vaemath.ledger.write import (
    arranged,
    by,
    check,
    claim,
    corrected,
    definition_of,
    ill_formed,
    refuted,
    shown,
    stated,
    verified,
    wrong,
)
from vaemath.ledger.write import theorem as cited_theorem

a, b = (symbol(name, POSITIVE) for name in "ab")
normal = Normal(0, a)
square = eq((a + b) ** 2, a**2 + 2 * a * b + b**2)
slip = eq((a + b) ** 2, a**2 + b**2)


def run(backing):
    return run_row(Row("000", "a row", "says", "tex", lambda: backing))


@pytest.mark.parametrize(
    "backing",
    [
        verified(claim(square, by(algebra))),
        verified(claim(square, check)),
        definition_of(claim(eq(H(normal), E(normal, lambda z: -log(pdf(normal, z)))), by(definition))),
        corrected(wrong(slip), claim(square, by(algebra)), tex="t"),
        corrected(ill_formed(lambda: a + Normal(0, 1)), claim(square, by(algebra)), tex="t"),
        refuted(wrong(lt(a, b), a=2, b=1)),
        shown(lambda: {"x": 1.0}, lambda r: r["x"] == 1.0),
    ],
    ids=lambda b: b.verdict,
)
def test_a_backed_row_is_good(backing):
    result = run(backing)
    assert result.good, result.failures
    assert result.verdict == backing.verdict


@pytest.mark.parametrize(
    ("backing", "why"),
    [
        (verified(claim(slip, by(algebra))), "not proved"),
        (verified(claim(slip, check)), "evaluation does not bear out"),
        (verified(), "needs a claim"),
        (verified(claim(le(a, b), stated(cited_theorem("log-order", "converse")))), "rests on"),
        (corrected((), claim(square, by(algebra)), tex="t"), "needs a refutation"),
        (corrected(wrong(square), claim(square, by(algebra)), tex="t"), "is provable"),
        (corrected(wrong(eq(a * b, b * a)), claim(square, check), tex="t"), "no point is found"),
        (corrected(ill_formed(lambda: a + b), claim(square, by(algebra)), tex="t"), "can be formed"),
        (refuted(), "needs a refutation"),
        (shown(lambda: {"x": 1.0}, lambda r: r["x"] > 1), "does not bear it out"),
    ],
)
def test_a_row_without_backing_fails(backing, why):
    result = run(backing)
    assert not result.good
    assert any(why in f for f in result.failures), result.failures
    assert result.line().startswith("FAILS")


def test_a_row_that_cannot_be_built_fails():
    def back():
        raise VaemathError("no such thing")

    result = run_row(Row("000", "a row", "says", "tex", back))
    assert any("no such thing" in f for f in result.failures)


def test_theorems_used_are_named():
    order = lambda: verified(claim(le(log(a), log(b)), stated(cited_theorem("log-order")), given=(le(a, b),)))
    result = run_row(Row("000", "a row", "says", "tex", order))
    assert result.uses == ("log-order",)
    assert "log-order" in result.backed_by


def test_a_rearrangement_needs_its_premises():
    proof = arranged(assuming(le(a, b)))
    assert run(verified(claim(le(0, b - a), proof, given=(le(a, b),)))).good
    assert not run(verified(claim(le(0, b - a), proof))).good


def test_a_point_has_both_sides():
    point = difference(slip, at={"a": 1, "b": 3})
    assert point == {"at": "a = 1, b = 3", "left": "16", "right": "10"}


def test_an_unknown_symbol_at_a_point_is_refused():
    with pytest.raises(VaemathError, match="no symbol `c`"):
        difference(slip, at={"c": 1})


def test_a_label_is_taken_once():
    doc = Document("999_x.txt", "t", "o")
    doc.row("eq. 1", "says", "tex")(lambda: verified())
    with pytest.raises(VaemathError, match="is taken"):
        doc.row("eq. 1", "says", "tex")(lambda: verified())
    with pytest.raises(VaemathError, match="no row"):
        doc.find("eq. 2")


def test_a_row_of_another_document_keeps_its_backing():
    doc = Document("999_x.txt", "t", "o")
    doc.again(document("000"), "eq. 22", at="eq. 1", covers=(1,), note="other")
    (row,) = doc.rows
    assert (row.source, row.label, row.note) == ("999", "eq. 1", "other")
    assert row.back is document("000").find("eq. 22").back


def test_rows_are_chosen_by_document_and_verdict():
    assert {r.source for r in chosen(source="002")} == {"002"}
    assert chosen(source="002_d7d5414a7172368e.txt") == chosen(source="002")
    assert all(r.verdict == "shown" for r in run_rows(chosen(source="002", verdict="shown")))
    assert len(chosen()) == sum(len(d.rows) for d in documents())
    with pytest.raises(VaemathError, match="expected one of 000, 001, 002, 003, 004"):
        chosen(source="005")
    with pytest.raises(VaemathError, match="expected one of verified"):
        chosen(verdict="trivial")
