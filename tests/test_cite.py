"""References, and the way back from a hash."""

import copy
import json

import pytest

from vaemath import cite as module
from vaemath import library
from vaemath.cite import changes, cite, find_hash
from vaemath.errors import VaemathError
from vaemath.library import certificate
from vaemath.proof.stored import content_hash


@pytest.fixture(autouse=True)
def signed(monkeypatch, request):
    """As after `verify`; a test that asks for `unsigned` sees what happens before."""
    monkeypatch.setattr(module, "is_signed", lambda content: "unsigned" not in request.fixturenames)


@pytest.fixture
def unsigned():
    pass


def test_what_was_not_verified_is_replayed_before_it_is_cited(unsigned, tmp_path, monkeypatch):
    assert certificate("fair-die")["hash"] in cite("fair-die")
    false = copy.deepcopy(certificate("fair-die"))
    false["terms"][16] = ["num", [9, 2], []]
    false["hash"] = content_hash(false)
    (tmp_path / "fair-die.json").write_text(json.dumps(false))
    monkeypatch.setattr(library, "CERTIFICATES", tmp_path)
    with pytest.raises(VaemathError, match=r"replay: step 1: .*; a refused certificate is not cited"):
        cite("fair-die")


def test_a_title_cannot_leave_its_field(monkeypatch):
    monkeypatch.setattr(module, "read", lambda *a, **k: {"title": r"a}, note = {x_\input", "hash": "0" * 64})
    line = next(x for x in cite("gibbs").splitlines() if "title" in x)
    inner = line.split("= {", 1)[1].removesuffix("},")
    assert "}" not in inner.replace("{x", "").replace("t}", "")
    assert "\\input" not in inner


@pytest.mark.parametrize("format", ["bibtex", "csl-json", "apa"])
def test_every_reference_pins_the_certificate(format):
    text = cite("kl-normal", format)
    assert certificate("kl-normal")["hash"] in text
    assert "two normal distributions" in text


def test_csl_is_json_and_bibtex_keeps_capitals():
    (item,) = json.loads(cite("kl-normal", "csl-json"))
    assert item["id"] == "vaemath-kl-normal"
    assert "{KL} divergence" in cite("kl-normal")


def test_a_hash_leads_back_to_its_theorem(monkeypatch):
    monkeypatch.setattr(module, "_failures", lambda id: [])
    hash = certificate("gibbs")["hash"]
    for asked in (hash, hash[:12], f"sha256:{hash}"):
        found = find_hash(asked)
        assert (found.id, found.current, found.good) == ("gibbs", True, True)
    monkeypatch.setattr(module, "_failures", lambda id: ["a line"])
    assert not find_hash(hash).good


def test_an_unknown_hash_is_not_good(monkeypatch):
    monkeypatch.setattr(module, "_from_history", lambda hash: None)
    found = find_hash("0" * 64)
    assert found.id is None
    assert not found.good
    assert "no certificate" in str(found)


def test_an_earlier_certificate_says_what_changed(monkeypatch):
    old = copy.deepcopy(certificate("kl-normal"))
    old["hash"], old["title"] = "1" * 64, "Another title"
    monkeypatch.setattr(module, "_from_history", lambda hash: old)
    monkeypatch.setattr(module, "_failures", lambda id: [])
    found = find_hash("1" * 64)
    assert (found.id, found.current, found.good) == ("kl-normal", False, True)
    assert found.changes == ["title: was Another title"]


def test_a_changed_statement_is_not_good():
    new, old = certificate("kl-normal"), certificate("kl-normal-standard")
    said = changes(old, new)
    assert any(c.startswith("statement of main: was D_KL") for c in said)
    assert any(c.startswith("gone: ") for c in said)


@pytest.mark.parametrize("hash", ["abc", "xyz" * 10, ""])
def test_what_is_no_hash_is_refused(hash):
    with pytest.raises(VaemathError, match="8 to 64 hexadecimal digits"):
        find_hash(hash)


def test_formats_are_closed():
    with pytest.raises(VaemathError, match="format: got 'mla', expected one of bibtex"):
        cite("kl-normal", "mla")
