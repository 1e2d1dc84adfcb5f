"""Files as a whole: what is refused, what is said of each line, exit statuses and tables."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vaemath.cli.app import application
from vaemath.grade import GradeError, grade, table

HOMEWORK = Path(__file__).parent.parent.parent / "docs" / "tutorial" / "homework.txt"
RIGHT = r"Let $x \in \mathbb{R}$. $$ (x + 1)^2 = x^2 + 2x + 1 $$"
WRONG = r"Let $x \in \mathbb{R}$. $$ (x + 1)^2 = x^2 + 1 $$"
UNREAD = r"Let $x \in \mathbb{R}$. $$ x = \foo{x} $$"
STATUS = {"right": (RIGHT, 0), "wrong": (WRONG, 1), "unread": (UNREAD, 3), "none": ("only words", 2)}


def written(tmp_path, text, name="homework.md"):
    path = tmp_path / name
    path.write_text(text)
    return path


def command(*words):
    return CliRunner().invoke(application(["grade"]), ["grade", *map(str, words)])


def test_the_homework_of_the_tutorial():
    found = grade(HOMEWORK)
    assert [v.verdict for v in found.verdicts] == ["starts", "follows", "follows", "false", "follows"]


def test_every_line_is_shown_as_it_was_read():
    for v in grade(HOMEWORK).verdicts:
        assert v.read
        assert f"read as  {v.read}" in str(v)


@pytest.mark.parametrize(
    ("chain", "message"),
    [
        (r"e = N", "`N` was not declared"),
        (r"x = \foo{x}", r"`\foo` cannot be read"),
        (r"x = \mathrm{rank}(x)", "`\\mathrm{rank}` is not in the vocabulary"),
        (r"x = \int x^2", "an integral needs its variable"),
        (r"x = x + ", "it ends too early"),
        (r"x = (x", "a bracket is not closed"),
        (r"x = x)", "closes a bracket that was not opened"),
        (r"x = |x| + |x", "3 bars"),
        (r"x = \pm 1", "says two things at once"),
        (r"x = x + \dots + x", "dots stand for something that is not written"),
        (r"x = x^{1000}", "too large"),
        (r"x = \sqrt[3]{x}", "only square roots"),
    ],
)
def test_what_cannot_be_read_is_one_line_that_says_why(tmp_path, chain, message):
    path = written(tmp_path, f"Let $x \\in \\mathbb{{R}}$.\n\n$$\n{chain}\n$$\n")
    unread = next(v for v in grade(path).verdicts if v.verdict == "cannot be read")
    assert message in unread.why
    assert "\n" not in unread.why


def test_a_missing_file_a_folder_and_one_without_equations(tmp_path):
    with pytest.raises(GradeError, match="no such file"):
        grade(tmp_path / "nothing.md")
    with pytest.raises(GradeError, match="is a directory"):
        grade(tmp_path)
    with pytest.raises(GradeError, match="no equations"):
        grade(written(tmp_path, "only words"))
    (tmp_path / "bytes.md").write_bytes(b"$$ \xff $$")
    with pytest.raises(GradeError, match="not UTF-8"):
        grade(tmp_path / "bytes.md")
    with pytest.raises(GradeError, match="larger than"):
        grade(written(tmp_path, "$$ x = x $$" * 100_000))


@pytest.mark.parametrize("name", STATUS)
def test_the_exit_status(tmp_path, name):
    text, status = STATUS[name]
    assert command(written(tmp_path, text)).exit_code == status


def test_a_class_is_one_table(tmp_path):
    paths = [written(tmp_path, text, f"{n}.md") for n, (text, _) in STATUS.items() if n != "none"]
    result = command(*paths, "--csv")
    assert result.exit_code == 1
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(r["follow"], r["false"], r["unread"]) for r in rows] == [
        ("1", "0", "0"),
        ("0", "1", "0"),
        ("0", "0", "1"),
    ]
    assert rows[1]["first_problem"].startswith("1: false")


def test_a_table_holds_no_formulas_of_a_spreadsheet(tmp_path):
    path = written(tmp_path, WRONG, "=cmd.md")
    cells = [c for row in csv.reader(io.StringIO(table([grade(path)]))) for c in row]
    assert not any(c.startswith(("=", "+", "-", "@")) for c in cells)


@pytest.mark.parametrize(
    ("last", "right"),
    [
        (r"\log\frac{t}{s} + \frac{s^2 + (a-b)^2}{2t^2} - \frac12", True),
        (r"\log t - \log s - \frac12 + \frac{s^2}{2 t^2} + \frac{(b-a)^2}{2t^2}", True),
        (r"\log\frac{s}{t} + \frac{s^2 + (a-b)^2}{2t^2} - \frac12", False),
        (r"\mathbb{E}_p[\log p(x) - \log q(x)]", False),
    ],
)
def test_the_answer_is_the_theorem_in_any_letters(tmp_path, last, right):
    text = rf"""Let $a, b \in \mathbb{{R}}$, $s, t > 0$.
Here $p = \mathcal{{N}}(a, s^2)$, $q = \mathcal{{N}}(b, t^2)$.
$$ KL(p \| q) = {last} $$"""
    assert grade(written(tmp_path, text), "kl-normal").answer is right


def test_json_is_the_whole_report(tmp_path):
    result = command(written(tmp_path, WRONG), "--json")
    data = json.loads(result.stdout)
    assert data["good"] is False
    assert data["verdicts"][1]["verdict"] == "false"
