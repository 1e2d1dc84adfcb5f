"""Calc-blocks: how a derivation is written, line by line, as in the notes it comes from.

    d.start(KL(p, q))
    d.to(E(p, lambda x: log(pdf(p, x)) - log(pdf(q, x))), definition, "KL is the expected log-ratio")
    ...
    d.qed("main")

Each line is checked when it is written. A line that its reason does not justify raises
:class:`Refused`, which knows the two lines and what is left between them.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from vaemath.core import rules
from vaemath.core.terms import NAT, POINT, POSITIVE, REAL, Sort, Term
from vaemath.core.theorem import ProofError, Theorem
from vaemath.proof import tactics
from vaemath.proof.discharge import Prover, by_theorem, discharge
from vaemath.proof.tactics import Tactic
from vaemath.terms.build import one, symbol, symbols, term

Reason = Any  # a Tactic, a Theorem, or a sequence of them: see `attempts`


class Refused(ProofError):
    """A line that does not follow from the one before it."""

    def __init__(self, number: int, before: Term, after: Term, reason: str, why: str, place: str) -> None:
        self.number, self.before, self.after, self.reason, self.why, self.place = (
            number,
            before,
            after,
            reason,
            why,
            place,
        )
        super().__init__(f'{place}line {number} does not follow from line {number - 1} by "{reason}": {why}')


@dataclass(frozen=True)
class Line:
    """One line of a calc-block: the theorem ``previous line R this line`` and the words beside it."""

    step: Theorem
    reason: str


@dataclass(frozen=True)
class Block:
    """A finished calc-block: its lines, and the theorem from the first line to the last."""

    name: str
    title: str
    lines: tuple[Line, ...]
    theorem: Theorem


@dataclass
class Derivation:
    """What a derivation script writes into."""

    id: str
    title: str
    sources: tuple[str, ...] = ()
    blocks: list[Block] = field(default_factory=list)
    _lines: list[Line] = field(default_factory=list)
    _total: Theorem | None = None
    _first: Term | None = None

    # symbols
    def reals(self, names: str) -> tuple[Term, ...]:
        """Real symbols."""
        return symbols(names, REAL)

    def positives(self, names: str) -> tuple[Term, ...]:
        """Symbols for real numbers > 0."""
        return symbols(names, POSITIVE)

    def dimension(self, name: str) -> Term:
        """A symbol for an integer >= 1."""
        return symbol(name, NAT)

    def families(self, names: str) -> tuple[Term, ...]:
        """Real numbers indexed by a coordinate: mu[j]."""
        return symbols(names, ("fun", NAT, REAL))

    def positive_families(self, names: str) -> tuple[Term, ...]:
        """Positive numbers indexed by a coordinate: sigma[j]."""
        return symbols(names, ("fun", NAT, POSITIVE))

    def vectors(self, names: str, n: Term) -> tuple[Term, ...]:
        """Column vectors of n entries."""
        return symbols(names, ("mat", n, one))

    def matrices(self, names: str, n: Term) -> tuple[Term, ...]:
        """Square matrices."""
        return symbols(names, ("mat", n, n))

    def covariances(self, names: str, n: Term) -> tuple[Term, ...]:
        """Symmetric positive definite matrices."""
        return symbols(names, ("spd", n))

    def points(self, names: str) -> tuple[Term, ...]:
        """Points of an abstract space."""
        return symbols(names, POINT)

    def densities(self, names: str, over: Sort = POINT) -> tuple[Term, ...]:
        """Densities over a space; that they integrate to one is a hypothesis where it is used."""
        return symbols(names, ("dist", over))

    def conditionals(self, names: str, over: Sort = POINT, given: Sort = POINT) -> tuple[Term, ...]:
        """Densities over a space that depend on a point: q(x) is one density for each x."""
        return symbols(names, ("fun", given, ("dist", over)))

    def functions(self, names: str, of: Sort = REAL, to: Sort = REAL) -> tuple[Term, ...]:
        """Abstract functions."""
        return symbols(names, ("fun", of, to))

    # lines
    def start(self, first: Any) -> None:
        """The first line."""
        self._first, self._total, self._lines = term(first), None, []

    def to(self, line: Any, by: Reason, reason: str) -> None:
        """The next line, equal to the one before it for a reason.

        Raises:
            Refused: the reason does not justify it.
        """
        before, after = self.last, term(line)
        try:
            step = tactics.justify(before, after, attempts(by))
        except ProofError as e:
            raise Refused(len(self._lines) + 2, before, after, reason, str(e), _place()) from None
        self._append(step, reason)

    def at_most(self, line: Any, by: Theorem, reason: str) -> None:
        """The next line, at least as large as the one before it, by an inequality already proved."""
        before, after = self.last, term(line)
        try:
            left, right = attempts(tactics.reflexive)[0](before), by
            step = tactics.chain(
                tactics.chain(_bridge(before, right.lhs, left), right), _bridge(right.rhs, after, left)
            )
        except ProofError as e:
            raise Refused(len(self._lines) + 2, before, after, reason, str(e), _place()) from None
        self._append(step, reason)

    @property
    def last(self) -> Term:
        """The line written last."""
        if self._first is None:
            raise ProofError(f"{self.id}: `start` comes before the first line")
        return self._total.rhs if self._total is not None else self._first

    def _append(self, step: Theorem, reason: str) -> None:
        self._lines.append(Line(step, reason))
        self._total = step if self._total is None else rules.transitivity(self._total, step)

    def qed(self, name: str = "main", title: str = "", using: Sequence[Theorem | Prover] = ()) -> Theorem:
        """Close the block: the first line equals (or is at most) the last.

        `using` are theorems that discharge hypotheses; integrability of polynomials under normal
        densities needs none.
        """
        if self._total is None:
            raise ProofError(f"{self.id}: `qed` without a line")
        return self.record(name, self._total, tuple(self._lines), title=title, using=using)

    def record(
        self,
        name: str,
        theorem: Theorem,
        lines: tuple[Line, ...] = (),
        *,
        title: str = "",
        reason: str = "",
        using: Sequence[Theorem | Prover] = (),
    ) -> Theorem:
        """Publish a theorem of this derivation under a name; without lines it is one line with a reason."""
        if any(b.name == name for b in self.blocks):
            raise ProofError(f"{self.id}: the name `{name}` is taken")
        provers = [by_theorem(u) if isinstance(u, Theorem) else u for u in using]
        theorem = discharge(theorem, *provers)
        shown = tuple(Line(discharge(x.step, *provers, known=theorem.hypotheses), x.reason) for x in lines)
        self.blocks.append(Block(name, title, shown or (Line(theorem, reason),), theorem))
        self._first, self._total, self._lines = None, None, []
        return theorem


def _bridge(a: Term, b: Term, nothing: Theorem) -> Theorem:
    return nothing if a == b and nothing.lhs == a else rules.algebra(left=a, right=b)


def _place() -> str:
    """The file and line of the script that is writing, for messages."""
    for frame in inspect.stack()[2:]:
        if "/vaemath/proof/" not in frame.filename.replace("\\", "/"):
            return f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}: "
    return ""


def attempts(by: Reason) -> tuple[Tactic, ...]:
    """The tactics that a reason stands for, the plainest first."""
    if isinstance(by, Theorem):
        return (tactics.rewriting(by), tactics.then(tactics.linear_expanded, tactics.rewriting(by)))
    if isinstance(by, list | tuple):
        parts = [_single(b) for b in by]
        plain = tactics.then(*parts)
        return (plain, tactics.then(tactics.expanded, plain))
    return (
        (_single(by), tactics.then(_single(by), tactics.linear_expanded)) if by in LINEAR else (_single(by),)
    )


def _single(by: Any) -> Tactic:
    return tactics.rewriting(by) if isinstance(by, Theorem) else by


# The reasons that a script may give, as words.
algebra: Tactic = tactics.reflexive
definition: Tactic = tactics.unfolding("KL", "CE", "H")
log_density: Tactic = tactics.unfolding("pdf")
as_integral: Tactic = tactics.unfolding("E", "pdf")
functions: Tactic = tactics.unfolding("expm1", "log1p", "expm1_minus", "log1p_minus", "sigmoid", "softplus")
linearity: Tactic = tactics.linear
linear_sums: Tactic = tactics.linear_sums
multiplied_out: Tactic = tactics.linear_expanded
independence: Tactic = tactics.rule_everywhere(rules.independence, ("E",))
integration: Tactic = tactics.then(
    tactics.unfolding("pdf"), tactics.rule_everywhere(rules.integrate, ("int", "intab"))
)
whitening: Tactic = tactics.rule_everywhere(rules.whitening, ("E",))


def uncorrelated(mean: Theorem) -> Tactic:
    """Independence, with a proof that a coordinate's mean is zero."""

    def local(t: Term) -> Theorem | None:
        return rules.independence(mean, term=t) if t.head == "E" else None

    return tactics.everywhere(local)


differentiation: Tactic = tactics.rule_everywhere(rules.differentiate, ("diff",))
leibniz: Tactic = tactics.rule_everywhere(rules.leibniz, ("diff",))
LINEAR = (linearity,)
