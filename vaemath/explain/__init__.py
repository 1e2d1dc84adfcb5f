"""Reports on somebody's own derivation, line by line, with counterexamples and hints."""

from vaemath.explain.report import Finding, Proved, Report
from vaemath.explain.run import explain

__all__ = ["Finding", "Proved", "Report", "explain"]
