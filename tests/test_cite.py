"""References, and the way back from a hash."""

import copy
import json

import pytest

from vaemath import cite as module
from vaemath.cite import changes, cite, find_hash
from vaemath.errors import VaemathError
from vaemath.library import certificate


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
