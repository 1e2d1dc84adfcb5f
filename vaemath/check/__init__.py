"""Diagnosis of somebody's own KL divergence, VAE loss or reparameterisation.

from vaemath.check import check, report

print(report(check("my_vae.py:kl_loss")))

calling   the function, in a process of its own: loading it, finding out how it is called
lift      it is run on symbols: every number of its result becomes a term
reading   what parameter names suggest
judge     what the terms are, by the theorems; what differs, and why
repairs   the line to change
fallback  numbers, where a function cannot be run on symbols
report    causes, verdict, text
"""

from __future__ import annotations

from typing import Any

__all__ = ["check", "report"]


def check(target: Any, **options: Any) -> Any:
    """See `vaemath.check.examine.check`."""
    from vaemath.check.examine import check as examine

    return examine(target, **options)


def report(verdict: Any) -> str:
    """The verdict as text."""
    from vaemath.check.report.text import report as text

    return text(verdict)
