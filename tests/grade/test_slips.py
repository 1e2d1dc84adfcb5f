"""The slips that students make: each false line is called false, its right form never is."""

import pytest

from vaemath.grade import grade

NORMALS = r"""$x, \mu, m, c \in \mathbb{R}$, $\sigma, s, a, b > 0$, $d \in \mathbb{N}$,
$p = \mathcal{N}(\mu, \sigma^2)$, $q = \mathcal{N}(m, s^2)$, $t_j > 0$, $u_j \in \mathbb{R}$"""
MATRICES = r"""$n \in \mathbb{N}$, $A, B \in \mathbb{R}^{n \times n}$, $v, m \in \mathbb{R}^n$,
$\Sigma, S \in \mathbb{S}_{++}^n$, $p = \mathcal{N}(m, \Sigma)$"""
MODEL = ""
ELBO = r"\mathbb{E}_{q(z|x)}[\log p(x|z)] - D_{\mathrm{KL}}(q(z|x) \| p(z))"
WEIGHT = r"\frac{p(x,z)}{q(z|x)}"

SLIPS = {  # name: (declarations, left side and relation, the slip, what is right)
    "sign": (NORMALS, r"\mathbb{E}_p[(x-c)^2] =", r"\sigma^2 - (\mu-c)^2", r"\sigma^2 + (\mu-c)^2"),
    "factor 1/2": (
        NORMALS,
        "H(p) =",
        r"\log(2\pi\sigma^2) + \frac12",
        r"\frac12\log(2\pi e^1 \sigma^2)",
    ),
    "swapped arguments": (
        NORMALS,
        r"D_{KL}(p \| q) =",
        r"\log\frac{\sigma}{s} + \frac{s^2 + (\mu-m)^2}{2\sigma^2} - \frac12",
        r"\log\frac{s}{\sigma} + \frac{\sigma^2 + (\mu-m)^2}{2s^2} - \frac12",
    ),
    "lost square": (
        NORMALS,
        r"D_{KL}(p \| q) =",
        r"\log\frac{s}{\sigma} + \frac{\sigma^2 + (\mu-m)}{2s^2} - \frac12",
        r"\log\frac{s}{\sigma} + \frac{\sigma^2 + (\mu-m)^2}{2s^2} - \frac12",
    ),
    "dropped expectation": (NORMALS, r"\mathbb{E}_p[x^2] =", "x^2", r"\mu^2 + \sigma^2"),
    "std for variance": (
        NORMALS,
        r"\log p(x) =",
        r"-\frac12\log(2\pi\sigma^2) - \frac{(x-\mu)^2}{2\sigma}",
        r"-\frac12\log(2\pi\sigma^2) - \frac{(x-\mu)^2}{2\sigma^2}",
    ),
    "missing d": (
        NORMALS,
        r"\sum_{j=1}^{d} \frac12(t_j^2 + u_j^2 - 1) =",
        r"\frac12 \sum_{j=1}^{d} (t_j^2 + u_j^2) - \frac12",
        r"\frac12 \sum_{j=1}^{d} (t_j^2 + u_j^2) - \frac{d}{2}",
    ),
    "log of a sum": (NORMALS, r"\log a + \log b =", r"\log(a + b)", r"\log(a b)"),
    "log of a square": (NORMALS, r"\log(a^2) =", r"(\log a)^2", r"2 \log a"),
    "log of a quotient": (NORMALS, r"\log\frac{a}{b} =", r"\frac{\log a}{\log b}", r"\log a - \log b"),
    "order of a product": (MATRICES, r"(A B)^\top =", r"A^\top B^\top", r"B^\top A^\top"),
    "inverse of a product": (MATRICES, r"(\Sigma S)^{-1} =", r"\Sigma^{-1} S^{-1}", r"S^{-1} \Sigma^{-1}"),
    "transpose in a trace": (
        MATRICES,
        r"\mathrm{tr}(A^\top B) =",
        r"\mathrm{tr}(A B)",
        r"\mathrm{tr}(B^\top A)",
    ),
    "log det of a multiple": (
        MATRICES,
        r"\log\det(2\Sigma) =",
        r"2 \log\det\Sigma",
        r"n \log 2 + \log\det\Sigma",
    ),
    "quadratic form": (
        MATRICES,
        r"\mathbb{E}_{x \sim p}[(x-m)^\top S^{-1} (x-m)] =",
        r"\mathrm{tr}(S \Sigma)",
        r"\mathrm{tr}(S^{-1} \Sigma)",
    ),
    "sign of the KL": (
        MODEL,
        r"\log p(x) =",
        ELBO.replace("- D", "+ D") + r" + D_{KL}(q(z|x) \| p(z|x))",
        ELBO + r" + D_{KL}(q(z|x) \| p(z|x))",
    ),
    "direction of the bound": (MODEL, r"\log p(x)", rf"\le {ELBO}", rf"\ge {ELBO}"),
    "gap left out": (MODEL, r"\log p(x)", rf"= {ELBO}", rf"\ge {ELBO}"),
    "Bayes without evidence": (
        MODEL,
        r"\log p(z|x) =",
        r"\log p(x|z) + \log p(z)",
        r"\log p(x|z) + \log p(z) - \log p(x)",
    ),
    "marginal without prior": (MODEL, "p(x) =", r"\int p(x|z) dz", r"\int p(x|z) p(z) dz"),
    "Jensen the wrong way": (
        MODEL,
        rf"\log \mathbb{{E}}_{{q(z|x)}}[{WEIGHT}]",
        rf"\le \mathbb{{E}}_{{q(z|x)}}[\log {WEIGHT}]",
        rf"\ge \mathbb{{E}}_{{q(z|x)}}[\log {WEIGHT}]",
    ),
    "weights without the prior": (
        MODEL,
        r"\log p(x) =",
        r"\log \mathbb{E}_{q(z|x)}[\frac{p(x|z)}{q(z|x)}]",
        rf"\log \mathbb{{E}}_{{q(z|x)}}[{WEIGHT}]",
    ),
    "mean under the wrong density": (
        MODEL,
        r"D_{KL}(q(z|x) \| p(z)) =",
        r"\mathbb{E}_{p(z)}[\log q(z|x) - \log p(z)]",
        r"\mathbb{E}_{q(z|x)}[\log q(z|x) - \log p(z)]",
    ),
}


@pytest.mark.parametrize("name", SLIPS)
def test_the_slip_is_false_and_its_right_form_follows(tmp_path, name):
    declared, left, wrong, right = SLIPS[name]
    path = tmp_path / "homework.md"
    path.write_text(f"{declared}\n\n$$ {left} {wrong} $$\n\n$$ {left} {right} $$\n")
    slip, mended = grade(path).verdicts
    assert slip.verdict == "false"
    assert " gives " in slip.why
    assert mended.verdict == "follows", mended.why
