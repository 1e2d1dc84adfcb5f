"""Is a line false, and where? Answered by the evaluator in models, never by the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from vaemath.audit.counterexample import Counterexample, simple_models
from vaemath.audit.evaluate import verdict
from vaemath.audit.models import Model
from vaemath.audit.satisfy import satisfying
from vaemath.core.terms import NAT, Term
from vaemath.errors import VaemathError


def models(hypotheses: frozenset[Term]) -> tuple[Model, ...]:
    """Models in which the hypotheses hold, simple numbers first."""
    return _models(hypotheses)


@lru_cache(maxsize=64)
def _models(hypotheses: frozenset[Term]) -> tuple[Model, ...]:
    return tuple(_satisfied(hypotheses))


def _satisfied(hypotheses: frozenset[Term]) -> Iterator[Model]:
    for k, model in enumerate(simple_models()):
        found = satisfying(hypotheses, model) if hypotheses else model
        if found is not None:
            yield found
        if k >= 19:
            return


def counterexample(statement: Term, hypotheses: Iterable[Term] = ()) -> Counterexample | None:
    """The simplest model tried in which the hypotheses hold and the statement is false."""
    for model in models(frozenset(hypotheses)):
        v = _verdict(statement, model)
        if v is False:
            decided = verdict(statement, model)
            order = sorted(statement.free, key=lambda s: (s.sort == NAT, str(s)))
            return Counterexample(tuple((s, model.symbol(s)) for s in order), decided.left, decided.right)
    return None


def agrees(statement: Term, hypotheses: Iterable[Term] = (), wanted: int = 5) -> bool:
    """Does the statement hold in several models, and fail in none?"""
    held = 0
    for model in reversed(models(frozenset(hypotheses))):
        v = _verdict(statement, model)
        if v is False:
            return False
        held += v is True
        if held >= wanted:
            return True
    return False


def _verdict(statement: Term, model: Model) -> bool | None:
    try:
        return verdict(statement, model).truth
    except (VaemathError, ArithmeticError, ValueError):
        return None
