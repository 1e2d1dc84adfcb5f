"""The API reference, written from signatures and docstrings when the site is built."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

PAGES = {
    "derive": (
        "Derivations",
        ("vaemath.library", "vaemath.proof.chain", "vaemath.proof.theorem", "vaemath.proof.certificate"),
    ),
    "rules": (
        "The rules",
        (
            "vaemath.proof.rules.logic",
            "vaemath.proof.rules.algebra",
            "vaemath.proof.rules.expectation",
            "vaemath.proof.rules.calculus",
            "vaemath.proof.rules.matrices",
        ),
    ),
    "terms": ("Terms", ("vaemath.terms.build", "vaemath.terms.term", "vaemath.terms.definitions")),
    "kernels": (
        "Kernels",
        tuple(
            f"vaemath.kernels.numpy.{k}"
            for k in (
                "kl_normal_standard",
                "kl_normal",
                "kl_normal_diag",
                "kl_mvn",
                "kl_mvn_covariance",
                "loss_gaussian",
                "loss_bernoulli",
            )
        ),
    ),
    "testing": ("Testing and checking", ("vaemath.testing", "vaemath.check")),
    "reading": (
        "Pages, references, reports",
        ("vaemath.pages.formats", "vaemath.cite", "vaemath.explain", "vaemath.grade", "vaemath.errors"),
    ),
}


def write_reference(app: Any) -> None:
    """Write api/*.md."""
    folder = Path(app.srcdir) / "api"
    folder.mkdir(exist_ok=True)
    for name, (title, modules) in PAGES.items():
        out = [f"# {title}", ""]
        for m in modules:
            out += _module(m)
        _put(folder / f"{name}.md", "\n".join(out))
    listed = "\n".join(PAGES)
    head = "# Reference\n\nEvery public name with its signature, shapes, units, errors and source.\n\n"
    _put(folder / "index.md", f"{head}```{{toctree}}\n{listed}\n```\n")


def _put(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _module(name: str) -> list[str]:
    module = importlib.import_module(name)
    out = [f"## `{name}`", "", *_doc(module)]
    public = getattr(module, "__all__", None) or [k for k in vars(module) if not k.startswith("_")]
    for key in public:
        value = getattr(module, key, None)
        ours = getattr(value, "__module__", "") == name or key in getattr(module, "__all__", ())
        if ours and (inspect.isclass(value) or inspect.isfunction(value)):
            out += _member(key, value)
    return out


def _member(key: str, value: Any) -> list[str]:
    try:
        signature = str(inspect.signature(value))
    except (ValueError, TypeError):
        signature = "(...)"
    kind = "class " if inspect.isclass(value) else ""
    shown = f"{kind}{key}{signature}".replace("'", "")
    out = [f"### `{key}`", "", "```python", shown, "```", "", *_doc(value)]
    if inspect.isclass(value):
        for name, f in vars(value).items():
            if inspect.isfunction(f) and not name.startswith("_") and f.__doc__:
                method = str(inspect.signature(f)).replace("'", "")
                out += ["```python", f"{key}.{name}{method}", "```", "", *_doc(f)]
    return out


def _doc(value: Any) -> list[str]:
    doc = inspect.getdoc(value) or ""
    first, _, rest = doc.partition("\n\n")
    if not first or doc.startswith(f"{getattr(value, '__name__', '')}("):
        return []
    out = [_plain(" ".join(first.split())), ""]
    return (
        [*out, "```text", rest.replace(":mod:", "").replace(":func:", "").replace(":class:", ""), "```", ""]
        if rest
        else out
    )


def _plain(words: str) -> str:
    for role in (":mod:", ":func:", ":class:"):
        words = words.replace(role, "")
    for mark in ("*", "_", "[", "]", "<", "$", "#", "|"):
        words = words.replace(mark, "\\" + mark) if "`" not in words else words
    return words


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_reference)
    return {"parallel_read_safe": True}
