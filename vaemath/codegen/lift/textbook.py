"""What a theorem says of a kernel's arguments, and its derivatives, for events of any size.

The right side of the theorem is written with the symbols of an `Instance`: its sums over 1..d become sums of
the run, its matrices words in the factors. Of a sum over coordinates the derivative by the j-th entry of an
argument is that of the j-th summand, since no other summand has it; of the trace of a word, that of
`Letters.gradient`, of which the lower triangle counts for a triangular factor.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.instance import Instance, factor_name
from vaemath.codegen.lift.matrices import Letter, Letters, Word, Words, combined, flipped, inverted, trace
from vaemath.codegen.lift.sums import length
from vaemath.codegen.lift.unfolding import unfolded
from vaemath.codegen.program import Argument, Program
from vaemath.core.normal import canon
from vaemath.core.rules import differentiate
from vaemath.core.terms import NAT, REAL, Term, close, fresh, is_matrix, make, opened, substitute
from vaemath.terms.build import add, is_sum, log, mul, one, zero


@dataclass
class Textbook:
    """The right side of a theorem, for an instance of a program's arguments.

    Attributes:
        value: written with sums and traces of the run.
    """

    program: Program
    instance: Instance
    statement: Term

    def __post_init__(self) -> None:
        self.axes = list(dict.fromkeys(letter for a in self.program.arguments for letter in a.event))
        self.value = self._scalar(self.statement, {})

    def _argument(self, s: Term) -> str:
        name = self.program.symbols.get(s.data[0])
        if name is None or name not in self.instance.values:
            raise LiftError(f"{self.program.name}: the theorem has a symbol `{s}` with no argument")
        return name

    def _axis(self, n: Term) -> str:
        """The axis whose length a symbol of the theorem is."""
        if n.head == "sym" and n.sort == NAT:
            if n.data[0] in self.axes:
                return str(n.data[0])
            if len(self.axes) == 1:
                return self.axes[0]
        raise LiftError(f"{self.program.name}: `{n}` is the length of no axis")

    def _scalar(self, t: Term, index: dict[Term, str]) -> Term:
        """A number; `index` gives the axis of each index that is bound."""
        if t.head == "sym" and t.sort == NAT:
            return length(self._axis(t))
        if t.head == "sym" and not is_matrix(t) and t.sort[0] != "fun":
            return self.instance.entry[self._argument(t)]
        if not index and is_sum(t):
            (family,) = t.args
            axis = self._axis(family.data[1][1])
            j, body = opened(family)
            return self.instance.run.ledger.total(axis, self._scalar(body, {j: axis}))
        if t.head == "app" and t.args[0].head == "sym" and t.args[1] in index:
            name = self._argument(t.args[0])
            (event,) = (a.event for a in self.program.arguments if a.name == name)
            if event == index[t.args[1]]:
                return self.instance.entry[name]
        if t.head in ("tr", "scalar"):
            return trace(self._letters(), self._words(t.args[0])).term
        if t.head == "logdet" and t.args[0].head == "sym":
            letters = self._letters()
            entry = letters.diagonals[factor_name(self._argument(t.args[0]))]
            return letters.ledger.total(letters.axis, mul(2, log(entry)))
        if t.head in ("num", "pi"):
            return t
        if t.head in ("add", "mul", "pow", "exp", "log", "softplus"):
            return make(t.head, tuple(self._scalar(a, index) for a in t.args), t.data)
        raise LiftError(f"{self.program.name}: `{t}` of the theorem is no sum, no map and no word")

    def _letters(self) -> Letters:
        if self.instance.run.letters is None:
            raise LiftError(f"{self.program.name}: the theorem has matrices, the program has none")
        return self.instance.run.letters

    def _words(self, t: Term) -> Words:
        """A matrix."""
        if t.head == "sym" and t.sort[0] == "spd":
            factor = Letter(factor_name(self._argument(t)), True)
            return {(factor, factor._replace(transposed=True)): Fraction(1)}
        if t.head == "sym":
            return {(Letter(self._argument(t), False),): Fraction(1)}
        if t.head == "add":
            return combined(*(wc for a in t.args for wc in self._words(a).items()))
        if t.head == "matmul":
            product: Words = {(): Fraction(1)}
            for a in t.args:
                right = self._words(a).items()
                product = combined(*((v + w, c * d) for v, c in product.items() for w, d in right))
            return product
        if t.head == "scale" and canon(t.args[0]).head == "num":
            factor_ = Fraction(*canon(t.args[0]).data)
            return combined(*((w, c * factor_) for w, c in self._words(t.args[1]).items()))
        if t.head == "T":
            return combined(*((flipped(w), c) for w, c in self._words(t.args[0]).items()))
        if t.head == "inv" and t.args[0].head == "sym":
            ((w, _),) = self._words(t.args[0]).items()
            return {inverted(w): Fraction(1)}
        raise LiftError(f"{self.program.name}: `{t}` of the theorem is no word")

    def apart(self) -> tuple[Term, dict[str, Term]]:
        """The value as a constant and the summand of each axis."""
        return self.instance.run.ledger.taken_apart(self.value)

    def slope(self, argument: Argument) -> Term:
        """The derivative by an entry of an argument without matrices, as it is at that entry."""
        entry = self.instance.entry[argument.name]
        constant, bodies = self.apart()
        if argument.event:
            if entry in constant.free:
                raise LiftError(f"{self.program.name}: {argument.name} occurs outside its sums")
            constant = bodies.get(argument.event, zero)
        return self.at(_derivative(constant, entry))

    def at(self, t: Term) -> Term:
        """A number in the case of the instance, in exp and log alone."""
        return unfolded(substitute(t, self.instance.case))

    def matrix_slope(self, argument: Argument) -> tuple[Words, Term]:
        """The derivative by a column or a triangular factor: words, and what is added on the diagonal."""
        letters = self._letters()
        square = len(argument.event) == 2
        name = factor_name(argument.name) if square else argument.name
        constant, bodies = self.apart()
        traces = coefficients(constant, letters.traces)
        words = combined(
            *((w, c * k) for v, k in traces.items() for w, c in letters.gradient(v, name).items())
        )
        if not square:
            return words, zero
        body = bodies.get(letters.axis, zero)
        if body.free & letters.inner.keys():
            raise LiftError(f"{self.program.name}: the theorem sums the diagonal of a word")
        return words, _derivative(body, letters.diagonals[name])


def coefficients(t: Term, known: dict[Term, Word]) -> dict[Word, Fraction]:
    """The rational coefficients of symbols that stand for words, in what is linear in them."""
    none = dict.fromkeys(known, zero)
    start = canon(substitute(t, none))
    found: dict[Word, Fraction] = {}
    rebuilt = [start]
    for s, w in known.items():
        if s in t.free:
            c = canon(add(substitute(t, {**none, s: one}), mul(-1, start)))
            if c.head != "num":
                raise LiftError(f"a trace is multiplied by {c}")
            found[w] = Fraction(*c.data)
            rebuilt.append(mul(c, s))
    if canon(add(t, mul(-1, add(*rebuilt)))) != zero:
        raise LiftError(f"not linear in its traces: {t}")
    return found


def _derivative(value: Term, by: Term) -> Term:
    if by not in value.free:
        return zero
    x = fresh("x", REAL, value.free)  # a derivative is taken by a real number, also at a positive one
    return differentiate(term=make("diff", (close(x, substitute(value, {by: x})), by))).rhs
