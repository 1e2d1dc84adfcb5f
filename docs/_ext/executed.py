"""Code and commands that run when the site is built; what they print stands below them."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import shutil
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
    if language == "text":
        block["classes"].append("vm-terminal")
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
    """``{run-shell} [status]``: commands, one a line, beside copies of the page's files and the tutorial's.

    The exit status is checked: 0, or the one that is given.
    """

    has_content = True
    optional_arguments = 1
    option_spec = {"lines": int}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        folder = Path(self.env.app.doctreedir) / "scratch" / self.env.docname.replace("/", "-")
        here = Path(self.env.doc2path(self.env.docname)).parent
        (folder / "tutorial").mkdir(parents=True, exist_ok=True)
        for pattern in ("*.py", "*.txt", "tutorial/*.py"):
            for beside in here.glob(pattern):
                shutil.copy(beside, folder / beside.relative_to(here))
        out: list[nodes.Node] = []
        expected = int(self.arguments[0]) if self.arguments else 0
        for line in self.content:
            words = shlex.split(line)
            if words[0] == "vaemath":
                words[:1] = [sys.executable, "-m", "vaemath"]
            env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "96"}
            done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=300)
            if done.returncode != expected:
                raise ExtensionError(
                    f"{self.env.docname}: `{line}` exited with {done.returncode}:\n{done.stdout}{done.stderr}"
                )
            text = done.stdout.rstrip() or done.stderr.rstrip()
            limit = self.options.get("lines")
            if limit and len(text.splitlines()) > limit:
                text = "\n".join([*text.splitlines()[:limit], "..."])
            out += [_shown(f"$ {line}" + (f"\n{text}" if text else ""), "text")]
        return out


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_directive("run-python", Python)
    app.add_directive("run-shell", Shell)
    return {"parallel_read_safe": False}
