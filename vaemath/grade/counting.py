"""Models in which a line is false, with simple numbers first."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache

from flint import arb

from vaemath.audit.counterexample import Counterexample, simple_models
from vaemath.audit.densities import Table
from vaemath.audit.evaluate import verdict
from vaemath.audit.models import Model
from vaemath.audit.satisfy import satisfying
from vaemath.audit.values import Value, ball
from vaemath.core.terms import NAT, Term
from vaemath.errors import VaemathError

_MOST = 22  # models that are tried


class Counting(Model):
    """A model whose points all have the mass one: integrals over them are sums."""

    def points(self) -> list[tuple[int, arb]]:
        return [(k, arb(1)) for k in range(self.size)]

    def with_given(self, more: Mapping[Term, Value]) -> Counting:
        return Counting(
            self.seed,
            given={**self.given, **more},
            normalised=self.normalised,
            points=self.size,
            dimension=self.dimension,
            numbers=self.numbers,
        )

    def _table(self, rng: random.Random) -> Table:
        heights = [Fraction(rng.randrange(2, 24), 16) for _ in range(self.size)]
        total = sum(heights, Fraction(0))
        return Table({k: ball(h / total) for k, h in enumerate(heights)}, self.points())


def models(hypotheses: frozenset[Term], counting: bool = False) -> tuple[Model, ...]:
    """Models in which the hypotheses hold; `counting` says that points have the mass one."""
    return _models(hypotheses, counting)


@lru_cache(maxsize=64)
def _models(hypotheses: frozenset[Term], counting: bool) -> tuple[Model, ...]:
    return tuple(_satisfied(hypotheses, counting))


def _satisfied(hypotheses: frozenset[Term], counting: bool) -> Iterator[Model]:
    for k, plain in enumerate(simple_models()):
        model: Model = plain
        if counting:
            model = Counting(plain.seed, numbers=plain.numbers, dimension=plain.dimension, points=plain.size)
        found = satisfying(hypotheses, model) if hypotheses else model
        if found is not None:
            yield found
        if k >= _MOST:
            return


def counterexample(
    statement: Term, hypotheses: Iterable[Term] = (), counting: bool = False
) -> Counterexample | None:
    """The simplest model tried in which the hypotheses hold and the statement is false.

    Distributions on a few points come first; where sums are meant there are no others.
    """
    for kind in (True,) if counting or not _abstract(statement) else (True, False):
        for model in models(frozenset(hypotheses), kind):
            if truth(statement, model) is False:
                decided = verdict(statement, model)
                order = sorted(statement.free, key=lambda s: (s.sort == NAT, str(s)))
                return Counterexample(tuple((s, model.symbol(s)) for s in order), decided.left, decided.right)
    return None


def _abstract(t: Term) -> bool:
    return any("point" in str(s.sort) for s in t.free)


def agrees(statement: Term, hypotheses: Iterable[Term] = (), counting: bool = False, wanted: int = 5) -> bool:
    """Does the statement hold in several models, and fail in none?"""
    held = 0
    for model in reversed(models(frozenset(hypotheses), counting)):
        v = truth(statement, model)
        if v is False:
            return False
        held += v is True
        if held >= wanted:
            return True
    return False


def truth(statement: Term, model: Model) -> bool | None:
    """True, false, or None where the model cannot say."""
    try:
        return verdict(statement, model).truth
    except (VaemathError, ArithmeticError, ValueError):
        return None
