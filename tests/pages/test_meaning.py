"""What is printed means what was proved: the LaTeX of a page, read back, is the term it was made from."""

import pytest

from vaemath.core.normal import canon
from vaemath.grade.declare import declare
from vaemath.grade.evidence import gather
from vaemath.grade.lines import value
from vaemath.grade.model import model_of
from vaemath.grade.reading import Reader
from vaemath.grade.scope import Scope
from vaemath.grade.tex import shape
from vaemath.grade.tokens import tokens
from vaemath.library import certificate
from vaemath.pages.densities import legend
from vaemath.pages.latex import latex
from vaemath.pages.layout import broken
from vaemath.pages.page import chosen_terms
from vaemath.pages.write import Writer

DECLARED = {
    "kl-normal": r"\mu_1, \mu_2 \in \mathbb{R}; \sigma_1, \sigma_2 > 0",
    "kl-normal-standard": r"\mu, v \in \mathbb{R}; \sigma > 0",
    "gaussian-moments": r"\mu \in \mathbb{R}; \sigma > 0",
    "gaussian-quadratic": r"n \in \mathbb{N}; \mu \in \mathbb{R}^n; "
    r"A \in \mathbb{R}^{n \times n}; \Sigma \in \mathbb{S}_{++}^n",
    "kl-mvn": r"n \in \mathbb{N}; \mu_1, \mu_2 \in \mathbb{R}^n; \Sigma_1, \Sigma_2 \in \mathbb{S}_{++}^n",
    "elbo-decomposition": "",
}
CASES = [
    (id, name)
    for id, names in {
        "kl-normal": ("main",),
        "kl-normal-standard": ("main",),
        "gaussian-moments": ("total", "mean", "variance", "main"),
        "gaussian-quadratic": ("main",),
        "kl-mvn": ("main",),
        "elbo-decomposition": ("evidence", "posterior-normalised", "main"),
    }.items()
    for name in names
]


@pytest.mark.parametrize(("id", "name"), CASES)
def test_the_lines_of_a_page_read_back(id, name):
    data = certificate(id)
    block = next(b for b in data["blocks"] if b["name"] == name)
    places = [data["steps"][x["step"]]["statement"] for x in block["lines"]]
    terms = chosen_terms(data["terms"], places)
    names = legend(id, terms.values())
    w = Writer(names)
    sources = {
        side: [latex(w.write(side)), " ".join(latex(r) for r in broken(w.write(side), 30))]
        for k in places
        for side in terms[k].args
    }
    evidence = gather([shape(tokens(s)) for both in sources.values() for s in both])
    scope = Scope(evidence=evidence)
    model = model_of(evidence.densities, evidence.densities)
    for line in filter(None, DECLARED[id].split("; ")):
        declare(tokens(line), Reader(scope, model))
    for density, label in names.items():
        scope.densities[label.name] = density
    for side, both in sources.items():
        for source in both:
            read = value(Reader(scope, model), shape(tokens(source)))
            assert read == side or canon(read) == canon(side), f"{side} is printed as {source}"
