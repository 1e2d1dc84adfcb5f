"""Getting rid of hypotheses that are theorems. Nothing here is trusted: each goes by the rule `cut`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from vaemath.core import rules
from vaemath.core.heads import explicit, one, unfold
from vaemath.core.normal import canon, poly, to_term
from vaemath.core.rules.expectation import converging
from vaemath.core.terms import REAL, Term, TermError, close, is_real, opened, rebuild
from vaemath.core.theorem import ProofError, Theorem
from vaemath.proof.tactics import expanded, justify, matched, places, then, unfolding
from vaemath.terms.build import is_sum

Prover = Callable[[Term], Theorem | None]


def by_rules(goal: Term) -> Theorem | None:
    """Convergence that the form of the integrand shows, and finite sums that algebra decides."""
    if goal.head == "integrable":
        return rules.integrable(statement=goal)
    if goal.head == "eq" and is_sum(goal.args[0]):
        return justify(goal.args[0], goal.args[1], (then(unfolding("pdf"), expanded),))
    return None


def from_known(known: Iterable[Term | Theorem]) -> Prover:
    """What follows from hypotheses that stand beside, or theorems: instances, and linear combinations."""
    sources = [_source(h) for h in sorted(known, key=str)]
    readings = [(s, read(s.lam)) for s in sources if s.lam is not None for read in (_by_formulas, _in_full)]

    def find(lam: Term, goal: Term) -> Theorem | None:
        for s, pattern in readings:
            values = matched(pattern, lam, frozenset(s.holes))
            if values is not None and s.origin != goal:
                return s.at(values)
        return None

    def prove(goal: Term) -> Theorem | None:
        for s in sources:
            values = matched(s.claim, goal, frozenset(s.holes)) if s.holes else None
            if values is not None:
                return s.at(values)
        if goal.head != "integrable" or not is_real(goal.args[-1].args[0]):
            return None
        x, body = opened(goal.args[-1])
        for read in (_by_formulas, _in_full):
            whole = find(read(goal.args[-1]), goal)
            if whole is not None:
                return rules.integrable(whole, statement=goal, factors=(one,))
        body = formulas(body)
        parts: list[Theorem] = []
        factors: list[Term] = []
        for mono, c in poly(body).items():
            inner = {tuple(ae for ae in mono if x in ae[0].free): Fraction(1)}
            part = find(canon(close(x, to_term(inner))), goal)
            if part is None:
                return None
            parts.append(part)
            factors.append(to_term({tuple(ae for ae in mono if x not in ae[0].free): c}))
        return rules.integrable(*parts, statement=goal, factors=tuple(factors))

    return prove


def _by_formulas(lam: Term) -> Term:
    return canon(formulas(lam)) if lam.sort[2] == REAL else lam


def _in_full(lam: Term) -> Term:
    return canon(explicit(lam)) if lam.sort[2] == REAL else lam


def formulas(t: Term) -> Term:
    """The term with the heights of densities that are given by formulas written out."""
    t = rebuild(t, tuple(map(formulas, t.args)))
    return formulas(unfold(t)) if t.head == "pdf" and t.args[0].head in ("density", "categorical") else t


@dataclass(frozen=True)
class _Source:
    """A hypothesis or theorem, what it claims for all values of `holes`, and the integral that it says
    converges.
    """

    origin: Term | Theorem
    holes: tuple[Term, ...]
    claim: Term
    lam: Term | None

    def at(self, values: Mapping[Term, Term]) -> Theorem:
        if isinstance(self.origin, Theorem):
            return _instance(self.origin, values)
        theorem = rules.assume(statement=self.origin)
        for x in self.holes:
            theorem = rules.specialise(theorem, value=values.get(x, x))
        return theorem


def _source(origin: Term | Theorem) -> _Source:
    if isinstance(origin, Theorem):
        claim, holes = origin.statement, list(_general(origin))
    else:
        claim, holes = origin, []
        while claim.head == "forall":
            x, claim = opened(claim.args[0], origin, *holes)
            holes.append(x)
    try:
        lam = converging(claim).args[-1] if len(converging(claim).args) == 1 else None
    except ProofError:
        lam = None
    return _Source(origin, tuple(holes), claim, lam)


def _general(known: Theorem) -> frozenset[Term]:
    """The symbols for which a theorem may be instantiated: all but those that it defines."""
    return known.statement.free - {h.args[0] for h in known.hypotheses if h.head == "def"}


def discharge(theorem: Theorem, *provers: Prover, known: frozenset[Term] = frozenset()) -> Theorem:
    """The theorem without the hypotheses that can be proved, by themselves or from what is `known` beside
    them.
    """
    for _ in range(3):  # a proof that discharges may bring hypotheses of its own
        before = theorem.hypotheses
        for h in sorted(before, key=lambda h: (-len(str(h)), str(h))):  # what is longer goes first
            beside = (theorem.hypotheses | known) - {h}
            theorem = _without(theorem, h, [*provers, by_rules, from_known(beside)])
        if theorem.hypotheses == before:
            break
    return theorem


def by_theorem(known: Theorem) -> Prover:
    """An instance of a known theorem; of one that gives an integral a value, that it converges."""
    holes = _general(known)

    def prove(goal: Term) -> Theorem | None:
        found = matched(known.statement, goal, holes)
        if found is not None:
            return _instance(known, found)
        if goal.head == "integrable" and known.statement.head == "eq" and known.lhs.head == "int":
            found = matched(known.lhs.args[0], goal.args[-1], holes)
            return (
                None
                if found is None
                else rules.integrable(_instance(known, found), statement=goal, factors=(one,))
            )
        return None

    return prove


def rewritten(equation: Theorem, *known: Theorem) -> Prover:
    """What can be proved, from some theorems, once the right side of an equation stands for the left."""

    def prove(goal: Term) -> Theorem | None:
        changed, steps = goal, list[_Rewriting]()
        while (step := once(changed, equation)) is not None and len(steps) < MOST:
            steps.append(step)
            changed = step[2]
        proof = _plain(changed, known) if steps else None
        for instance, (path, names), _ in reversed(steps):
            proof = proof and rules.replace(rules.symmetry(instance), proof, path=path, names=names)
        return proof

    return prove


MOST = 20  # rewritings of one hypothesis


_Rewriting = tuple[Theorem, tuple[tuple[int, ...], tuple[Term, ...]], Term]


def once(goal: Term, equation: Theorem) -> _Rewriting | None:
    """The first instance of the left side in a statement, where it stands, and the statement with the right
    side.
    """
    holes = _general(equation)
    for path, names, t in places(goal):
        found = matched(equation.lhs, t, holes)
        if found is not None:
            instance = _instance(equation, found)
            assumed = rules.assume(statement=goal)
            return instance, (path, names), rules.replace(instance, assumed, path=path, names=names).statement
    return None


def _plain(goal: Term, known: Sequence[Theorem]) -> Theorem | None:
    """A statement that its form shows, or that follows from some theorems."""
    assumed = rules.assume(statement=goal)
    if goal not in assumed.hypotheses:
        return assumed
    for prove in (from_known(known), by_rules):
        try:
            return prove(goal)
        except (ProofError, TermError):
            continue
    return None


def _instance(known: Theorem, values: Mapping[Term, Term]) -> Theorem:
    mapping = {s: v for s, v in values.items() if s != v}
    return rules.instantiate(known, mapping=mapping) if mapping else known


def _without(theorem: Theorem, h: Term, provers: Sequence[Prover]) -> Theorem:
    """The theorem without a hypothesis that a prover proves; "for all" is proved for a symbol."""
    goal, names = h, list[Term]()
    while goal.head == "forall":
        x, body = opened(goal.args[0], theorem.statement, h, *names)
        names.append(x)
        goal = body
    for prove in provers:
        try:
            proof = prove(goal)
            if proof is not None and proof.statement == goal and h not in proof.hypotheses:
                return rules.cut(theorem, proof, names=tuple(names))
        except (ProofError, TermError):
            continue
    return theorem
