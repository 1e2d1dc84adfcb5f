"""The formats that a page can be asked for."""

from __future__ import annotations

from vaemath.errors import VaemathError
from vaemath.pages.page import page

FORMATS = ("text", "markdown", "latex", "typst", "html", "pdf")


def rendered(id: str, format: str, *, width: int = 100, to_file: bool = True) -> str | bytes:
    """The page of a theorem in a format; a PDF is bytes, everything else is text.

    Raises:
        VaemathError: an unknown format, or a PDF that would go to the terminal.
        UnknownTheorem: there is no theorem of that id.
    """
    if format not in FORMATS:
        raise VaemathError(f"format: got {format!r}, expected one of {', '.join(FORMATS)}")
    if format == "pdf" and not to_file:
        raise VaemathError(f"format: pdf is not text; name a file, as in --out {id}.pdf")
    found = page(id)
    if format == "text":
        from vaemath.pages.as_text import as_text

        return as_text(found, width)
    if format in ("typst", "pdf"):
        from vaemath.pages.as_typst import as_pdf, as_typst

        return as_pdf(found) if format == "pdf" else as_typst(found)
    if format == "latex":
        from vaemath.pages.as_latex import as_latex

        return as_latex(found)
    if format == "html":
        from vaemath.pages.as_html import as_html

        return as_html(found)
    from vaemath.pages.as_markdown import as_markdown

    return as_markdown(found)
