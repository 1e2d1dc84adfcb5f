"""A page for each theorem, written from its certificate when the site is built."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sphinx.errors import ExtensionError

from vaemath.cite import cite
from vaemath.library import ids
from vaemath.pages.as_markdown import displayed, markdown_text
from vaemath.pages.layout import Paragraph
from vaemath.pages.page import Block, Line, Page, page
from vaemath.pages.words import ORACLES, heading, reason

ROOT = Path(__file__).parent.parent.parent
_FOLD = """```{raw} html
<label class="vm-toggle"><input type="checkbox" id="vm-fold"> fold the lines that are algebra alone</label>
```
"""


def write_pages(app: Any) -> None:
    """Write theorems/ID.md and theorems/index.md; files that would not change are left alone."""
    folder = Path(app.srcdir) / "theorems"
    folder.mkdir(exist_ok=True)
    audit = audits(Path(app.doctreedir))
    known = ids()
    for old in folder.glob("*.md"):
        if old.stem not in known and old.stem != "index":
            old.unlink()
    pages = [page(id) for id in known]
    used = {
        id: [p for p in pages if any(id == u for b in p.blocks for line in b.lines for u, _ in line.uses)]
        for id in known
    }
    for p in pages:
        _put(folder / f"{p.id}.md", theorem_page(p, audit[p.id], used[p.id]))
    rest = [f"- [{p.title}]({p.id}.md)" for p in pages if len(p.main.statement) != 1]
    listed = "\n".join(p.id for p in pages)
    body = [
        "# Theorems",
        "",
        "Each page is written from a certificate: every line was checked by a rule, and again in models.",
        "",
    ]
    cards = [
        f"[{p.title}]({p.id}.md)\n: ${displayed(p.main.statement, limit=999)}$\n"
        for p in pages
        if len(p.main.statement) == 1
    ]
    body += [*cards, *rest, "", "```{toctree}", ":hidden:", listed, "```", ""]
    _put(folder / "index.md", "\n".join(body))


def _put(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def audits(cache: Path) -> dict[str, dict[str, Any]]:
    """What `vaemath verify` says of each theorem; kept while everything that it reads or runs stays the same.

    Raises:
        ExtensionError: a theorem does not hold.
    """
    stamp = _stamp()
    kept = cache / "verify.json"
    if kept.is_file():
        known: dict[str, Any] = json.loads(kept.read_text())
        if known["stamp"] == stamp:
            return known["reports"]
    command = [sys.executable, "-m", "vaemath", "verify", "--json", *ids()]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise ExtensionError(f"`vaemath verify` exited with {done.returncode}:\n{done.stdout}{done.stderr}")
    reports = {r["id"]: r for r in json.loads(done.stdout)}
    cache.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps({"stamp": stamp, "reports": reports}))
    return reports


def _stamp() -> str:
    """A hash of the package, its certificates, the scripts, and the versions of what they rest on."""
    h = hashlib.sha256(sys.version.encode())
    for name in ("sympy", "mpmath", "python-flint", "numpy"):
        h.update(f"{name} {version(name)}\n".encode())
    files = [*(ROOT / "vaemath").rglob("*.py"), *(ROOT / "vaemath").rglob("*.json")]
    for f in sorted([*files, *(ROOT / "derivations").glob("*.py")]):
        h.update(f"{f.relative_to(ROOT)}\n".encode() + f.read_bytes())
    return h.hexdigest()


def theorem_page(p: Page, audit: dict[str, Any], used: list[Page]) -> str:
    """The page as MyST Markdown: statement, hypotheses, numbered lines, what stands around the theorem."""
    out = [f"# {p.title}", "", "```{math}", displayed(p.main.statement, limit=70), "```", ""]
    out += [f"- where {markdown_text(x)}" for x in p.main.where] if p.main.named else []
    out += ["", *_items("Notation", p.notation)]
    out += _items("Assumes", p.main.hypotheses or (("nothing beyond the notation",),))
    trusted = [(f"`{o}`: ", *reason(ORACLES.get(o, ""))) for o in p.oracles]
    out += _items("Trusts", trusted or (("nothing outside [the rules](../soundness.md)",),))
    out.append(_FOLD)
    for b in p.blocks:
        out += _block(b, p)
    out += ["## About this theorem", ""]
    out += _items("Audit", (_audit(audit),))
    if p.kernels:
        out += _items("Kernels made from it", tuple((f"`{k}`",) for k in p.kernels))
    out += _items("It backs, in the source documents", tuple((s,) for s in p.sources))
    if used:
        links = ", ".join(f"[{q.title}]({q.id}.md)" for q in used)
        out += ["**Used by** " + links, ""]
    out += ["**Cite**", "", "```bibtex", cite(p.id).rstrip(), "```", ""]
    out += [
        f"`vaemath show {p.id} --format pdf --out {p.id}.pdf` writes this page as a PDF; "
        f"`vaemath verify --hash {p.hash[:12]}` "
        "says whether this version still verifies.",
        "",
    ]
    return "\n".join(out)


def _audit(r: dict[str, Any]) -> Paragraph:
    return (
        f"{r['replayed']} steps replayed; {r['audited']} evaluated on both sides in "
        f"{r['evaluations']} model evaluations, "
        f"worst relative deviation {r['worst_deviation']:.0e}; {r['enclosures']} integrals enclosed; "
        f"{r['false_goals']} false variants refused; {r['kernels']} kernel outputs proved equal to it.",
    )


def _items(head: str, items: Any) -> list[str]:
    rows = [f"- {markdown_text(p)}" for p in items]
    return rows and [f"**{head}**", "", *rows, ""]


def _block(b: Block, p: Page) -> list[str]:
    title = "Derivation" if b is p.main else b.title or b.name
    out = [f"({p.id}-{b.name})=", f"## {markdown_text(heading(title))}", ""]
    notes = [f"where {markdown_text(x)}" for x in b.where]
    notes += [f"given: {markdown_text(h)}" for h in b.hypotheses if h not in p.main.hypotheses]
    out += [f"- {n}" for n in notes] + ([""] if notes else [])
    for line in b.lines:
        out += _line(line, p)
    return out


def _line(line: Line, p: Page) -> list[str]:
    out = [":::{container} vm-line" + (" vm-plain" if line.plain else "")]
    out += [
        "```{math}",
        f":label: {p.id}-line-{line.number}",
        displayed(line.formula, line.relation, limit=58),
        "```",
    ]
    if line.reason:
        uses = ", ".join(f"[{id}]({id}.md)" for id in dict.fromkeys(id for id, _ in line.uses))
        out += ["", markdown_text(line.reason) + (f" ({uses})" if uses else "")]
    return [*out, ":::", ""]


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True}
