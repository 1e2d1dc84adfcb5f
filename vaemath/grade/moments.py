"""Tactics about means: expectations folded into divergences, second moments, integrals as means."""

from __future__ import annotations

from vaemath.core import rules
from vaemath.core.normal import canon
from vaemath.core.terms import Term, TermError, close, fresh, make, open_with
from vaemath.core.theorem import ProofError, Theorem
from vaemath.library import theorem
from vaemath.proof import tactics
from vaemath.proof.tactics import Tactic
from vaemath.terms.build import one


def others(t: Term) -> list[Term]:
    """The densities that stand in an expectation beside its own."""
    found: dict[Term, None] = {}

    def visit(s: Term) -> None:
        if s.head == "pdf" and s.args[0].level == 0 and s.args[0] != t.args[0]:
            found.setdefault(s.args[0])
        for a in s.args:
            visit(a)

    visit(t.args[1])
    return [p for p in found if p.sort == t.args[0].sort][:3]


def folded(t: Term) -> Theorem:
    """E_q[log q - log p] is KL(q, p), wherever it stands."""

    def local(s: Term) -> Theorem | None:
        if s.head != "E" or s.level:
            return None
        for p in others(s):
            known = rules.definition(term=make("KL", (s.args[0], p)))
            try:
                return rules.transitivity(rules.algebra(left=s, right=known.rhs), rules.symmetry(known))
            except (ProofError, TermError):
                continue
        return None

    return tactics.everywhere(local)(t)


def as_expectations(t: Term) -> Theorem:
    """The integral of q(x) f(x) is E_q[f(x)], for a normal q."""

    def local(s: Term) -> Theorem | None:
        if s.head != "int":
            return None
        body = s.args[0].args[0]
        factors = body.args if body.head == "mul" else (body,)
        for k, f in enumerate(factors):
            at_variable = f.head == "pdf" and f.args[0].level == 0 and f.args[1].head == "bv"
            if at_variable and f.args[0].head in ("normal", "mvn"):
                rest = factors[:k] + factors[k + 1 :]
                inner = rest[0] if len(rest) == 1 else make("mul", rest) if rest else one
                known = rules.definition(term=make("E", (f.args[0], make("lam", (inner,), s.args[0].data))))
                return rules.transitivity(rules.algebra(left=s, right=known.rhs), rules.symmetry(known))
        return None

    return tactics.everywhere(local)(t)


def second_moments(linear: Tactic, first: Tactic) -> Tactic:
    """E[x x'] = S + m m' under N(m, S), wherever it stands; `first` knows E[1] = 1 and E[x] = m."""

    def moment(s: Term) -> Theorem | None:
        if s.head != "E" or s.args[0].head != "mvn" or s.level:
            return None
        q, f = s.args
        x = fresh("x", q.sort[1], s.free)
        if canon(open_with(f, x)) != canon(make("matmul", (x, x.T))):
            return None
        mean, covariance = q.args
        away = make("add", (x, make("scale", (make("num", (), (-1, 1)), mean))))
        known = _covariance(make("E", (q, close(x, make("matmul", (away, away.T)), "x"))), covariance)
        taken_apart = tactics.then(linear, first)(known.lhs)
        left = rules.transitivity(rules.symmetry(taken_apart), known)
        whole = make("add", (left.lhs, make("matmul", (mean, mean.T))))
        step = rules.congruence(left, term=whole, path=(0,), names=())
        return rules.transitivity(rules.algebra(left=s, right=whole), step)

    return tactics.everywhere(moment)


def _covariance(e: Term, covariance: Term) -> Theorem:
    known = theorem("gaussian-quadratic", "covariance")
    n = covariance.sort[1]
    own = next(d for s in known.statement.free for d in s.sort[1:] if s.sort[0] == "spd")
    if own != n:
        known = rules.instantiate(known, mapping={own: n})
    return tactics.rewriting(known)(e)


def as_traces(t: Term) -> Theorem:
    """x' A x is tr(A x x') in expectations under a multivariate normal."""

    def local(s: Term) -> Theorem | None:
        if s.head != "E" or s.args[0].head != "mvn" or s.args[1].args[0].head != "scalar":
            return None
        q, f = s.args
        x = fresh("x", q.sort[1], s.free)
        (inner,) = open_with(f, x).args
        if inner.head != "matmul" or inner.args[0] != x.T or inner.args[-1] != x:
            return None
        word = (*inner.args[1:-1], x, x.T)
        moved = make("E", (q, close(x, make("tr", (make("matmul", word),)), "x")))
        return rules.algebra(left=s, right=moved)

    return tactics.everywhere(local)(t)
