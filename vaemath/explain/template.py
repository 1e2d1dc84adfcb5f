"""The script that a new derivation starts from."""

from __future__ import annotations

import re
from pathlib import Path

from vaemath.errors import VaemathError
from vaemath.files import write

_TEMPLATE = '''"""What this derives, in one sentence.

Check every line:          vaemath derive {file} --explain
Only the theorems:         vaemath derive {file}
"""

from vaemath.derive import *


@derivation("{id}", title="The second moment of a normal distribution, about a point")
def {function}(d):
    # Symbols: d.reals, d.positives, d.dimension, d.families (indexed), d.vectors, d.covariances, d.densities.
    mu, c = d.reals("mu c")
    (sigma,) = d.positives("sigma")
    p = Normal(mu, sigma)  # mean and standard deviation

    # Theorems to build on, by id and name; `vaemath list` shows the ids, `vaemath show ID` the names.
    total, mean, second = theorems("gaussian-moments", "total", "mean", "main")

    # A block: the first line, then one line for each step with what justifies it and why in your own words.
    # Reasons: algebra, definition, log_density, linearity, multiplied_out, integration, differentiation,
    # independence, functions, a theorem, or several of them in brackets.
    d.start(E(p, lambda x: (x - c) ** 2))
    d.to(E(p, lambda x: x**2 - 2 * c * x + c**2), algebra, "the square multiplied out")
    d.to(
        E(p, lambda x: x**2) - 2 * c * E(p, lambda x: x) + c**2 * E(p, lambda x: 1),
        linearity,
        "the expectation is linear",
    )
    d.to(sigma**2 + mu**2 - 2 * c * mu + c**2, (second, mean, total), "the first two moments of p")
    d.to(sigma**2 + (mu - c) ** 2, algebra, "collect")
    d.qed()
'''


def new(name: str, out: Path | None = None) -> Path:
    """Write the template; the file is named after the derivation unless `out` says otherwise.

    Raises:
        VaemathError: the name is not of lower-case words and hyphens, or the file is there already.
    """
    if not re.fullmatch("[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise VaemathError(
            f"name: got {name!r}, expected lower-case words joined by hyphens, such as my-homework"
        )
    path = out or Path(f"{name.replace('-', '_')}.py")
    if path.exists():
        raise VaemathError(f"{path}: is there already; choose another name, or --out")
    filled = (
        _TEMPLATE.replace("{file}", path.name)
        .replace("{id}", name)
        .replace("{function}", name.replace("-", "_"))
    )
    write(path, filled)
    return path
