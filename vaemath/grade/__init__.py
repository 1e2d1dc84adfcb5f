"""Grades derivations written as aligned LaTeX equations in a Markdown file, line against line."""

from vaemath.grade.check import Graded, Verdict, grade

__all__ = ["Graded", "Verdict", "grade"]
