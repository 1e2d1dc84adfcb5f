"""Every page in every format: whole, well formed, without debris, the same twice."""

import importlib.util
import re
import xml.etree.ElementTree as ET

import pytest

from vaemath.errors import VaemathError
from vaemath.library import UnknownTheorem, ids
from vaemath.pages.formats import rendered
from vaemath.pages.page import page

IDS = ids()
DEBRIS = re.compile(r"#\d|\?\d|polygamma|Traceback|None|<vaemath|logvar_|likelihood\(|prior\(|\(1, 1\)")


@pytest.mark.parametrize("id", IDS)
def test_text_has_every_line_with_its_number_and_no_debris(id):
    text = rendered(id, "text", width=100)
    count = sum(len(b.lines) for b in page(id).blocks)
    numbers = [int(n) for n in re.findall(r"^ +\((\d+)\)", text, re.MULTILINE)]
    assert numbers == list(range(1, count + 1))
    assert not DEBRIS.search(text), DEBRIS.search(text)
    assert page(id).hash in text


@pytest.mark.parametrize("id", IDS)
def test_every_reason_stands_on_the_page(id):
    from vaemath.library import certificate
    from vaemath.pages.as_text import said
    from vaemath.pages.words import reason

    text = " ".join(rendered(id, "text", width=100).split())
    for block in certificate(id)["blocks"]:
        for line in block["lines"]:
            assert " ".join(said(reason(line["reason"])).split()) in text


@pytest.mark.parametrize("id", IDS)
def test_latex_is_balanced(id):
    for format in ("latex", "markdown"):
        source = rendered(id, format)
        bare = re.sub(r"\\.", "", source)
        assert bare.count("{") == bare.count("}")
        assert source.count(r"\left") - source.count(r"\leftarrow") == source.count(r"\right")
        open_ones: list[str] = []
        for kind, name in re.findall(r"\\(begin|end)\{(\w+\*?)\}", source):
            if kind == "begin":
                open_ones.append(name)
            else:
                assert open_ones.pop() == name
        assert not open_ones


@pytest.mark.parametrize("id", IDS)
def test_latex_is_what_any_tex_sets(id):
    source = rendered(id, "latex")
    assert source.isascii(), {c for c in source if not c.isascii()}
    for body in re.findall(r"\\begin\{itemize\}(.*?)\\end\{itemize\}", source, re.DOTALL):
        assert r"\item" in body
    assert rf"\texttt{{{page(id).hash}}}" in source


@pytest.mark.parametrize("id", IDS)
def test_html_is_well_formed_and_stands_alone(id):
    source = rendered(id, "html")
    body = source[source.index("<body") : source.index("</html>")]
    ET.fromstring(re.sub(r"<br>|<input[^>]*>", "", body.replace("&#x2061;", "")))
    assert not re.search(r"src=|@import|https?://|<script", source)


def test_pdf_is_reproducible_or_says_what_it_needs(monkeypatch):
    if importlib.util.find_spec("typst") is not None:
        first, second = rendered("kl-normal", "pdf"), rendered("kl-normal", "pdf")
        assert isinstance(first, bytes)
        assert first.startswith(b"%PDF")
        assert first == second
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    with pytest.raises(VaemathError, match=r"pip install 'vaemath\[pdf\]'"):
        rendered("kl-normal", "pdf")


def test_bad_format_and_id_are_one_line():
    with pytest.raises(VaemathError, match="format: got 'docx', expected one of text"):
        rendered("kl-normal", "docx")
    with pytest.raises(UnknownTheorem, match="no theorem `nothing`"):
        rendered("nothing", "text")
    with pytest.raises(VaemathError, match="pdf is not text"):
        rendered("kl-normal", "pdf", to_file=False)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_long_formulas_wrap(width):
    long = [x for x in rendered("kl-normal", "text", width=width).splitlines() if len(x) > width]
    hash = page("kl-normal").hash
    assert not [x for x in long if hash not in x and "𝔼" not in x]
