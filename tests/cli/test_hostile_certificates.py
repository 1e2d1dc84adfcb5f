"""Certificates as an enemy would write them: refused with one line that says why."""

import pytest
from hostile.certificates import BASE, FORMED, PROOFS

from vaemath import library
from vaemath.proof.certificate import replay
from vaemath.proof.stored import CertificateError, read


def refusal(content: bytes, act) -> str:
    with pytest.raises(CertificateError) as caught:
        act(content)
    line = str(caught.value)
    assert line.isprintable(), "one line, and nothing in it that moves the cursor"
    assert len(line) < 300
    return line


@pytest.mark.parametrize("hostile", FORMED, ids=lambda h: h.kind)
def test_what_has_not_the_form_of_a_certificate_is_refused_unread(hostile):
    line = refusal(hostile.make(), lambda b: read(b, f"{BASE}.json", id=BASE))
    assert line.startswith(f"{BASE}.json: ")
    assert hostile.words in line


@pytest.mark.parametrize("hostile", PROOFS, ids=lambda h: h.kind)
def test_what_proves_nothing_is_refused_by_the_rules(hostile):
    data = read(hostile.make(), f"{BASE}.json", id=BASE)
    assert hostile.words in refusal(data, lambda d: replay(d, f"{BASE}.json"))


def test_the_kinds_are_many_and_each_is_there_once():
    kinds = [h.kind for h in FORMED + PROOFS]
    assert len(kinds) == len(set(kinds)) >= 150


@pytest.mark.parametrize("id", library.ids())
def test_every_shipped_certificate_has_the_form(id):
    assert library.certificate(id)["id"] == id
    assert library.strangers() == []


@pytest.mark.parametrize(
    "id",
    [
        "../certificates/gibbs",
        "/etc/passwd",
        "gibbs.json",
        "Gibbs",
        "gibbs\n",
        "",
        ".",
        "-",
        "a" * 500,
        "\x1b[2J",
        "g\0s",
    ],
)
def test_an_id_does_not_lead_out_of_the_library(id):
    with pytest.raises(library.UnknownTheorem, match="expected lower-case words joined by hyphens"):
        library.certificate(id)


def test_a_certificate_is_a_plain_file_of_the_folder(tmp_path, monkeypatch):
    import os

    real = (library.CERTIFICATES / "gibbs.json").read_bytes()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "gibbs.json").write_bytes(real)
    folder = tmp_path / "certificates"
    folder.mkdir()
    (folder / "gibbs.json").symlink_to(tmp_path / "elsewhere" / "gibbs.json")
    (folder / "nothing.json").symlink_to(tmp_path / "nowhere")
    (folder / "folder.json").mkdir()
    os.mkfifo(folder / "pipe.json")
    (folder / "zero.json").symlink_to("/dev/zero")
    (folder / "Not an id.json").write_bytes(real)
    (folder / "notes.txt").write_text("x")
    monkeypatch.setattr(library, "CERTIFICATES", folder)
    for id, words in {
        "gibbs": "gibbs.json: is a link",
        "nothing": "nothing.json: is a link",
        "zero": "zero.json: is a link",
        "folder": "folder.json: is a directory",
        "pipe": "pipe.json: is a pipe",
    }.items():
        with pytest.raises(CertificateError, match=words):
            library.certificate(id)
    assert library.strangers() == ["Not an id.json", "notes.txt"]
