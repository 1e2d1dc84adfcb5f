"""Two pages in full: a change of the notation shows as a diff."""

import pytest

from vaemath.pages.formats import rendered


@pytest.mark.parametrize("id", ["kl-normal", "elbo-decomposition"])
def test_page(id, golden, monkeypatch):
    monkeypatch.setattr("vaemath.pages.page.is_signed", lambda content: True)
    text = rendered(id, "text", width=100)
    golden(f"page-{id}.txt", "\n".join(x for x in text.splitlines() if "certificate" not in x) + "\n")
