"""The homework with three mistakes, and what else a script may do."""

from pathlib import Path

import pytest

from vaemath.errors import VaemathError
from vaemath.explain import explain
from vaemath.explain.template import new
from vaemath.explain.watch import refusal
from vaemath.library import scripts_in
from vaemath.proof.chain import Refused

HOMEWORK = Path(__file__).parent.parent.parent / "docs" / "tutorial" / "homework.py"


def test_three_mistakes_are_found_where_they_are():
    report = explain(HOMEWORK)
    assert [(f.number, f.verdict) for f in report.findings] == [
        (2, "holds"),
        (3, "false"),
        (4, "holds"),
        (5, "false"),
        (6, "false"),
    ]
    sign, factor, moment = (f for f in report.findings if f.verdict == "false")
    assert "a sign" in sign.near
    assert "+ x²/2" in sign.near
    assert "−log σ − ½ −" in factor.near
    assert "−σ²/2 added" in moment.near
    assert sign.place.startswith("homework.py:")
    assert "on line 2 and" in sign.counterexample
    assert not report.good
    assert not report.theorems
    assert report.as_json()["good"] is False
    assert "2 of 5 lines hold" in str(report)


def test_a_refusal_has_both_lines_and_a_counterexample():
    (script,) = scripts_in(HOMEWORK)
    with pytest.raises(Refused) as caught:
        script.run()
    text = refusal(caught.value)
    assert 'line 3 does not follow from line 2 by "the densities of p and q"' in text
    assert "false:   mu = 0, sigma = 2 gives" in text


def test_the_template_holds(tmp_path):
    report = explain(new("my-homework", tmp_path / "mine.py"))
    assert report.good, str(report)
    assert [str(t) for t in report.theorems] == [
        "my-homework / main: 𝔼_{x ∼ N(μ, σ²)}[(x − c)²] = σ² + (μ − c)²"
    ]
    with pytest.raises(VaemathError, match="is there already"):
        new("my-homework", tmp_path / "mine.py")
    with pytest.raises(VaemathError, match="lower-case words joined by hyphens"):
        new("My Homework", tmp_path / "other.py")


def script(tmp_path, body):
    path = tmp_path / "own.py"
    head = 'from vaemath.derive import *\n\n@derivation("own", title="own")\ndef own(d):\n'
    path.write_text(head + "\n".join("    " + line for line in body.splitlines()) + "\n")
    return path


@pytest.mark.parametrize(
    ("right", "wrong", "hint"),
    [
        ("KL(p, q)", "KL(q, p)", "swapped"),
        ("(m - c)**2 + 1", "(m - c)**2 - 1", "a sign"),
        ("2 * m + c", "m + c", "a factor 2 is missing"),
        ("m**2 + c", "m + c", "a square is missing"),
        ("m + c", "m + c + 1", "a term too many"),
    ],
)
def test_near_variants_are_named(tmp_path, right, wrong, hint):
    path = script(
        tmp_path,
        "m, c = d.reals('m c')\np, q = Normal(m, 1), Normal(c, 2)\n"
        f"d.start({right})\nd.to({wrong}, algebra, 'so')\nd.qed()",
    )
    (finding,) = explain(path).findings
    assert finding.verdict == "false"
    assert hint in finding.near


def test_a_transposed_product_is_named(tmp_path):
    path = script(
        tmp_path,
        "n = d.dimension('n')\na, b = d.matrices('A B', n)\n"
        "d.start((a @ b).T)\nd.to(a.T @ b.T, algebra, 'transpose')\nd.qed()",
    )
    (finding,) = explain(path).findings
    assert "the order of a matrix product" in finding.near


def test_a_true_line_with_a_wrong_reason_does_not_follow(tmp_path):
    path = script(
        tmp_path,
        "m, c = d.reals('m c')\np = Normal(m, 1)\n"
        "d.start(E(p, lambda x: x))\nd.to(m, algebra, 'clear')\nd.qed()",
    )
    (finding,) = explain(path).findings
    assert finding.verdict == "does not follow"
    assert not finding.counterexample


def test_a_script_that_breaks_is_reported_not_raised(tmp_path):
    report = explain(script(tmp_path, "d.start(1)\nraise KeyError('oh')"))
    assert report.stopped == "own: the script raises KeyError: 'oh' (own.py:6)"
    assert not report.good


def test_lines_keep_their_verdicts_when_a_later_one_raises(tmp_path):
    body = "m, c = d.reals('m c')\nd.start(m)\nd.to(m + 0, algebra, 'fine')\nd.to(c, algebra, 'wrong')\n"
    report = explain(script(tmp_path, body + "d.to(1 / 0, algebra, 'what')\nd.qed()"))
    assert [(f.number, f.verdict) for f in report.findings] == [(2, "holds"), (3, "false")]
    assert report.stopped == "own: the script raises ZeroDivisionError: division by zero (own.py:9)"
    report = explain(script(tmp_path, body + "d.start(c)\nd.to(c + 0, algebra, 'fine')\nd.qed()"))
    assert [f.verdict for f in report.findings] == ["holds", "false", "holds"]
    assert not report.good


def test_what_is_assumed_is_given_and_does_not_hold(tmp_path):
    body = "m, c = d.reals('m c')\nd.start(m)\n"
    report = explain(script(tmp_path, body + "d.to(c, assuming(eq(m, c)), 'I am told')\nd.qed()"))
    (finding,) = report.findings
    assert finding.verdict == "given"
    (theorem,) = report.theorems
    assert theorem.assumed
    assert theorem.given == ("m = c",)
    assert "0 of 1 lines hold; 1 given without a proof" in str(report)
    assert "assumed: own / main: m = c\n    given m = c" in str(report)

    disguised = "d.to(2 * c - c, assuming(eq(m, 2 * c - c)), 'so')\nd.to(c, algebra, 'collect')\nd.qed()"
    report = explain(script(tmp_path, body + disguised))
    assert [f.verdict for f in report.findings] == ["given", "holds"]
    assert report.theorems[0].given == ("m = 2*c - c",)


def test_nothing_is_proved_past_a_bad_line(tmp_path):
    body = "m, c = d.reals('m c')\nd.start(m)\nd.to(c, algebra, 'wrong')\n"
    body += "d.to(c + 0, algebra, 'right')\nd.qed()\n"
    report = explain(script(tmp_path, body + "d.start(m)\nd.to(m + 0, algebra, 'fine')\nd.qed('other')"))
    assert [f.verdict for f in report.findings] == ["false", "holds", "holds"]
    assert [str(t) for t in report.theorems] == ["own / other: m = m + 0"]
