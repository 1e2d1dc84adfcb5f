"""Attempts to prove something false: slips that this core, or other systems, once allowed."""

from tests.proof.attacks import algebra, calculus, integrals, logic, slopes, values
from tests.proof.attacks.registry import ATTACKS

__all__ = ["ATTACKS", "algebra", "calculus", "integrals", "logic", "slopes", "values"]
