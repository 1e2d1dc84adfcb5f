"""Comparing what a kernel gives with what its theorem says, for events of any size."""

from __future__ import annotations

from textwrap import shorten
from typing import Any

from vaemath.codegen.lift.cases import Cases, settle
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.instance import Instance, factor_name
from vaemath.codegen.lift.matrices import Letters, Matrix, Words, combined, flipped, lower, upper
from vaemath.codegen.lift.sums import length
from vaemath.codegen.lift.textbook import Textbook, coefficients
from vaemath.codegen.lift.unfolding import unfolded
from vaemath.codegen.lift.value import Value, lifted
from vaemath.codegen.program import Argument, Program
from vaemath.core.normal import residual
from vaemath.core.terms import Term, number, substitute
from vaemath.terms.build import add, mul, zero

Counts = dict[tuple[str, tuple[tuple[str, bool], ...]], Term]


class Comparison:
    """One theorem, for one kernel at one instance; remembers by how much summands may differ."""

    def __init__(self, program: Program, instance: Instance, statement: Term, counts: Counts) -> None:
        self.program, self.instance = program, instance
        self.book = Textbook(program, instance, statement)
        self.counts = counts

    def check(self, name: str, found: Any, state: Cases) -> None:
        """Raise unless an output is what the theorem says.

        Raises:
            LiftError: it is not, or not seen to be.
        """
        if name == "value":
            self._value(found, state)
            return
        (argument,) = (a for a in self.program.arguments if name == f"d_{a.name}")
        if isinstance(found, Matrix):
            settle(Value(zero, None, found.owes), state)
        if self.instance.run.letters is None:
            self._slope(argument, found, state)
        elif len(argument.event) == 1:
            self._column(argument, found)
        else:
            self._square(argument, found)

    def _value(self, found: Any, state: Cases) -> None:
        value = lifted(found)
        if value.axis != "":
            raise LiftError("the value is not one number for each sample")
        settle(value, state)
        c, bodies = self._apart(value.plain())
        d, wanted = self._apart(self.book.value)
        rest = [c, mul(-1, self.book.at(d))]
        # what may differ from sample to sample, but not among the entries of one
        samples = tuple(
            (str(asked), answer)
            for asked, answer in zip(state.asked, state.given, strict=False)
            if asked.axis in (None, "")
        )
        for axis in sorted({*bodies, *wanted}):
            count = residual(unfolded(bodies.get(axis, zero)), self.book.at(wanted.get(axis, zero)))
            if count.free & self.instance.run.ledger.entries:
                raise LiftError(f"each summand over {axis} differs from the theorem by {_short(count)}")
            if self.counts.setdefault((axis, samples), count) != count:
                raise LiftError(f"summands over {axis} differ by another constant for other entries")
            rest.append(mul(count, length(axis)))
        left = residual(unfolded(add(*rest)), zero)
        if left != zero:
            raise LiftError(f"differs from the theorem by {_short(left)}")

    def _apart(self, t: Term) -> tuple[Term, dict[str, Term]]:
        """A number as a constant and summands, where the sum of a diagonal is a trace."""
        run = self.instance.run
        constant, bodies = run.ledger.taken_apart(t)
        if run.letters is None or not run.letters.inner:
            return constant, bodies
        inner = run.letters.inner
        for axis, body in bodies.items():
            for w, c in coefficients(body, inner).items():
                constant = add(constant, mul(number(c), run.letters.trace(w)))
            bodies[axis] = substitute(body, dict.fromkeys(inner, zero))
        return constant, bodies

    def _slope(self, argument: Argument, found: Any, state: Cases) -> None:
        value = lifted(found)
        if value.axis != argument.event:
            raise LiftError(f"the gradient has not the shape of {argument.name}")
        settle(value, state)
        rest = residual(unfolded(value.plain()), self.book.slope(argument))
        if rest != zero:
            raise LiftError(f"differs from the theorem by {_short(rest)}")

    def _column(self, argument: Argument, found: Any) -> None:
        if not isinstance(found, Matrix) or found.shape != ("n",):
            raise LiftError(f"the gradient has not the shape of {argument.name}")
        wanted, _ = self.book.matrix_slope(argument)
        _nothing(combined(*found.full("the gradient").items(), *_negative(wanted)))

    def _square(self, argument: Argument, found: Any) -> None:
        if not isinstance(found, Matrix) or found.shape != ("n", "n"):
            raise LiftError(f"the gradient has not the shape of {argument.name}")
        wanted, diagonal = self.book.matrix_slope(argument)
        if argument.needs == "covariance":
            # S = L L': for the symmetric gradient G, the derivative by L is the lower part of 2 G L
            words = found.full("the gradient by a covariance")
            _nothing(combined(*words.items(), *_negative({flipped(w): c for w, c in words.items()})))
            factor = found.letters
            name = factor_name(argument.name)
            chained = found @ _factor(factor, name) * 2
            below, added = chained.words, zero
        else:
            if any(not lower(w) for w in found.words):
                raise LiftError("the gradient by a triangular factor has an upper triangle")
            below = combined(*found.words.items(), *found.below.items())
            added = found.diagonal
            if found.strict:
                raise LiftError("the gradient by a triangular factor lacks its diagonal")
        self._triangle(
            found.letters, combined(*below.items(), *_negative(wanted)), add(added, mul(-1, diagonal))
        )

    @staticmethod
    def _triangle(letters: Letters, below: Words, diagonal: Term) -> None:
        """Raise unless the lower triangle of words, with this on the diagonal, is nothing."""
        only = {w: c for w, c in below.items() if upper(w)}  # of these the diagonal alone is in the triangle
        rest = add(diagonal, *(mul(number(c), letters.diagonal(w)) for w, c in only.items()))
        _nothing({w: c for w, c in below.items() if w not in only})
        left = residual(rest, zero)
        if left != zero:
            raise LiftError(f"differs from the theorem on the diagonal by {_short(left)}")


def _factor(letters: Letters, name: str) -> Matrix:
    from vaemath.codegen.lift.matrices import letter

    return letter(letters, name, factor=True)


def _negative(words: Words) -> list[tuple[Any, Any]]:
    return [(w, -c) for w, c in words.items()]


def _nothing(words: Words) -> None:
    if words:
        w, c = next(iter(words.items()))
        shown = " ".join(x.name + ("^-1" if x.inverse else "") + ("'" if x.transposed else "") for x in w)
        raise LiftError(
            f"differs from the theorem by {c} {shown or 'I'}" + (" and more" if len(words) > 1 else "")
        )


def _short(t: Term) -> str:
    return shorten(str(t), 200)


def same(a: Any, b: Any) -> bool:
    """Whether two results of one program are the same number or matrix."""
    if isinstance(a, Matrix) and isinstance(b, Matrix):
        return (
            (a.words, a.below, a.strict, a.shape) == (b.words, b.below, b.strict, b.shape)
            and residual(a.diagonal, b.diagonal) == zero
            and b.owes <= a.owes
        )
    if isinstance(a, Matrix) or isinstance(b, Matrix):
        return False
    x, y = lifted(a), lifted(b)
    return (
        x.axis == y.axis
        and y.owes <= x.owes
        and (x.plain() == y.plain() or residual(x.plain(), y.plain()) == zero)
    )
