"""Reports on somebody's own derivation, line by line, with counterexamples and hints."""

from vaemath.explain.report import Finding, Report
from vaemath.explain.watch import explain, refusal

__all__ = ["Finding", "Report", "explain", "refusal"]
