"""Where the documents' rows come from: one Python file per document beside the derivations."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from vaemath.errors import VaemathError
from vaemath.ledger.rows import VERDICTS, Document, Row
from vaemath.library import scripts_directory

_documents: dict[str, Document] = {}


def sources() -> list[Path]:
    """The files of the ledger, in document order.

    Raises:
        VaemathError: there are none.
    """
    paths = sorted((scripts_directory() / "sources").glob("document_*.py"))
    if not paths:
        raise VaemathError(
            f"{scripts_directory() / 'sources'}: no documents; expected document_000.py and so on"
        )
    return paths


def document(name: str) -> Document:
    """The document of that number, such as 000.

    Raises:
        VaemathError: there is none, or its file does not load.
    """
    if name not in _documents:
        path = scripts_directory() / "sources" / f"document_{name}.py"
        if not path.is_file():
            known = ", ".join(p.stem.removeprefix("document_") for p in sources())
            raise VaemathError(f"source: got {name!r}; expected one of {known}")
        spec = importlib.util.spec_from_file_location(f"_ledger_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module  # the files draw on each other's helpers by name
        spec.loader.exec_module(module)
        found = module.doc
        if not isinstance(found, Document):
            raise VaemathError(f"{path}: `doc` is no ledger document")
        _documents[name] = found
    return _documents[name]


def documents() -> list[Document]:
    """All documents in order."""
    return [document(p.stem.removeprefix("document_")) for p in sources()]


def chosen(*, source: str | None = None, verdict: str | None = None) -> list[Row]:
    """The rows of one document or of all; with a verdict, those that claim it.

    Raises:
        VaemathError: an unknown document or verdict.
    """
    if verdict is not None and verdict not in VERDICTS:
        raise VaemathError(f"verdict: got {verdict!r}; expected one of {', '.join(VERDICTS)}")
    those = documents() if source is None else [document(source.split("_")[0])]
    rows = [r for d in those for r in d.rows]
    return [r for r in rows if verdict is None or r.back().verdict == verdict]
