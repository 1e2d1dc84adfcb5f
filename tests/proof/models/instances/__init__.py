"""For each rule, random theorems made by it: registered by the modules beside this one."""

from tests.proof.models.instances import algebra, calculus, expectation, logic
from tests.proof.models.instances.registry import INSTANCES

__all__ = ["INSTANCES", "algebra", "calculus", "expectation", "logic"]
