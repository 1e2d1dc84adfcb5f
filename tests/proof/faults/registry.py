"""What a broken twin is, and the register of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from vaemath.core import normal, obligations
from vaemath.core.terms import Term, make
from vaemath.core.theorem import RULES, Step

Body = Callable[..., Step]


@dataclass(frozen=True)
class Fault:
    """A rule with a mistake: the wrong body it gets, or functions below it that are replaced."""

    rule: str
    breaks: Callable[[Body], Body]
    patches: tuple[tuple[Any, str, Any], ...] = ()


FAULTS: dict[str, Fault] = {}


def fault(rule: str, name: str) -> Callable[[Callable[[Body], Body]], Callable[[Body], Body]]:
    """Register what breaks a rule under a name that says the mistake."""

    def register(breaks: Callable[[Body], Body]) -> Callable[[Body], Body]:
        FAULTS[f"{rule}: {name}"] = Fault(rule, breaks)
        return breaks

    return register


def law(rule: str, name: str, *patches: tuple[Any, str, Any]) -> None:
    """Register a mistake in what a rule computes with."""
    FAULTS[f"{rule}: {name}"] = Fault(rule, lambda body: body, patches)


def changed(rule: str, name: str, **fields: Any) -> None:
    """Register a rule whose steps have other fields than they should."""
    fault(rule, name)(lambda right: lambda *ps, **kw: replace(right(*ps, **kw), **fields))


def restated(rule: str, name: str, change: Callable[[Term], Term]) -> None:
    """Register a rule whose statement is changed."""

    def breaks(right: Body) -> Body:
        def body(*premises: Any, **params: Any) -> Step:
            step = right(*premises, **params)
            return replace(step, statement=change(step.statement))

        return body

    fault(rule, name)(breaks)


def right_side(change: Callable[[Term], Term]) -> Callable[[Term], Term]:
    return lambda st: make(st.head, (st.args[0], change(st.args[1])))


def swapped(st: Term) -> Term:
    return make(st.head, st.args[::-1])


@contextmanager
def broken(fault: Fault) -> Iterator[None]:
    """The rule with its mistake, for as long as the block runs; what was remembered is forgotten."""
    right = RULES[fault.rule]
    with ExitStack() as stack:
        _forget()
        for module, name, value in fault.patches:
            stack.enter_context(patch.object(module, name, value))
        RULES[fault.rule] = fault.breaks(right)
        try:
            yield
        finally:
            RULES[fault.rule] = right
            _forget()


def _forget() -> None:
    for memory in (normal._POLY, normal._CANON, obligations._MEMO):
        memory.clear()
