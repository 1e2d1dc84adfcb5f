"""The value of a term, and the verdict on a statement, in a model."""

from __future__ import annotations

from flint import ctx

from vaemath.audit.code import code, known_heads
from vaemath.audit.models import Model
from vaemath.audit.statements import STATEMENTS, Verdict, judge
from vaemath.audit.values import Value
from vaemath.core.heads import HEADS
from vaemath.core.terms import Term

DIGITS = 50


def evaluate(term: Term, model: Model, digits: int = DIGITS) -> Value:
    """The value of a term: a ball, a matrix of balls, a density or a function.

    Raises:
        UndefinedError: the term has no value in this model.
        BeyondError: the evaluator has no method for it.
    """
    with ctx.workdps(digits + 15):
        return code(term)(model, ())


def verdict(statement: Term, model: Model, digits: int = DIGITS) -> Verdict:
    """What a model says about a statement."""
    with ctx.workdps(digits + 15):
        return judge(statement, model)


def unreadable() -> frozenset[str]:
    """Heads of the language that the evaluator has no code for; there must be none."""
    return frozenset(HEADS) - known_heads() - STATEMENTS
