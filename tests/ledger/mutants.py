"""Statements like a given one that should not hold: sign, factor, constant, direction."""

from collections.abc import Iterator

from vaemath.core.terms import Term, is_matrix, make, rebuild
from vaemath.ledger.point import holds
from vaemath.terms.build import eq, le, lt, neg, number


def mutants(statement: Term) -> Iterator[Term]:
    """Changed statements; none where nothing sensible can be changed."""
    if statement.head == "ae":
        q, body = statement.args
        for changed in mutants(body.args[0]):
            yield make("ae", (q, rebuild(body, (changed,))))
        return
    if len(statement.args) != 2 or statement.args[0].sort[0] == "dist":
        return
    left, right = statement.args
    if statement.head in ("le", "lt"):
        yield (le if statement.head == "le" else lt)(right, left)
    elif statement.head == "ne":
        yield eq(left, right)
    elif is_matrix(right):
        yield eq(left, make("scale", (number(2), right)))
        yield eq(left, make("scale", (number(-1), right)))
    elif statement.head == "eq":
        yield eq(left, right + 1)
        if right.level == 0 and holds(eq(right, 0), (), 3) is not True:
            yield eq(left, neg(right))
            yield eq(left, 2 * right)
