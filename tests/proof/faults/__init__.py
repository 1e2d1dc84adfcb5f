"""Broken twins of the rules and of the laws of the normal form: each is to be found false in a model."""

from tests.proof.faults import algebra, calculus, expectation, laws, logic
from tests.proof.faults.registry import FAULTS, Fault, broken

__all__ = ["FAULTS", "Fault", "algebra", "broken", "calculus", "expectation", "laws", "logic"]
