"""The search for an input that makes a statement false, and for the smallest such input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from vaemath.errors import VaemathError
from vaemath.testing.comparing import Pair
from vaemath.testing.falsified import Falsified
from vaemath.testing.subject import Subject

__all__ = ["fixed_examples", "search"]

SHRINKS = 150  # trials after the first falsehood


def fixed_examples(examples: int) -> settings:
    """The settings of every search: the same inputs each time, one falsehood, nothing written to disk."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


def search(
    strategy: st.SearchStrategy[Any],
    statement: Callable[[Any], None],
    s: Subject,
    words: str,
    examples: int,
    setting: str,
) -> None:
    """Run a statement over a strategy; whatever it raises comes back as `Falsified` at the smallest
    input, with the `setting` it was searched in.
    """

    budget = _Budget()

    @fixed_examples(examples)
    @given(strategy)
    def body(value: Any) -> None:
        if budget.spent(value):
            return
        with np.errstate(all="ignore"):
            try:
                statement(value)
            except (Falsified, VaemathError):
                budget.failed(value)
                raise
            except Exception as error:
                budget.failed(value)
                inputs = s.parameters(*_first_pair(value))
                raise Falsified(
                    function=s.name,
                    identity=words,
                    inputs=dict(zip(s.names, inputs, strict=True)),
                    left=("raised", f"{type(error).__name__}: {error}".splitlines()[0]),
                    right=("expected", "a number"),
                ) from error

    try:
        body()
    except Falsified as found:
        raise found.under(setting) from None


class _Budget:
    """Ends the search for a smaller input after `SHRINKS` trials; inputs that are known to fail
    still do.
    """

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.trials = 0

    def spent(self, value: Any) -> bool:
        if not self.known:
            return False
        self.trials += 1
        return self.trials > SHRINKS and _key(value) not in self.known

    def failed(self, value: Any) -> None:
        self.known.add(_key(value))


def _key(value: Any) -> str:
    if isinstance(value, tuple):
        return "|".join(_key(v) for v in value)
    return f"{value.shape}{value.tobytes().hex()}"


def _first_pair(value: Any) -> Pair:
    return value[0] if isinstance(value[0], tuple) else value
