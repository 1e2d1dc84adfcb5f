"""Chains of LaTeX equations: what follows, what is false, what is outside the vocabulary."""

import re
from pathlib import Path

import pytest

from vaemath.grade import grade
from vaemath.grade.tokens import GradeError

HOMEWORK = Path(__file__).parent.parent.parent / "docs" / "tutorial" / "homework.txt"
SCALARS = (
    r"Let $\mu, x, y \in \mathbb{R}$, $\sigma > 0$, "
    r"$p = \mathcal{N}(\mu, \sigma^2)$, $q = \mathcal{N}(0, 1)$."
)
MATRICES = (
    r"$n \in \mathbb{N}$, $m \in \mathbb{R}^n$, "
    r"$A, B \in \mathbb{R}^{n \times n}$, $\Sigma \in \mathbb{S}_{++}^n$"
)


def graded(tmp_path, declared, chain):
    path = tmp_path / "file.md"
    path.write_text(f"{declared}\n\n$$\n{chain}\n$$\n")
    return [v.verdict for v in grade(path).verdicts]


@pytest.mark.parametrize(
    "chain",
    [
        r"(x + y)^2 &= x^2 + 2 x y + y^2",
        r"\log \sigma^2 = 2 \log \sigma",
        r"\frac12 x = \frac{x}{2} = 0.5 x",
        r"\mathbb{E}_{x \sim p}[x^2] = \mathbb{E}_p[(x - \mu)^2 + 2\mu x - \mu^2] = \sigma^2 + \mu^2",
        r"D_{\mathrm{KL}}(p \| q) = \mathbb{E}_p[\log p(x) - \log q(x)]"
        r" = \frac12(\sigma^2 + \mu^2 - 1 - \log \sigma^2)",
        r"\mathcal{N}(x; 0, 1) = \frac{1}{\sqrt{2 \pi}} e^{-x^2/2}",
        r"H(p) = \mathbb{E}_{y \sim p}[-\log p(y)]",
        r"x^2 \ge 0",
        r"\mathrm{softplus}(x) = \log(1 + e^x)",
    ],
)
def test_what_follows(tmp_path, chain):
    assert set(graded(tmp_path, SCALARS, chain)) == {"follows"}


@pytest.mark.parametrize(
    "chain",
    [
        r"(x + y)^2 = x^2 + x y + y^2",
        r"\log \sigma^2 = \log \sigma",
        r"\mathbb{E}_p[x^2] = \mu^2",
        r"D_{\mathrm{KL}}(p \| q) = \mathbb{E}_q[\log p(x) - \log q(x)]",
        r"D_{KL}(p \| q) = \frac12(\sigma^2 + \mu^2 + 1 - \log \sigma^2)",
        r"D_{KL}(p \| q) = D_{KL}(q \| p)",
        r"\mathcal{N}(x; 0, 1) = \frac{1}{2 \pi} e^{-x^2/2}",
        r"x \ge y",
        r"x^2 \le 0",
    ],
)
def test_what_is_false_has_a_counterexample(tmp_path, chain):
    path = tmp_path / "file.md"
    path.write_text(f"{SCALARS}\n\n$$\n{chain}\n$$\n")
    (verdict,) = grade(path).verdicts
    assert verdict.verdict == "false"
    assert "gives" in verdict.why


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        (r"m^\top A m = \mathrm{tr}(A m m^\top) = \mathrm{tr}(m m^\top A)", "follows"),
        (r"(A B)^\top = B^\top A^\top", "follows"),
        (r"(A B)^\top = A^\top B^\top", "false"),
        (r"\mathrm{tr}(\Sigma^{-1} \Sigma) = n", "follows"),
        (r"\log\det \Sigma^{-1} = -\log\det \Sigma", "follows"),
        (r"A B = B A", "false"),
        (r"\mathrm{tr}(A B) = \mathrm{tr}(B A)", "follows"),
    ],
)
def test_matrices(tmp_path, chain, expected):
    assert set(graded(tmp_path, MATRICES, chain)) == {expected}


def test_the_model_and_its_bound(tmp_path):
    chain = r"""\log p(x)
      &= \mathbb{E}_{q(z|x)}[\log p(x|z)] - D_{KL}(q(z|x) \| p(z)) + D_{KL}(q(z|x) \| p(z|x)) \\
      &\ge \mathbb{E}_{q(z|x)}[\log p_\theta(x|z)] - D_{KL}(q_\phi(z|x) \| p(z))"""
    path = tmp_path / "elbo.md"
    path.write_text(f"$$\n{chain}\n$$\n")
    result = grade(path)
    assert [v.verdict for v in result.verdicts] == ["follows", "follows"]
    assert "integrates to one" in result.verdicts[0].why
    wrong = chain.replace("+ D_{KL}", "- D_{KL}")
    path.write_text(f"$$\n{wrong}\n$$\n")
    assert grade(path).verdicts[0].verdict == "false"


def test_sums_over_indices(tmp_path):
    declared = r"$d \in \mathbb{N}$, $\mu_j \in \mathbb{R}$, $\sigma_j > 0$"
    chain = r"\sum_{j=1}^{d} (\mu_j + 2 \sigma_j) = \sum_{j=1}^d \mu_j + 2 \sum_{k=1}^d \sigma_k"
    assert graded(tmp_path, declared, chain) == ["follows"]
    assert graded(tmp_path, declared, chain.replace("+ 2 \\sum", "+ \\sum")) == ["false"]


def test_the_homework_of_the_tutorial():
    assert [v.verdict for v in grade(HOMEWORK).verdicts] == ["follows", "follows", "false", "follows"]


@pytest.mark.parametrize(
    ("chain", "message"),
    [
        (r"w = x", "`w` was not declared"),
        (r"\foo{x} = x", r"line 4: expected a letter at `\\foo`"),
        (r"x^y = x", "expected a number as exponent"),
        (r"\mathrm{rank}(x) = y", "`rank` is not in the vocabulary"),
        (r"\mathbb{E}_r[x] = y", "`r` is no density that was declared"),
        (r"\int x^2 = y", "an integral needs its variable"),
        (r"x + = y", "line 4"),
        (r"__import__ = x", "line 4"),
    ],
)
def test_outside_the_vocabulary_is_one_line_with_its_place(tmp_path, chain, message):
    path = tmp_path / "work.md"
    path.write_text(f"{SCALARS}\n\n$$\n{chain}\n$$\n")
    unread = next(v for v in grade(path).verdicts if v.verdict == "cannot be read")
    assert re.search(message, unread.why)
    assert "\n" not in unread.why


def test_one_line_outside_the_vocabulary_leaves_the_others_graded(tmp_path):
    chain = r"(x + y)^2 = x^2 + 2 x y + y^2 = \foo{x} = y^2 + x^2 = x^2 + y^2 = x^2 - y^2"
    found = ["follows", "cannot be read", "could not decide", "follows", "false"]
    assert graded(tmp_path, SCALARS, chain) == found


def test_a_missing_file_and_one_without_equations(tmp_path):
    with pytest.raises(GradeError, match="cannot be read"):
        grade(tmp_path / "nothing.md")
    (tmp_path / "words.md").write_text("only words")
    with pytest.raises(GradeError, match="no equations"):
        grade(tmp_path / "words.md")
