"""The API reference, written from signatures and docstrings when the site is built."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from typing import Any

from signatures import signature

_SECTIONS = {
    "Args:": "Arguments",
    "Raises:": "Raises",
    "Returns:": "Returns",
    "Yields:": "Yields",
    "Attributes:": "Attributes",
}
PAGES = {
    "derive": (
        "Derivations",
        ("vaemath.library", "vaemath.proof.chain", "vaemath.core.theorem", "vaemath.proof.certificate"),
    ),
    "rules": (
        "The rules",
        (
            "vaemath.core.rules.logic",
            "vaemath.core.rules.algebra",
            "vaemath.core.rules.expectation",
            "vaemath.core.rules.calculus",
        ),
    ),
    "terms": ("Terms", ("vaemath.terms.build", "vaemath.core.terms", "vaemath.core.heads")),
    "kernels": (
        "Kernels",
        tuple(
            f"vaemath.kernels.numpy.{k}"
            for k in (
                "kl_normal_standard",
                "kl_normal",
                "kl_normal_diag",
                "kl_normal_diag_standard",
                "kl_mvn",
                "kl_mvn_covariance",
                "loss_gaussian",
                "loss_bernoulli",
            )
        ),
    ),
    "testing": ("Testing and checking", ("vaemath.testing", "vaemath.check")),
    "torch": ("With torch", ("vaemath.torch", "vaemath.native", "vaemath.vae")),
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
    kind = "class " if inspect.isclass(value) else ""
    out = [f"### `{key}`", "", "```python", signature(f"{kind}{key}", value), "```", "", *_doc(value)]
    if inspect.isclass(value):
        for name, f in vars(value).items():
            if inspect.isfunction(f) and not name.startswith("_") and f.__doc__:
                out += ["```python", signature(f"{key}.{name}", f), "```", "", *_doc(f)]
    return out


def _doc(value: Any) -> list[str]:
    """A docstring as Markdown: paragraphs, lists of parameters and errors, examples."""
    doc = inspect.getdoc(value) or ""
    if not doc or doc.startswith(f"{getattr(value, '__name__', '')}("):
        return []
    out: list[str] = []
    for block in re.split(r"\n\s*\n", doc):
        lines = block.splitlines()
        if lines[0] in _SECTIONS and len(lines) > 1:
            out += [f"**{_SECTIONS[lines[0]]}**", "", *_items(lines[1:]), ""]
        elif all(line.startswith("    ") or line.startswith(">>>") for line in lines):
            out += ["```python", *(line.removeprefix("    ") for line in lines), "```", ""]
        else:
            out += [_plain(" ".join(block.split())), ""]
    return out


def _items(lines: list[str]) -> list[str]:
    """``name: words`` with continuation lines, as a list."""
    indent = len(lines[0]) - len(lines[0].lstrip())
    out: list[str] = []
    for line in lines:
        if line[:indent].strip() == "" and line[indent : indent + 1].strip():
            name, colon, words = line.strip().partition(": ")
            named = colon and re.fullmatch(r"[\w, *.]+", name)
            out.append(f"- `{name}`: {_plain(words)}" if named else f"- {_plain(line.strip())}")
        else:
            out[-1] += f" {_plain(line.strip())}"
    return out


def _plain(words: str) -> str:
    """Words in which only code between backticks means something to Markdown."""
    for role in (":mod:", ":func:", ":class:"):
        words = words.replace(role, "")
    parts = re.split(r"(`+[^`]+`+)", words)
    return "".join(p if k % 2 else re.sub(r"([*_\[\]<$#|\\])", r"\\\1", p) for k, p in enumerate(parts))


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_reference)
    return {"parallel_read_safe": True}
