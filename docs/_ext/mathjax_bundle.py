"""Puts MathJax into the site: from npm once, then from disk, so that a reader needs no network."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

VERSION = "3.2.2"
KEPT = ("package/es5/tex-chtml.js", "package/es5/output/chtml/fonts/woff-v2/", "package/LICENSE")


def bundle(static: Path) -> None:
    """Unpack the parts of MathJax that the site uses, unless they are there."""
    target = static / "mathjax"
    if (target / "tex-chtml.js").is_file():
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            subprocess.run(
                ["npm", "pack", "--silent", f"mathjax@{VERSION}"], cwd=folder, check=True, capture_output=True
            )
        except (OSError, subprocess.CalledProcessError) as e:
            raise SystemExit(
                f"docs: MathJax {VERSION} is not in {target}, and npm cannot fetch it: {e}"
            ) from None
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            for member in archive.getmembers():
                if member.isfile() and member.name.startswith(KEPT):
                    inside = member.name.removeprefix("package/").removeprefix("es5/")
                    path = target / inside
                    path.parent.mkdir(parents=True, exist_ok=True)
                    data = archive.extractfile(member)
                    assert data is not None
                    path.write_bytes(data.read())


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("config-inited", lambda app, config: bundle(Path(app.confdir) / "_static"))
    return {"parallel_read_safe": True}
