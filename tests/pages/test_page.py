"""What a page says around the derivation: hypotheses in words, what a line builds on, kernels."""

import pytest

from vaemath.core.terms import NAT, POINT, POSITIVE, REAL
from vaemath.pages.as_text import said
from vaemath.pages.page import kernels, page
from vaemath.pages.summary import summary
from vaemath.pages.words import heading, notation, reason
from vaemath.terms.build import symbol


def test_hypotheses_are_words():
    assert [said(h) for h in page("elbo-decomposition").main.hypotheses] == [
        "p(z|x) stands for p_θ(x|z) p(z)/p(x)",
        "q_φ(z|x) integrates to one: ∫ q_φ(z|x) dz = 1",
        "log p_θ(x|z), log p(z|x), log p(z) and log q_φ(z|x) are integrable under q_φ(z|x)",
    ]


def test_positivity_and_densities_are_said():
    lines = [said(p) for p in page("kl-normal").notation]
    assert "σ₁, σ₂ > 0" in lines
    assert any("positive functions, read as densities" in said(p) for p in page("gibbs").notation)


def test_no_hypothesis_is_left_out():
    from vaemath.library import certificate, ids

    for id in ids():
        for block, shown in zip(certificate(id)["blocks"], page(id).blocks, strict=True):
            assert bool(block["hypotheses"]) == bool(shown.hypotheses)
            assert tuple(block["oracles"]) == shown.oracles


@pytest.mark.parametrize(
    ("id", "block", "line", "used"),
    [
        ("kl-normal", 0, 4, "gaussian-moments"),
        ("elbo-bound", 0, 1, "gibbs"),
        ("elbo-bound", 0, 2, "elbo-decomposition"),
    ],
)
def test_a_line_names_what_it_builds_on(id, block, line, used):
    assert used in [u for u, _ in page(id).blocks[block].lines[line].uses]


def test_kernels_are_those_that_name_the_theorem():
    made = {
        "vaemath.kernels.numpy.kl_normal",
        "vaemath.kernels.torch.kl_normal",
        "vaemath/kernels/c/kl_normal.c",
    }
    assert made <= set(kernels("kl-normal"))
    assert kernels("gibbs") == ()


def test_summary_is_plain_data():
    data = summary("gibbs").data()
    assert data["statement_text"] == "0 ≤ D_KL(q ‖ p)"
    assert {"id", "title", "statement", "hypotheses", "oracles", "kernels", "sources", "hash"} <= set(data)
    assert all(set(h) == {"text", "latex"} for h in data["hypotheses"])


def test_reasons_have_their_letters():
    assert said(reason("2 log sigma = log sigma^2")) == "2 log σ = log σ²"
    assert said(reason("x - mu_2 = (x - mu_1) + (mu_1 - mu_2)")) == "x − μ₂ = (x − μ₁) + (μ₁ − μ₂)"
    assert said(reason("Bayes' rule for a density")) == "Bayes' rule for a density"
    assert said(heading("a gradient of the trace formula")) == "A gradient of the trace formula"


def test_notation_sorts_by_kind():
    symbols = [symbol("x", REAL), symbol("s", POSITIVE), symbol("n", NAT), symbol("q", ("dist", POINT))]
    assert [said(p) for p in notation(symbols)] == [
        "n an integer, at least 1",
        "x ∈ ℝ",
        "s > 0",
        "q a positive function, read as a density",
    ]
