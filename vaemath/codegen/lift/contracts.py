"""What a program may assume of its primitives: their exact value, in terms.

That the primitives of a file keep these contracts, up to a stated error, is shown in `bodies`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.value import Debt, Value, joined, lifted
from vaemath.core.heads import sign
from vaemath.core.normal import canon, residual
from vaemath.core.terms import Term
from vaemath.terms.build import div, exp, half, log, one, special, sub, zero


def half_expm1_parts(s: Term) -> tuple[Term, Term]:
    """(e^s - 1 - s)/2 and (e^s - 1)/2."""
    return half * special("expm1_minus", s), half * special("expm1", s)


def log_gap(t: Term, slip: Term, a: Term, b: Term) -> Term:
    """t - log(1 + t), where t + slip = (a - b)/b; the slip is rounding, nothing here."""
    rest = residual(t + slip, div(sub(a, b), b))
    if rest != zero or slip != zero:
        raise LiftError(f"log_gap is called with {t}, which is not (a - b)/b: they differ by {rest}")
    return special("log1p_minus", t)


def log_ratio(a: Term, b: Term) -> Term:
    """log(a/b), which is log(1 + t) for t = (a - b)/b."""
    return sub(log(a), log(b))


def difference_parts(a: Term, b: Term) -> tuple[Term, Term]:
    """a - b; what rounding takes is nothing here."""
    return sub(a, b), zero


def standardised(a: Term, b: Term, scale: Term) -> Term:
    """(a - b)/scale."""
    return div(sub(a, b), scale)


def standardised_parts(a: Term, b: Term, scale: Term) -> tuple[Term, Term]:
    """(a - b)/scale; what rounding takes is nothing here."""
    return div(sub(a, b), scale), zero


def logistic_parts(logits: Term) -> tuple[Term, Term, Term]:
    """log(1 + e^-|l|), 1/(1 + e^-l) and 1/(1 + e^l); the sign of l must be known."""
    if logits != zero and not sign(canon(logits)) and not sign(canon(-logits)):
        raise LiftError(f"logistic_parts is called with {logits}, whose sign is not known")
    size = logits if sign(canon(logits)) else -logits
    return special("softplus", -size), special("sigmoid", logits), special("sigmoid", -logits)


def logistic_steps(logits: Term) -> tuple[Term, Term, Term]:
    """e^-|l|, log(1 + e^-|l|), and 1 for l > 0, else 0; the sign of l must be known."""
    tail, _, _ = logistic_parts(logits)
    positive = logits != zero and bool(sign(canon(logits)))
    size = logits if positive else -logits
    return exp(-size), tail, one if positive else zero


def _entrywise(
    contract: Callable[..., Any], count: int, inputs: int, *, above_zero: tuple[int, ...] = ()
) -> Callable[..., Any]:
    """The contract for values; `above_zero` are the arguments that must be positive."""

    def primitive(*arguments: Any) -> Any:
        # what follows the numbers is `fine`, which changes no contract
        numbers = [lifted(a) for a in arguments[:inputs]]
        axis = joined(*(v.axis for v in numbers))
        own = (Debt(numbers[k].plain(), True) for k in above_zero)
        owes = frozenset(own).union(*(v.owes for v in numbers))
        found = contract(*(v.plain() for v in numbers))
        made = tuple(Value(t, axis, owes) for t in (found if count > 1 else (found,)))
        return made if count > 1 else made[0]

    return primitive


PRIMITIVES: dict[str, Callable[..., Any]] = {
    "_half_expm1_parts": _entrywise(half_expm1_parts, 2, 1),
    "_log_gap": _entrywise(log_gap, 1, 4, above_zero=(2, 3)),
    "_difference_parts": _entrywise(difference_parts, 2, 2),
    "_standardised": _entrywise(standardised, 1, 3, above_zero=(2,)),
    "_standardised_parts": _entrywise(standardised_parts, 2, 3, above_zero=(2,)),
    "_logistic_parts": _entrywise(logistic_parts, 3, 1),
    "_logistic_steps": _entrywise(logistic_steps, 3, 1),
}
