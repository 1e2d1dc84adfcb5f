"""Grades derivations written in LaTeX, line against line."""

from vaemath.grade.errors import GradeError
from vaemath.grade.lines import grade
from vaemath.grade.report import Graded, Verdict, table

__all__ = ["GradeError", "Graded", "Verdict", "grade", "table"]
