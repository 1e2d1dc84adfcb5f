"""The site: Sphinx, MyST, furo. How to build it is in docs/README.md."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

from vaemath import __version__  # noqa: E402

project = "vaemath"
author = copyright = "The vaemath authors"
release = __version__
extensions = [
    "myst_parser",
    "sphinx.ext.mathjax",
    "sphinxcontrib.bibtex",
    "executed",
    "theorems",
    "reference",
    "mathjax_bundle",
]
myst_enable_extensions = ["dollarmath", "colon_fence", "attrs_inline", "deflist"]
myst_dmath_double_inline = True
myst_heading_anchors = 3
_PAGES = ("index", "models")  # of the captions in figures/; the others are parts of pages
_captions = (p for p in (HERE / "figures").glob("*.md") if p.stem not in _PAGES)
exclude_patterns = ["_build", "_ext", "README.md", *sorted(f"figures/{p.name}" for p in _captions)]
bibtex_bibfiles = ["refs.bib"]
mathjax_path = "mathjax/tex-chtml.js"
mathjax3_config = {"chtml": {"displayAlign": "left", "displayIndent": "0"}}
html_theme = "furo"
html_title = "vaemath"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
suppress_warnings = ["myst.header"]
