"""Terms compiled to closures: one maker for each head, registered by the modules beside this one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

from vaemath.audit.values import BeyondError, UndefinedError, Value
from vaemath.core.terms import Term

Env = tuple[Value, ...]  # values of the bound variables, innermost first


class Reading(Protocol):
    """What the evaluator asks of a model: values of free symbols, spaces, samples."""

    memory: dict[Any, Any]

    def symbol(self, t: Term) -> Value:
        """The value of a free symbol."""

    def points(self) -> list[tuple[int, Any]]:
        """The abstract measure space: its points with their masses."""

    def samples(self, sort: Any) -> list[Value]:
        """Values over which "for all" is tried; all of them where the sort is finite."""


Code = Callable[[Any, Env], Value]
_MAKERS: dict[str, Callable[[Term], Code]] = {}
_CODE: dict[Term, Code] = {}


def head(*names: str) -> Callable[[Callable[[Term], Code]], Callable[[Term], Code]]:
    """Register the maker of code for heads."""

    def register(maker: Callable[[Term], Code]) -> Callable[[Term], Code]:
        for n in names:
            _MAKERS[n] = maker
        return maker

    return register


@cache
def _makers() -> dict[str, Callable[[Term], Code]]:
    """The makers of all heads; the modules that register them build on this one."""
    import vaemath.audit.binders
    import vaemath.audit.matrices
    import vaemath.audit.scalars  # noqa: F401

    return _MAKERS


def known_heads() -> frozenset[str]:
    """The heads that have code."""
    return frozenset(_makers())


def code(t: Term) -> Code:
    """The closure that evaluates a term in a model and an environment of bound variables."""
    found = _CODE.get(t)
    if found is None:
        maker = _makers().get(t.head)
        if maker is None:
            raise BeyondError(f"no evaluation for `{t.head}`")
        found = maker(t)
        if t.level == 0 and t.args and t.head != "lam":
            found = _remembered(t, found)
        _CODE[t] = found
    return found


def codes(t: Term) -> list[Code]:
    return [code(a) for a in t.args]


def body(lam: Term) -> Code:
    """The code of an abstraction's body; the environment gains its variable in front."""
    return code(lam.args[0])


def _remembered(t: Term, inner: Code) -> Code:
    """A term without dangling variables has one value in a model."""

    def run(m: Any, env: Env) -> Value:
        memory = m.memory
        if t in memory:
            value = memory[t]
            if isinstance(value, UndefinedError | BeyondError):
                raise value
            return value
        try:
            memory[t] = value = inner(m, ())
        except (UndefinedError, BeyondError) as e:
            memory[t] = e
            raise
        return value

    return run
