"""What is raised where a formula, a declaration or a file is outside what can be graded."""

from vaemath.errors import VaemathError


class GradeError(VaemathError):
    """A formula that cannot be read, or a file that cannot be graded."""
