"""The words of NumPy, torch and C that kernels use, over exact values.

The same function means the same mathematics in all three, so there is one table. What a library function
computes is trusted here as its documentation states it, rounding apart. `vaemath.codegen.lift.syntax` says
in which forms a file may use them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from vaemath.codegen.lift import matrices
from vaemath.codegen.lift.cases import positive, running
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.matrices import Matrix, Products, Words
from vaemath.codegen.lift.sums import Ledger, length, number_of
from vaemath.codegen.lift.value import Both, Condition, Debt, Value, compare, joined, lifted
from vaemath.core.terms import Term
from vaemath.terms import build


@dataclass
class Run:
    """What the words of one run refer to: its sums, its matrices, and the factors that it may meet."""

    ledger: Ledger = field(default_factory=Ledger)
    letters: matrices.Letters | None = None
    factors: list[Words] = field(default_factory=list)


def _apply(head: Callable[[Term], Term], owed: Callable[[Term], Term | None] = lambda _: None) -> Any:
    def word(x: Any) -> Value:
        value = lifted(x)
        debt = owed(value.plain())
        return value.made(head(value.plain()), *([] if debt is None else [Debt(debt, True)]))

    return word


log = _apply(build.log, lambda t: t)


def where(condition: Any, yes: Any, no: Any) -> Any:
    """One of two, by a condition: both are run."""
    if not isinstance(condition, Condition | Both):
        raise LiftError(f"expected a condition to choose by, got {type(condition).__name__}")
    chosen = running().decide(condition)
    if isinstance(yes, Matrix):
        return _where_matrix(condition, yes, no, chosen)
    a, b = lifted(yes), lifted(no)
    taken = a if chosen else b
    axis = joined(condition.axis, a.axis, b.axis)
    return Value(taken.plain(), axis, taken.owes | condition.owes)


def _where_matrix(condition: Condition | Both, yes: Matrix, no: Any, chosen: bool) -> Matrix:
    if condition.axis not in (None, "") or lifted(no).plain() != build.zero:
        raise LiftError("expected a matrix or zero, chosen by a condition on whole samples")
    found = yes if chosen else yes * 0
    return Matrix(
        found.letters,
        found.words,
        found.shape,
        found.below,
        found.strict,
        found.diagonal,
        found.owes | condition.owes,
    )


def absolute(x: Any) -> Value:
    """|x|."""
    value = lifted(x)
    inner = value.plain()
    if inner == build.zero or positive(inner):
        return value
    return -value if positive(-inner) else Value(inner, value.axis, value.owes, absolute=True)


def _larger(x: Any, y: Any) -> Value:
    return where(compare(x, y, greater=True), x, y)  # type: ignore[no-any-return]


def _smaller(x: Any, y: Any) -> Value:
    return where(compare(x, y, greater=False), x, y)  # type: ignore[no-any-return]


def _sign(x: Any) -> Value:
    up, down = compare(x, 0.0, greater=True), compare(x, 0.0, greater=False)
    return where(up, 1, where(down, -1, 0))  # type: ignore[no-any-return]


def _isfinite(x: Any) -> Condition | Both:
    """Every exact value is."""
    value = lifted(x)
    return Condition(build.one, build.one, build.zero, True, value.axis, value.owes)


def _full_like(x: Any, v: Any) -> Value:
    return Value(lifted(v).plain(), lifted(x).axis)


def _typed(x: Any, like: Any = None) -> Value:
    """A number in double, or in the type of another number: all the same here."""
    if like is not None:
        lifted(like)
    return lifted(x)


def _transpose(m: Any) -> Matrix:
    if not isinstance(m, Matrix):
        raise LiftError("what is no matrix is transposed")
    return m.mT


def _size(x: Any) -> Value:
    """The length of the last axis."""
    if not isinstance(x, Matrix):
        return number_of(lifted(x))
    if x.shape[-1] != "n":
        raise LiftError("the length of a column")
    return Value(length(x.letters.axis))


def words(run: Run | None = None) -> dict[str, Callable[..., Any]]:
    """The meaning of every word of `vaemath.codegen.lift.forms`, by name."""
    own = run or Run()

    def letters() -> matrices.Letters:
        if own.letters is None:
            raise LiftError("a matrix, where none was expected")
        return own.letters

    def summed(x: Any, axis: Any) -> Value:
        if isinstance(x, Products):
            return x.rows() if axis == -1 else x.all()
        if axis != -1:
            raise LiftError("the sum over two axes of what is no product of matrices")
        return own.ledger.sum_of(lifted(x))

    def norm(x: Any) -> Value:
        square = own.ledger.sum_of(lifted(x) * lifted(x))
        return square.made(build.sqrt(square.plain()))

    return {
        "where": where,
        "exp": _apply(build.exp),
        "log": log,
        "log1p": _apply(lambda t: build.special("log1p", t), lambda t: build.add(1, t)),
        "abs": absolute,
        "fabs": absolute,
        "sign": _sign,
        "maximum": _larger,
        "minimum": _smaller,
        "less": lambda a, b: compare(a, b, greater=False),
        "isfinite": _isfinite,
        "full_like": _full_like,
        "typed": _typed,
        "size": _size,
        "sum": summed,
        "norm": norm,
        "eye": lambda m: matrices.identity_like(m),
        "tril": matrices.taken_below,
        "transpose": _transpose,
        "diagonal": matrices.diagonal_of,
        "diagonal_matrix": lambda v: matrices.diagonal_matrix(letters(), v),
        "solve": matrices.solved,
        "solve_upper": lambda factor, right: matrices.solved(factor, right, upper_=True),
        "cholesky": lambda m: matrices.cholesky(letters(), own.factors, m),
    }


def pinned(run: Run) -> dict[str, Callable[..., Any]]:
    """What the functions mean that are not read back (see `vaemath.codegen.lift.pinned`)."""
    meaning = words(run)
    return {
        "_solve_lower": meaning["solve"],
        "_solve_lower_transposed": lambda factor, right: meaning["solve_upper"](_transpose(factor), right),
        "_coarse": lambda x, _axis: matrices.anything_like(x),
        "_diagonal_matrix": meaning["diagonal_matrix"],
    }
