"""The command and the pages made from the ledger."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from vaemath.cli import ledger
from vaemath.derive import REAL, algebra, eq, symbol
from vaemath.ledger.load import chosen, documents
from vaemath.ledger.point import holds
from vaemath.ledger.report import pages
from vaemath.ledger.rows import Row
from vaemath.ledger.run import run_rows
from vaemath.ledger.write import by, claim, verified

DOCS = Path(__file__).resolve().parents[2] / "docs" / "ledger"
KEYS = {
    "source",
    "label",
    "statement",
    "as_written",
    "verdict",
    "backed_by",
    "counterexample",
    "corrected",
    "note",
}


@pytest.fixture(scope="module")
def results():
    return list(run_rows(chosen()))


@pytest.fixture
def app():
    made = typer.Typer()
    made.callback()(lambda: None)
    ledger.register(made)
    return made


def test_pages_on_disk_are_those_of_the_ledger(results):
    made = pages(results)
    assert {p.name for p in DOCS.glob("*.md")} == set(made)
    for name, text in made.items():
        assert (DOCS / name).read_text() == text, f"stale {name}: run `vaemath ledger --docs docs/ledger`"


def test_each_mistake_says_what_is_true_and_why_it_matters(results):
    for r in results:
        if r.verdict in ("corrected", "refuted"):
            assert r.corrected, r.row.label
            assert r.row.matters, r.row.label
            assert r.points or r.refusals, r.row.label


def test_tables_have_the_same_number_of_cells_in_each_line(results):
    for name, text in pages(results).items():
        for line in text.splitlines():
            if line.startswith("|") and name.startswith("document"):
                assert line.replace("\\|", "").count("|") == 7, line


def test_no_proved_statement_is_false_in_a_model(results):
    undecided = 0
    for r in results:
        for theorem in r.proved:
            truth = holds(theorem.statement, theorem.hypotheses, 2)
            assert truth is not False, theorem
            undecided += truth is None
    assert undecided <= 30  # their hypotheses are equations or inequalities that few models satisfy


def test_questions_are_answered_with_theorems(results):
    mine = [r for r in results if r.row.source == "002"]
    questions = [r for r in mine if "(" in r.row.label and ":" not in r.row.label]
    assert len(questions) == 10
    for r in questions:
        assert r.row.note.startswith("Answer: "), r.row.label
        assert r.uses or r.checked, r.row.label


def test_json_has_the_promised_keys(app):
    out = CliRunner().invoke(app, ["ledger", "--source", "002", "--json"])
    assert out.exit_code == 0, out.output
    rows = json.loads(out.stdout)
    assert len(rows) == len(documents()[2].rows)
    assert all(set(r) >= KEYS for r in rows)
    wrong = next(r for r in rows if r["label"] == "1: cross-entropy")
    assert (wrong["verdict"], wrong["source"]) == ("corrected", "002")
    assert wrong["counterexample"][0]["left"] != wrong["counterexample"][0]["right"]


def test_text_names_rows_and_counts_them(app):
    out = CliRunner().invoke(app, ["ledger", "--source", "002", "--verdict", "shown"])
    assert out.exit_code == 0
    assert "1 of 1 rows are backed" in out.stdout


def test_a_row_that_is_not_backed_makes_the_command_fail(app, monkeypatch):
    t = symbol("t", REAL)
    bad = Row("000", "a row", "says", "tex", lambda: verified(claim(eq(t, t + 1), by(algebra))))
    monkeypatch.setattr("vaemath.ledger.load.chosen", lambda **_: [bad])
    out = CliRunner().invoke(app, ["ledger"])
    assert out.exit_code == 1
    assert "FAILS" in out.stdout


def test_pages_are_written_where_asked(app, tmp_path):
    out = CliRunner().invoke(app, ["ledger", "--source", "002", "--docs", str(tmp_path / "new")])
    assert out.exit_code == 0
    assert (tmp_path / "new" / "document-002.md").is_file()
