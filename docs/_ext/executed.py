"""Code and commands that run when the site is built; what they print stands below them."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parent.parent.parent


def _shown(text: str, language: str) -> nodes.literal_block:
    block = nodes.literal_block(text, text)
    block["language"] = language
    return block


class Python(SphinxDirective):
    """``{run-python}``: code of one page runs in one namespace, in order."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        source = "\n".join(self.content)
        spaces: dict[str, dict[str, Any]] = self.env.temp_data.setdefault("executed", {})
        space = spaces.setdefault(self.env.docname, {"__name__": "docs"})
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(source, f"<{self.env.docname}>", "exec"), space)
        blocks = [_shown(source, "python")]
        if out.getvalue():
            blocks.append(_shown(out.getvalue().rstrip(), "text"))
        return blocks


class Shell(SphinxDirective):
    """``{run-shell} [status]``: `vaemath ...` commands, one a line; the exit status is checked."""

    has_content = True
    optional_arguments = 1
    option_spec = {"lines": int}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        folder = Path(self.env.app.doctreedir) / "scratch" / self.env.docname.replace("/", "-")
        folder.mkdir(parents=True, exist_ok=True)
        out: list[nodes.Node] = []
        expected = int(self.arguments[0]) if self.arguments else 0
        for line in self.content:
            words = shlex.split(line)
            if words[0] == "vaemath":
                words[:1] = [sys.executable, "-c", "from vaemath.cli import main; main()"]
            env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "88", "VAEMATH_DOCS": str(ROOT / "docs")}
            words = [w.replace("$DOCS", str(ROOT / "docs")) for w in words]
            done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=300)
            if done.returncode != expected:
                raise ExtensionError(
                    f"{self.env.docname}: `{line}` exited with {done.returncode}:\n{done.stdout}{done.stderr}"
                )
            text = done.stdout.rstrip() or done.stderr.rstrip()
            limit = self.options.get("lines")
            if limit and len(text.splitlines()) > limit:
                text = "\n".join([*text.splitlines()[:limit], "..."])
            shown = line.replace("$DOCS/", "")
            out += [_shown(f"$ {shown}" + (f"\n{text}" if text else ""), "text")]
        return out


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_directive("run-python", Python)
    app.add_directive("run-shell", Shell)
    return {"parallel_read_safe": False}
