"""Random theorems of every rule, tried in worlds in which their hypotheses hold."""

from __future__ import annotations

import random
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.proof.models.instances import INSTANCES
from tests.proof.models.meaning import true
from tests.proof.models.scalars import Undecided
from tests.proof.models.worlds import World, fitting
from vaemath.core.theorem import Theorem
from vaemath.errors import VaemathError

WORLDS = 3  # in which a theorem is tried
QUICK = 4  # the largest dimension in the tests


@dataclass(frozen=True)
class Counterexample:
    """A theorem that is false in a world in which its hypotheses hold."""

    rule: str
    theorem: Theorem
    world: World

    def __str__(self) -> str:
        values = ", ".join(f"{s} = {v}" for s, v in self.world.values.items() if not callable(v))
        return f"rule `{self.rule}`: {self.theorem}\n   false at {values}"


@dataclass
class Tally:
    """What became of the instances of a rule."""

    rule: str
    made: int = 0
    refused: int = 0
    decided: int = 0
    theorems: int = 0
    without: int = 0  # worlds in which a hypothesis was false
    unknown: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    false: list[Counterexample] = field(default_factory=list)


def seed_of(rule: str, k: int) -> int:
    return zlib.crc32(f"{rule}|{k}".encode())


def theorems(rule: str, start: int = 0) -> Iterator[Theorem | None]:
    """Random theorems of a rule; None where the rule refused."""
    k = start
    while True:
        r = random.Random(seed_of(rule, k))
        k += 1
        try:
            yield r.choice(INSTANCES[rule])(r)
        except VaemathError:
            yield None


def tried(theorem: Theorem, seed: int, largest: int) -> tuple[bool, World] | None:
    """The truth of a theorem in a world drawn from a seed; None where a hypothesis is false.

    Raises:
        Undecided: it is not known.
    """
    w = fitting(theorem.hypotheses, seed, largest)
    return None if w is None else (true(theorem.statement, w), w)


def campaign(
    rule: str,
    decided: int,
    *,
    start: int = 0,
    limit: int | None = None,
    stop: bool = True,
    largest: int = QUICK,
) -> Tally:
    """Try random theorems of a rule, from number `start` on, until that many instances are decided.

    Args:
        rule: its name.
        decided: instances, each a theorem in a world in which its hypotheses hold.
        start: the number of the first theorem.
        limit: how many theorems are made at most.
        stop: at the first that is false.
        largest: the largest dimension.
    """
    tally = Tally(rule)
    for k, theorem in enumerate(theorems(rule, start)):
        if tally.decided >= decided or (limit is not None and k >= limit):
            return tally
        tally.made += 1
        if theorem is None:
            tally.refused += 1
            continue
        before = tally.decided
        for j in range(WORLDS):
            try:
                found = tried(theorem, seed_of(rule, start + k) + j, largest)
            except Undecided as e:
                tally.unknown += 1
                tally.reasons[str(e)] += 1
                continue
            if found is None:
                tally.without += 1
                continue
            tally.decided += 1
            if not found[0]:
                tally.false.append(Counterexample(rule, theorem, found[1]))
                if stop:
                    return tally
        tally.theorems += tally.decided > before
    return tally
