"""Sums over an event axis of symbolic length.

A sum is a number of its own: a symbol, of which the ledger of the run knows axis and summand. A value of a
kernel is then a combination of such symbols, and two values are equal for every length when they are
equal summand by summand, up to a constant that counts the entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.value import Value
from vaemath.core.normal import residual
from vaemath.core.terms import NAT, REAL, Term, substitute
from vaemath.terms.build import add, mul, one, symbol, zero


@dataclass
class Ledger:
    """The sums and the opaque numbers of one run.

    Attributes:
        summands: of each sum symbol, by its axis.
        entries: the symbols that differ from entry to entry of an axis.
    """

    summands: dict[Term, tuple[str, Term]] = field(default_factory=dict)
    entries: set[Term] = field(default_factory=set)

    def total(self, axis: str, summand: Term) -> Term:
        """The sum over an axis, as a number."""
        for known, (on, body) in self.summands.items():
            if on == axis and body == summand:
                return known
        made = symbol(f"sum_{axis}_{len(self.summands)}", REAL)
        self.summands[made] = (axis, summand)
        return made

    def sum_of(self, value: Value) -> Value:
        """The sum of a value over its axis."""
        if not value.axis:
            raise LiftError("a sum over the event of what has no event axis")
        return Value(self.total(value.axis, value.plain()), "", value.owes)

    def taken_apart(self, t: Term) -> tuple[Term, dict[str, Term]]:
        """A number as a constant and, by axis, the summand of what is summed.

        Raises:
            LiftError: it is not linear in its sums, or a coefficient differs from entry to entry.
        """
        sums = [s for s in self.summands if s in t.free]
        none: Mapping[Term, Term] = dict.fromkeys(sums, zero)
        constant = substitute(t, none)
        bodies: dict[str, Term] = {}
        rebuilt: list[Term] = [constant]
        for s in sums:
            coefficient = residual(substitute(t, {**none, s: one}), constant)
            axis, body = self.summands[s]
            if coefficient.free & (self.entries | self.summands.keys()):
                raise LiftError(f"a sum over the event is multiplied by {coefficient}")
            rebuilt.append(mul(coefficient, s))
            bodies[axis] = add(bodies.get(axis, zero), mul(coefficient, body))
        if residual(t, add(*rebuilt)) != zero:
            raise LiftError(f"not linear in its sums over the event: {t}")
        return constant, bodies


def length(axis: str) -> Term:
    """The number of entries of an axis."""
    return symbol(axis, NAT)


def number_of(value: Value) -> Value:
    """How many entries a value has along its axis."""
    if not value.axis:
        raise LiftError("the length of what has no event axis")
    return Value(length(value.axis))
